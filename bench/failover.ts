/** How long trades are unwatched after the death of the process that watched them, and how long the last of them is. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { TradeId } from '../src/domain/ids.js';
import type { Servers } from './servers.js';
import { type BenchClient, openClient, type WorkOptions } from './trading.js';
import { inLanes, startTrades, startWorker } from './watched-trades.js';

const COUNTS = [200, 1_000];
/** A look costs six events: a run is on average half of what it may become when its trade has looked so often. */
const LOOKS_BEFORE = 8;
const INTERVAL_MS = 60_000;

export async function failover(servers: Servers): Promise<void> {
  for (const count of COUNTS) {
    const lean = await secondsUnwatched(servers, count, { monitorIntervalMs: INTERVAL_MS });
    const shipped = await secondsUnwatched(servers, count, { monitorIntervalMs: INTERVAL_MS, stackTraces: true });
    const figures = ({ half, all }: Unwatched) => `half ${half.toFixed(1)} s, all ${all.toFixed(1)} s`;
    process.stdout.write(
      `${count} trades are looked at again after the death of the only worker: ${figures(lean)}; in the SDK's own sandbox ${figures(shipped)}, ratio ${(lean.all / shipped.all).toFixed(2)}\n`,
    );
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
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const killedAt = new Date();
    worker = startWorker(servers, options);
    // Each has something to look at: the worst case, as after a jump of the market.
    await inLanes(ids, (id) => client.trades.hint(id, 'priceEvent'));
    const lookedAt = await untilLooked(client, ids, killedAt);
    await inLanes(ids, (id) => client.trades.close(id, {}));
    for (const id of ids) await client.client.workflow.result(`trade-${id}`);
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
