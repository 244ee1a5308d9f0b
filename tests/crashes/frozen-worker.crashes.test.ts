import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TradeId, tradeWorkflowId } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { disagreements, ordersAtBroker } from '../support/trade-evidence.js';
import type { Trading } from '../support/trading.js';
import { type Lane, Lanes } from './lane.js';
import { liveThrough } from './lifecycle.js';

/** In the POST: after its intent was marked as sent, and before or after the broker took it. */
const moments = [
  'placeOrder entry: marked sent',
  'placeOrder entry: accepted',
  'placeOrder stop: marked sent',
  'placeOrder exit: marked sent',
];

describe('a worker that freezes in a send, and goes on when another has taken over, sends one order', () => {
  let lanes: Lanes;

  beforeAll(async () => {
    lanes = await Lanes.open(2);
  }, 180_000);
  afterAll(() => lanes.close());

  it.concurrent.each(moments)('%s', { timeout: 600_000 }, (point) => lanes.use((lane) => staysOne(lane, point)));
});

async function staysOne(lane: Lane, point: string): Promise<void> {
  const { trading } = lane;
  const input = trading.inputOf();
  const id = input.ticket.tradeId;
  const { victim, succeed } = await lane.arm({ tradeId: id, point, signal: 'SIGSTOP' });
  const life = liveThrough(trading, input);
  await victim.hit;
  await succeed();
  // The server goes on giving it work until its open requests for some have run out.
  await eventually(() => isLookedFor(trading, id), 'the order is looked for by the successor', 120_000);
  victim.signal('SIGCONT');
  await life;
  await victim.end();

  expect(await ordersAtBroker(trading, id)).toEqual([
    'entry 1 filled',
    'stop 1 cancelled',
    'stop 2 cancelled',
    'exit 1 filled',
  ]);
  expect(await disagreements(trading, id)).toEqual([]);
}

async function isLookedFor({ client }: Trading, id: TradeId): Promise<boolean> {
  const { events = [] } = await client.workflow.getHandle(tradeWorkflowId(id)).fetchHistory();
  const scheduled = events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
  return scheduled?.includes('resolveOrder') ?? false;
}
