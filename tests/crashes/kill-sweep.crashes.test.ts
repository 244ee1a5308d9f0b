import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tradeWorkflowId } from '../../src/domain/ids.js';
import { coverGaps, disagreements, ordersAtBroker } from '../support/trade-evidence.js';
import { type Lane, Lanes } from './lane.js';
import { liveThrough } from './lifecycle.js';

/** Every boundary of every step of the life in `lifecycle.ts`. */
const points = [
  ...boundaries('admitTrade', 'begins', 'reserved', 'ends', 'completed'),
  ...sending('placeOrder entry'),
  ...sending('placeOrder stop'),
  ...boundaries('lookAtMarket', 'begins', 'accepted', 'ends', 'completed'),
  ...boundaries('recordTrade open', 'begins', 'ends', 'completed'),
  ...cancelling('cancelOrder stop'),
  ...sending('placeOrder stop 2'),
  ...cancelling('cancelOrder stop 2'),
  ...sending('placeOrder exit'),
  ...boundaries('recordTrade closed', 'begins', 'ends', 'completed'),
];

function boundaries(step: string, ...names: string[]): string[] {
  return names.map((name) => `${step}: ${name}`);
}

function cancelling(step: string): string[] {
  return boundaries(step, 'begins', 'accepted', 'recorded', 'ends', 'completed');
}

function sending(step: string): string[] {
  return boundaries(step, 'begins', 'intent committed', 'marked sent', 'accepted', 'recorded', 'ends', 'completed');
}

/**
 * What is over within the 10 s that a share may be without a stop, and what an order costs that was marked as sent and
 * never reached the broker (15 s until its absence is believed): each with 5 s for a machine that does other things too.
 */
const BOUND_MS = 15_000;
const LOST_ORDER_MS = 35_000;

describe('a trade ends right with its worker killed at', () => {
  let lanes: Lanes;

  beforeAll(async () => {
    lanes = await Lanes.open(3);
  }, 180_000);
  afterAll(() => lanes.close());

  it.concurrent.each(points)('%s', { timeout: 600_000 }, (point) => lanes.use((lane) => survives(lane, point)));
});

async function survives(lane: Lane, point: string): Promise<void> {
  const { trading } = lane;
  const input = trading.inputOf();
  const id = input.ticket.tradeId;
  const { victim, succeed } = await lane.arm({ tradeId: id, point, signal: 'SIGKILL' });
  const succession = victim.ended.then(succeed);
  await liveThrough(trading, input);
  await succession;
  const result = await trading.client.workflow.getHandle(tradeWorkflowId(id)).result();

  expect(await victim.ended).toBe('SIGKILL');
  expect(result).toMatchObject({ status: 'closed', filledQuantity: '10', openQuantity: '0', exitReason: 'manual' });
  expect(await ordersAtBroker(trading, id)).toEqual([
    'entry 1 filled',
    'stop 1 cancelled',
    'stop 2 cancelled',
    'exit 1 filled',
  ]);
  expect(await disagreements(trading, id)).toEqual([]);
  const bound = point.endsWith('marked sent') ? LOST_ORDER_MS : BOUND_MS;
  const gaps = await coverGaps(trading, id);
  expect(gaps.filter(({ ms }) => ms > bound)).toEqual([]);
}
