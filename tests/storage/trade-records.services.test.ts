import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import { clientOrderId, paperAccountId, type TradeId, tradeWorkflowId, type UserId } from '../../src/domain/ids.js';
import type { Refusal } from '../../src/domain/order.js';
import type { Holding } from '../../src/domain/trade/holding.js';
import { newTradeState } from '../../src/domain/trade/new-trade.js';
import type { TradeRecord } from '../../src/domain/trade/record.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import type { TradeOrder } from '../../src/domain/trade/state.js';
import type { TradeStatus } from '../../src/domain/trade/status.js';
import { toView } from '../../src/domain/trade/to-view.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { prepareIntent } from '../../src/storage/orders.js';
import { ensureTradeRow, recordTrade } from '../../src/storage/trade-records.js';
import { viewOf } from '../../src/storage/trade-view.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { orderRequest } from '../support/orders.js';
import { tradeRequest } from '../support/trading.js';

let database: TestDatabase;
let input: TradeInput;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const userId = randomUUID() as UserId;
  await database.prisma.user.create({ data: { id: userId, email: `${userId}@example.test`, passwordHash: 'none' } });
  const trade = tradeRequest({ account: paperAccountId(userId) });
  const ticket = {
    tradeId: randomUUID() as TradeId,
    userId,
    scope: 'trade',
    issuedAt: Date.now(),
  } as TradeInput['ticket'];
  input = { trade, ticket };
  expect(await ensureTradeRow(database.prisma, input)).toBe(true);
  const { account, symbol } = trade;
  const amounts = { daily: '1500', exposure: '1500', pending: '1500' };
  const day = new Date('2013-10-08');
  await database.prisma.reservation.create({
    data: { tradeId: ticket.tradeId, userId, account, symbol, quantity: '10', day, ...amounts },
  });
});

/** A value in every field that may be null. */
const everything: Partial<TradeView> = {
  reason: { code: 'refused', message: 'too "late"' },
  ...{ limitPrice: decimalString('12.34'), quantity: decimalString('10'), filledQuantity: decimalString('7.00000001') },
  ...{ remainingQuantity: decimalString('3'), openQuantity: decimalString('0'), stopPrice: decimalString('9.5') },
  ...{ averageFillPrice: decimalString('12.333333333333333333'), takeProfitPrice: decimalString('15') },
  ...{ stopOrderId: '2', stopKind: 'broker', entryOrderId: '1', exitOrderId: '3', exitPrice: decimalString('14') },
  ...{ exitReason: 'target', realizedPnl: decimalString('-1.5'), fees: decimalString('0.25') },
  ...{ unprotectedSeconds: decimalString('0.125'), strategy: 'one', note: 'two', unrealizedPnl: decimalString('0') },
  ...{ openedAt: '2026-03-03T14:31:00.001Z', closedAt: '2026-03-03T15:31:00.999Z' },
};

/** The trade as its workflow records it. */
function record(version: number, status: TradeStatus, exposure = '1500'): TradeRecord {
  const { tradeId } = input.ticket;
  const state = { ...newTradeState(input, tradeWorkflowId(tradeId), 0), status };
  const amount = decimalString(exposure);
  return {
    version,
    view: toView(state, 0),
    state,
    journal: [{ key: `status:${status}`, at: 0, kind: 'status', data: { status } }],
    alerts: [{ key: `${tradeId}:${status}`, severity: 2, code: 'test', message: status }],
    exposure: { daily: amount, exposure: amount, pending: amount },
  };
}

async function stored() {
  const { prisma } = database;
  const id = input.ticket.tradeId;
  const trade = await prisma.trade.findUniqueOrThrow({
    where: { id },
    include: { reservation: true, events: { orderBy: { id: 'asc' } } },
  });
  return {
    status: trade.status,
    version: trade.version,
    journal: trade.events.map(({ key }) => key),
    alerts: await prisma.alert.count({ where: { tradeId: id } }),
    exposure: `${trade.reservation?.exposure}`,
    released: trade.reservation?.releasedAt !== null,
  };
}

