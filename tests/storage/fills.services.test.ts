/** Cumulative fills of a broker, kept in the real database by several reporters at once. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Decimal, decimal, decimalString } from '../../src/domain/decimal.js';
import { clientOrderId, type TradeId, type UserId } from '../../src/domain/ids.js';
import type { BrokerOrder, Execution, OrderStatus } from '../../src/domain/order.js';
import type { Holding } from '../../src/domain/trade/holding.js';
import { orderFacts, prepareIntent, recordBrokerOrder, type StoredOrder } from '../../src/storage/orders.js';
import { ensureTradeRow } from '../../src/storage/trade-records.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { orderRequest } from '../support/orders.js';
import { tradeRequest } from '../support/trading.js';

let database: TestDatabase;
let order: StoredOrder;
let tradeId: TradeId;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const { prisma } = database;
  const userId = randomUUID() as UserId;
  tradeId = randomUUID() as TradeId;
  await prisma.user.create({ data: { id: userId, email: `${userId}@example.test`, passwordHash: 'none' } });
  const ticket = { tradeId, userId, scope: 'trade', inputHash: '', issuedAt: 0, expiresAt: 0, signature: '' } as const;
  await ensureTradeRow(prisma, { trade: tradeRequest({ account: userId }), ticket });
  const request = orderRequest({ quantity: '40', clientOrderId: clientOrderId(tradeId, 'entry', 1) });
  const holding: Holding = { side: 'buy', splits: [], external: [], absent: [] };
  const decision = { tradeId, broker: 'etrade', account: userId, leg: 'entry', generation: 1, request } as const;
  order = await prepareIntent(prisma, { ...decision, holding });
});

/** What the broker says when so much is filled, at that average. */
function report(filled: string, average: string, status: OrderStatus = 'partially_filled'): BrokerOrder {
  const quantity = decimalString(filled);
  const [price, fee] = [decimalString(average), decimalString('0')];
  const total: Execution = { executionId: `527-${filled}`, quantity, price, fee, at: 1_772_548_265_120 };
  return {
    ...{ orderId: '527', symbol: 'AAPL', side: 'buy', type: 'limit', timeInForce: 'day', placedAt: 1_772_548_263_987 },
    ...{ quantity: decimalString('40'), filledQuantity: quantity, status, triggered: true, executions: [] },
    ...(filled !== '0' && { fillsInTotal: total }),
  };
}

const record = (known: BrokerOrder) => recordBrokerOrder(database.prisma, order, known);
const kept = async () => (await orderFacts(database.prisma, tradeId))[0]?.executions ?? [];
const quantityOf = (fills: readonly Execution[]) =>
  Decimal.sum(fills.map(({ quantity }) => decimal(quantity))).toString();
const costOf = (fills: readonly Execution[]) =>
  Decimal.sum(fills.map(({ quantity, price }) => decimal(quantity).times(decimal(price)))).toString();

describe('cumulative fills', () => {
  it('are none before the first', async () => {
    expect(await record(report('0', '1', 'working'))).toEqual([]);
    expect(await kept()).toEqual([]);
  });

  it('become one fill for each step, and a report that comes again adds nothing', async () => {
    expect(await record(report('15', '211.9'))).toMatchObject([{ quantity: '15', price: '211.9' }]);
    expect(await record(report('15', '211.9'))).toHaveLength(1);
    const fills = await record(report('40', '211.775', 'filled'));
    expect(fills).toMatchObject([
      { executionId: '527-15', quantity: '15', price: '211.9' },
      { executionId: '527-40', quantity: '25', price: '211.7' },
    ]);
    expect(await record(report('40', '211.775', 'filled'))).toEqual(fills);
    expect(await kept()).toEqual(fills);
    expect(costOf(fills)).toBe('8471');
  });

  it('count once when many report them at the same time, the older ones late', async () => {
    const steps = [report('40', '211.775', 'filled'), report('15', '211.9'), report('30', '211.8'), report('7', '212')];
    await Promise.all([...steps, ...steps, ...steps].map(record));
    await record(report('40', '211.775', 'filled'));
    const fills = await kept();
    expect({ quantity: quantityOf(fills), cost: costOf(fills) }).toEqual({ quantity: '40', cost: '8471' });
  });

  it('still count when the order has ended', async () => {
    await record(report('15', '211.9', 'cancelled'));
    await record(report('16', '211.9', 'cancelled'));
    expect(quantityOf(await kept())).toBe('16');
  });
});
