/** Which of a broker's reports wake a trade, by the rows of its orders: no workflow runs here. */
import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import { clientOrderId, type TradeId, type UserId } from '../../src/domain/ids.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import type { OrderReport } from '../../src/storage/known-orders.js';
import { type IntentState, prepareIntent } from '../../src/storage/orders.js';
import { ensureTradeRow } from '../../src/storage/trade-records.js';
import { createOrderNews } from '../../src/worker/order-news.js';
import { freshDatabase } from '../support/database.js';
import { orderRequest } from '../support/orders.js';
import { tradeRequest } from '../support/trading.js';

/** A stop for 10 shares that our records know as `known`. */
async function stopWith(known: { intent: IntentState; status: string | null }) {
  const database = await freshDatabase();
  onTestFinished(() => database.close());
  const { prisma } = database;
  const userId = randomUUID() as UserId;
  await prisma.user.create({ data: { id: userId, email: 'owner@example.test', passwordHash: 'none' } });
  const trade = tradeRequest({ account: 'one' });
  const tradeId = randomUUID() as TradeId;
  await ensureTradeRow(prisma, {
    trade,
    ticket: { tradeId, userId, scope: 'trade', issuedAt: Date.now() },
  } as TradeInput);
  const id = clientOrderId(tradeId, 'stop', 1);
  await prepareIntent(prisma, {
    ...{ tradeId, broker: 'paper', account: 'one', leg: 'stop', generation: 1 },
    request: orderRequest({ clientOrderId: id }),
    holding: { side: 'buy', splits: [], external: [], absent: [] },
  });
  await prisma.order.updateMany({ data: known });
  const woken: string[] = [];
  const report = (more: Partial<OrderReport> = {}): OrderReport => ({
    ...{ clientOrderId: id, status: 'working', filledQuantity: decimalString('0'), triggered: false },
    ...more,
  });
  const hear = createOrderNews(prisma, async (trade) => void woken.push(trade));
  return { prisma, tradeId, woken, report, hear };
}

it('wakes nobody about what the records say already', async () => {
  const { hear, report, woken } = await stopWith({ intent: 'ACKED', status: 'working' });
  await hear([report()]);
  await hear([report({ clientOrderId: 'an order of somebody else', status: 'filled' })]);
  expect(woken).toEqual([]);
});

it.each<Partial<OrderReport>>([
  { triggered: true },
  { status: 'filled', filledQuantity: '10' },
  { status: 'cancelled' },
])('wakes the trade about %o', async (news) => {
  const { hear, report, woken, tradeId } = await stopWith({ intent: 'ACKED', status: 'working' });
  await hear([report({ filledQuantity: '0' }), report(news)]);
  expect(woken).toEqual([tradeId]);
});

it('wakes the trade whose order was thought lost', async () => {
  const { hear, report, woken, tradeId } = await stopWith({ intent: 'UNKNOWN', status: null });
  await hear([report()]);
  expect(woken).toEqual([tradeId]);
});

it('waits for whoever sends the order, and then judges by what was recorded', async () => {
  const { prisma, hear, report, woken, tradeId } = await stopWith({ intent: 'SENT', status: null });
  await hear([report({ status: 'filled', filledQuantity: '10' })]);
  await hear([]);
  expect(woken).toEqual([]);
  // The placement's answer was older than the fill.
  await prisma.order.updateMany({ data: { intent: 'ACKED', status: 'working' } });
  await hear([]);
  await hear([]);
  expect(woken).toEqual([tradeId]);
});
