/** How soon a price that reaches a trade's target has its closing order at the broker, while many others are watched. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { DecimalString } from '../src/domain/decimal.js';
import type { TradeId } from '../src/domain/ids.js';
import { percentile } from '../tests/support/percentile.js';
import { EMPTY_QUEUE, startEmptyWorker } from './empty-worker.js';
import type { Report } from './figures.js';
import type { Servers } from './servers.js';
import { FIRST_PRICE } from './set-market.js';
import { type BenchTrading, openTrading } from './trading.js';
import { inLanes, startTrades } from './watched-trades.js';

const WATCHED = 1_000;
const REACTIONS = 100;
const PAUSE_MS = 500;
const OUT_OF_REACH = FIRST_PRICE * 10;

export async function reaction(servers: Servers, report: Report): Promise<void> {
  const empty = await startEmptyWorker(servers.temporalAddress);
  const trading = await openTrading(servers, { monitorIntervalMs: 60_000 });
  try {
    // One price after the other reaches one trade after the other; all others are out of reach.
    const target = (index: number) => (index < REACTIONS ? FIRST_PRICE + 1 + index : OUT_OF_REACH);
    const ids = await startTrades(trading, WATCHED, (index) => ({
      takeProfit: { price: `${target(index)}` as DecimalString },
    }));
    const reached = ids.slice(0, REACTIONS);
    const ours = await reactions(trading, reached, target);
    const bare = await bareReactions(trading);
    for (const [name, part] of [
      ['half of them', 0.5],
      ['99 of 100', 0.99],
    ] as const) {
      report({
        ...{ name: `price to closing order at the broker, ${WATCHED} trades: ${name}`, unit: 'ms' },
        value: percentile(ours, part),
        ...(part > 0.5 && { goal: { atMost: 500 } }),
        reference: { name: 'bare workflow, signal to activity', value: percentile(bare, part) },
      });
    }
    await inLanes(ids.slice(REACTIONS), (id) => trading.trades.close(id, {}));
    for (const id of ids) await trading.client.workflow.result(`trade-${id}`);
  } finally {
    await empty.stop();
    await trading.close();
  }
}

/** Milliseconds from each price to the arrival of the order that it caused. */
async function reactions(
  { setMarket, database }: BenchTrading,
  ids: readonly TradeId[],
  target: (index: number) => number,
) {
  const reachedAt = new Map<string, number>();
  for (const [index, id] of ids.entries()) {
    reachedAt.set(id, setMarket.set(target(index)));
    await pause(PAUSE_MS);
  }
  await pause(10 * PAUSE_MS);
  const { rows } = await database.pool.query<{ id: string; placedAt: Date }>(
    `SELECT o.trade_id AS id, p.placed_at AS "placedAt" FROM orders o JOIN paper_orders p USING (client_order_id)
     WHERE o.leg = 'exit' AND o.trade_id = ANY($1)`,
    [ids],
  );
  if (rows.length !== ids.length) throw new Error(`${rows.length} of ${ids.length} trades have closed`);
  return rows.map(({ id, placedAt }) => placedAt.getTime() - (reachedAt.get(id) ?? Number.NaN));
}

async function bareReactions({ client: { connection } }: BenchTrading): Promise<number[]> {
  const client = new Client({ connection });
  const took: number[] = [];
  for (let count = 0; count < REACTIONS; count++) {
    const handle = await client.workflow.start('reacting', { taskQueue: EMPTY_QUEUE, workflowId: randomUUID() });
    await pause(PAUSE_MS / 5);
    const began = performance.now();
    await handle.signal('wake');
    await handle.result();
    took.push(performance.now() - began);
  }
  return took;
}
