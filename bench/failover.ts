/** How long trades are unwatched after the death of the process that watched them, and how long the last of them is. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { DecimalString } from '../src/domain/decimal.js';
import type { TradeId } from '../src/domain/ids.js';
import type { Report } from './figures.js';
import type { Servers } from './servers.js';
import { FIRST_PRICE } from './set-market.js';
import { type BenchClient, openClient, type WorkOptions } from './trading.js';
import { inLanes, startTrades, startWorker } from './watched-trades.js';

const MANY = 1_000;
/** of them, whose target the price has reached when the next worker comes */
const REACHED = 20;
const REACHED_PRICE = FIRST_PRICE + 1;
const RUNS = [
  { count: 200, goalSeconds: 10 },
  { count: MANY, goalSeconds: 30 },
];
/** A look costs six events: a run is on average half of what it may become when its trade has looked so often. */
const LOOKS_BEFORE = 8;
const INTERVAL_MS = 60_000;

export async function failover(servers: Servers, report: Report): Promise<void> {
  const reached = await secondsToTheReached(servers, { monitorIntervalMs: INTERVAL_MS });
  report({
    ...{ name: `${MANY} trades, from the death of the only worker to the last closing order of ${REACHED}`, unit: 's' },
    ...{ value: Math.max(...reached), goal: { atMost: 3 } },
  });
  for (const { count, goalSeconds } of RUNS) {
    const lean = await secondsUnwatched(servers, count, { monitorIntervalMs: INTERVAL_MS });
    const shipped = await secondsUnwatched(servers, count, { monitorIntervalMs: INTERVAL_MS, stackTraces: true });
    const reference = (value: number) => ({ name: "in the SDK's own sandbox", value });
    const name = `${count} trades, until looked at after the death of the only worker`;
    report({ name: `${name}: half of them`, unit: 's', value: lean.half, reference: reference(shipped.half) });
    report({
      ...{ name: `${name}: all`, unit: 's', value: lean.all, goal: { atMost: goalSeconds } },
      reference: reference(shipped.all),
    });
  }
}

/** The market is at another price when the next worker comes, and a few targets are reached. */
async function secondsToTheReached(servers: Servers, options: WorkOptions): Promise<number[]> {
  const client = await openClient(servers);
  let worker = startWorker(servers, options);
  try {
    const target = (index: number) => `${index < REACHED ? REACHED_PRICE : FIRST_PRICE * 10}` as DecimalString;
    const ids = await startTrades(client, MANY, (index) => ({ takeProfit: { price: target(index) } }));
    for (let look = 0; look < LOOKS_BEFORE; look++) await inLanes(ids, (id) => client.trades.lookNow(id).then());
    const killedAt = await end(worker);
    worker = startWorker(servers, { ...options, price: REACHED_PRICE });
    const placedAt = await untilPlaced(client, ids.slice(0, REACHED));
    await closeAll(client, ids.slice(REACHED));
    return placedAt.map((at) => (at.getTime() - killedAt.getTime()) / 1_000);
  } finally {
    worker.kill('SIGTERM');
    await client.close();
  }
}

/** When the broker took their closing orders. */
async function untilPlaced({ database }: BenchClient, ids: readonly TradeId[]): Promise<Date[]> {
  for (;;) {
    const { rows } = await database.pool.query<{ placedAt: Date }>(
      `SELECT p.placed_at AS "placedAt" FROM orders o JOIN paper_orders p USING (client_order_id)
       WHERE o.leg = 'exit' AND o.trade_id = ANY($1)`,
      [ids],
    );
    if (rows.length === ids.length) return rows.map(({ placedAt }) => placedAt);
    await pause(100);
  }
}

interface Unwatched {
  half: number;
  all: number;
}

async function secondsUnwatched(servers: Servers, count: number, options: WorkOptions): Promise<Unwatched> {
  const client = await openClient(servers);
  let worker = startWorker(servers, options);
  try {
    const ids = await startTrades(client, count);
    for (let look = 0; look < LOOKS_BEFORE; look++) await inLanes(ids, (id) => client.trades.lookNow(id).then());
    const killedAt = await end(worker);
    worker = startWorker(servers, options);
    // Each has something to look at: the worst case, as after a jump of the market.
    await inLanes(ids, (id) => client.trades.hint(id, 'priceEvent'));
    const lookedAt = await untilLooked(client, ids, killedAt);
    await closeAll(client, ids);
    const seconds = lookedAt.map((at) => (at.getTime() - killedAt.getTime()) / 1_000).sort((one, other) => one - other);
    return { half: seconds[Math.floor(count / 2)] ?? 0, all: seconds.at(-1) ?? 0 };
  } finally {
    worker.kill('SIGTERM');
    await client.close();
  }
}

async function untilLooked({ database }: BenchClient, ids: readonly TradeId[], since: Date): Promise<Date[]> {
  for (;;) {
    const where = { id: { in: [...ids] }, lookedAt: { gt: since } };
    const looked = await database.prisma.trade.findMany({ where, select: { lookedAt: true } });
    if (looked.length === ids.length) return looked.map(({ lookedAt }) => lookedAt ?? since);
    await pause(100);
  }
}

async function end(worker: ChildProcess): Promise<Date> {
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  return new Date();
}

async function closeAll(client: BenchClient, ids: readonly TradeId[]): Promise<void> {
  await inLanes(ids, (id) => client.trades.close(id, {}));
  for (const id of ids) await client.client.workflow.result(`trade-${id}`);
}