describe('a record', () => {
  it('written twice is written once', async () => {
    for (let times = 0; times < 2; times++) await recordTrade(database.prisma, record(1, 'open', '900'));
    expect(await stored()).toEqual({
      status: 'open',
      version: 1n,
      journal: ['requested', 'status:open'],
      alerts: 1,
      exposure: '900',
      released: false,
    });
  });

  it('that comes after a newer one changes nothing', async () => {
    await recordTrade(database.prisma, record(2, 'open', '900'));
    await recordTrade(database.prisma, record(1, 'submitted', '1500'));
    expect(await stored()).toMatchObject({ status: 'open', version: 2n, exposure: '900' });
  });

  it('of an end releases the reservation, and nothing comes after it', async () => {
    await recordTrade(database.prisma, record(1, 'closed', '0'));
    await recordTrade(database.prisma, record(9, 'open', '1500'));
    expect(await stored()).toMatchObject({
      status: 'closed',
      journal: ['requested', 'status:closed'],
      exposure: '0',
      released: true,
    });
  });

  it('of a rejection releases what a risk check reserves that it has to wait for', async () => {
    const { prisma } = database;
    const { tradeId: id, userId } = input.ticket;
    await prisma.reservation.deleteMany({ where: { tradeId: id } });
    const { account, symbol } = input.trade;
    const amounts = { daily: '1500', exposure: '1500', pending: '1500' };
    let rejected = Promise.resolve();
    await prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM trades WHERE id = ${id}::uuid FOR UPDATE`;
      rejected = recordTrade(prisma, record(1, 'rejected', '0'));
      await new Promise((resolve) => setTimeout(resolve, 300));
      const day = new Date('2013-10-08');
      const quantity = '10';
      await tx.reservation.create({ data: { tradeId: id, userId, account, symbol, quantity, day, ...amounts } });
    });
    await rejected;
    expect(await stored()).toMatchObject({ status: 'rejected', exposure: '0', released: true });
  });

  it('of a trade that has no row writes nothing', async () => {
    const before = await stored();
    const id = randomUUID() as TradeId;
    const unrelated = record(1, 'open');
    await recordTrade(database.prisma, { ...unrelated, view: { ...unrelated.view, id } });
    expect(await stored()).toEqual(before);
    expect(await database.prisma.tradeEvent.count({ where: { tradeId: id } })).toBe(0);
  });

  it('of a trade that the risk check has denied adds only to its journal', async () => {
    const { prisma } = database;
    await prisma.trade.update({ where: { id: input.ticket.tradeId }, data: { status: 'rejected' } });
    await recordTrade(prisma, record(1, 'rejected', '0'));
    expect(await stored()).toEqual({
      status: 'rejected',
      version: 0n,
      journal: ['requested', 'status:rejected'],
      alerts: 1,
      exposure: '1500',
      released: false,
    });
  });

  it('shows everything that the view shows', async () => {
    const shown = { ...record(1, 'open').view, ...everything };
    await recordTrade(database.prisma, { ...record(1, 'open'), view: shown });
    const row = await database.prisma.trade.findUniqueOrThrow({ where: { id: shown.id } });
    expect(viewOf(row)).toEqual(shown);
    expect(row.state).toEqual(JSON.parse(JSON.stringify(record(1, 'open').state)));
  });

  it('takes unknown orders for refused that the trade has concluded never to have arrived', async () => {
    const { prisma } = database;
    const { tradeId } = input.ticket;
    const holding: Holding = { side: 'buy', splits: [], external: [], absent: [] };
    const refusal: Refusal = { code: 'refused', message: 'no such order' };
    const orders = ['UNKNOWN', 'ACKED'].map(async (intent, index) => {
      const request = orderRequest({ clientOrderId: clientOrderId(tradeId, 'exit', index + 1) });
      const place = { tradeId, broker: 'paper', account: input.trade.account, leg: 'exit', holding } as const;
      const { id } = await prepareIntent(prisma, { ...place, generation: index + 1, request });
      await prisma.order.update({ where: { id }, data: { intent } });
      const { quantity } = request;
      const order: TradeOrder = {
        ...{ leg: 'exit', generation: index + 1, request, state: 'done', quantity, triggered: false },
        ...{ filledQuantity: decimalString('0'), absent: true, refusal },
      };
      return order;
    });
    const written = record(1, 'closed');
    await recordTrade(prisma, { ...written, state: { ...written.state, orders: await Promise.all(orders) } });
    const rows = await prisma.order.findMany({ where: { tradeId }, orderBy: { generation: 'asc' } });
    expect(rows.map(({ intent, status }) => [intent, status])).toEqual([
      ['REFUSED', 'rejected'],
      ['ACKED', null],
    ]);
    expect(rows[0]?.refusal).toEqual(refusal);
  });
});

describe('the row of a start', () => {
  it('is made once, with the first line of its journal', async () => {
    expect(await ensureTradeRow(database.prisma, input)).toBe(true);
    expect((await stored()).journal).toEqual(['requested']);
  });

  it('of another user is not taken over', async () => {
    const thief = { ...input, ticket: { ...input.ticket, userId: randomUUID() as UserId } };
    expect(await ensureTradeRow(database.prisma, thief)).toBe(false);
  });
});
