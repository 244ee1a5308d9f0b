import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecimalString } from '../../src/domain/decimal.js';
import { type TradeId, tradeWorkflowId } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { disagreements, ordersAtBroker, workingOrders } from '../support/trade-evidence.js';
import type { Trading } from '../support/trading.js';
import { CHEAPER, type Lane, Lanes } from './lane.js';
import { accept } from './lifecycle.js';

/** The record knows nothing of the change yet: the new order is in its intent alone. */
const moments = [
  { point: 'placeOrder entry 2: intent committed', evidence: 'adopted' },
  { point: 'placeOrder entry 2: marked sent', evidence: 'order_resolved' },
];

describe('a trade terminated while its dying worker replaces the entry is adopted, and has one entry', () => {
  let lanes: Lanes;

  beforeAll(async () => {
    lanes = await Lanes.open(moments.length, { guardianPauseMs: 1_000 });
  }, 180_000);
  afterAll(() => lanes.close());

  it.concurrent.each(moments)('$point', { timeout: 180_000 }, ({ point, evidence }) =>
    lanes.use((lane) => isAdopted(lane, point, evidence)),
  );
});

async function isAdopted(lane: Lane, point: string, evidence: string): Promise<void> {
  const { trading } = lane;
  const { trades, until } = trading;
  const input = trading.inputOf({ orderType: 'limit', limitPrice: '149', stopLoss: { price: '140' } });
  const id = input.ticket.tradeId;
  await accept(trading, input);
  await until({ id }, ({ status }) => status === 'submitted', 60_000);
  const { victim, succeed } = await lane.arm({ tradeId: id, point, signal: 'SIGKILL' });
  const asked = trades.replaceOrder(id, { limitPrice: '148' as DecimalString }).catch(() => 'nobody answered');
  await victim.ended;
  await trading.client.workflow.getHandle(tradeWorkflowId(id)).terminate('a test pressed Terminate');
  await succeed();

  await eventually(() => isInJournal(trading, id, evidence), evidence, 90_000);
  expect(await trades.lookNow(id)).toMatchObject({ status: 'submitted', remainingQuantity: '10' });
  expect(await workingOrders(trading)).toHaveLength(1);
  await trading.goTo(CHEAPER);
  await trades.lookNow(id);
  await trades.close(id, {});
  await until({ id }, ({ status }) => status === 'closed', 30_000);
  expect(await ordersAtBroker(trading, id)).toEqual([
    'entry 1 cancelled',
    'entry 2 filled',
    'stop 1 cancelled',
    'exit 1 filled',
  ]);
  expect(await disagreements(trading, id)).toEqual([]);
  expect(await asked).toBe('nobody answered');
}

async function isInJournal({ database }: Trading, tradeId: TradeId, kind: string): Promise<boolean> {
  return (await database.prisma.tradeEvent.count({ where: { tradeId, kind } })) > 0;
}
