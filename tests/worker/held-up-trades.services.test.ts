/** Shares without a stop, shown only by the rows of orders: no workflow runs here. */
import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import { type TradeId, tradeWorkflowId, type UserId } from '../../src/domain/ids.js';
import type { BrokerOrder } from '../../src/domain/order.js';
import { newTradeState } from '../../src/domain/trade/new-trade.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import type { TradeState } from '../../src/domain/trade/state.js';
import { toView } from '../../src/domain/trade/to-view.js';
import { prepareIntent, recordBrokerOrder } from '../../src/storage/orders.js';
import { ensureTradeRow } from '../../src/storage/trade-records.js';
import { createHeldUpWatch } from '../../src/worker/held-up-trades.js';
import { freshDatabase } from '../support/database.js';
import { orderRequest } from '../support/orders.js';
import { tradeRequest } from '../support/trading.js';

/** A trade that has recorded nothing but its start, and whose entry filled so long ago. */
async function filled(agoMs: number, change: (state: TradeState) => void = () => {}) {
  const database = await freshDatabase();
  onTestFinished(() => database.close());
  const { prisma } = database;
  const userId = randomUUID() as UserId;
  await prisma.user.create({ data: { id: userId, email: 'owner@example.test', passwordHash: 'none' } });
  const trade = tradeRequest({ broker: 'schwab', account: 'one' });
  const tradeId = randomUUID() as TradeId;
  const input = { trade, ticket: { tradeId, userId, scope: 'trade', issuedAt: Date.now() } } as TradeInput;
  await ensureTradeRow(prisma, input);
  const request = orderRequest({ clientOrderId: `arb-${tradeId}`, symbol: trade.symbol, quantity: trade.quantity });
  const intent = await prepareIntent(prisma, {
    ...{ tradeId, broker: 'schwab', account: 'one', leg: 'entry', generation: 1, request },
    holding: { side: 'buy', splits: [], external: [], absent: [] },
  });
  await recordBrokerOrder(prisma, intent, filledOrder(request));
  const state = newTradeState(input, tradeWorkflowId(tradeId), Date.now());
  change(state);
  await record(state);
  const at = Date.now() - agoMs;
  await prisma.$executeRaw`UPDATE orders SET updated_at = ${new Date(at)}`;
  await prisma.$executeRaw`UPDATE trades SET updated_at = ${new Date(at - 1)}`;

  async function record(recorded: TradeState) {
    const view = { ...toView(recorded, Date.now()) } as object;
    const data = { state: { ...recorded } as object, view, startedAt: new Date(), openQuantity: '0' };
    await prisma.trade.update({ where: { id: tradeId }, data });
  }
  const alerts = () => prisma.alert.findMany({ select: { severity: true, code: true, tradeId: true, userId: true } });
  return {
    prisma,
    alerts,
    watch: createHeldUpWatch(prisma),
    heldUp: { severity: 1, code: 'trade_held_up', tradeId, userId },
  };
}

function filledOrder(request: ReturnType<typeof orderRequest>): BrokerOrder {
  const { symbol, side, type, quantity, timeInForce, clientOrderId } = request;
  const execution = {
    executionId: randomUUID(),
    quantity,
    price: decimalString('100'),
    fee: decimalString('0'),
    at: Date.now(),
  };
  return {
    ...{ orderId: 'b1', clientOrderId, symbol, side, type, quantity, timeInForce, filledQuantity: quantity },
    ...{ status: 'filled', triggered: false, executions: [execution], placedAt: Date.now() },
  };
}

it('is an alert after 15 s, once', async () => {
  const { watch, alerts, heldUp } = await filled(15_000);
  await watch();
  await watch();
  expect(await alerts()).toEqual([heldUp]);
});

it('is none while its step may be under way', async () => {
  const { watch, alerts } = await filled(10_000);
  await watch();
  expect(await alerts()).toEqual([]);
});

it('is one when other changes of its orders go on and on', async () => {
  const { prisma, watch, alerts, heldUp } = await filled(14_000);
  await watch();
  await prisma.$executeRaw`UPDATE orders SET updated_at = now()`;
  await new Promise((done) => setTimeout(done, 1_200));
  await watch();
  expect(await alerts()).toEqual([heldUp]);
});

it('is none of ours when the stop is emulated, or the trade has alerted by itself', async () => {
  for (const protection of [{ emulated: true }, { boundReported: true }]) {
    const { watch, alerts } = await filled(60_000, (state) => Object.assign(state.protection, protection));
    await watch();
    expect(await alerts()).toEqual([]);
  }
});

it('is none once the trade has ended', async () => {
  const { prisma, watch, alerts } = await filled(60_000);
  await prisma.trade.updateMany({ data: { status: 'closed' } });
  await watch();
  expect(await alerts()).toEqual([]);
});
