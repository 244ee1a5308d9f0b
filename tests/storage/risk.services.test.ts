import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MarketFacts } from '../../src/broker-port/market-facts.js';
import { decimalString } from '../../src/domain/decimal.js';
import { paperAccountId, type TradeId, type UserId } from '../../src/domain/ids.js';
import type { StartTicket, TradeRequest } from '../../src/domain/trade/request.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { setKillSwitch } from '../../src/storage/limits.js';
import { reserveChange, reserveStart } from '../../src/storage/risk.js';
import { storedTrade } from '../../src/storage/trade-looks.js';
import { ensureTradeRow } from '../../src/storage/trade-records.js';
import { columnsOf, viewOf } from '../../src/storage/trade-view.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { type PlainRequest, tradeRequest } from '../support/trading.js';

let database: TestDatabase;
let userId: UserId;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  userId = await user({});
});

interface UserLimits {
  perTrade?: string;
  daily?: string;
  concentrationPercent?: string;
}

async function user({
  perTrade = '10000',
  daily = '20000',
  concentrationPercent = '100',
}: UserLimits): Promise<UserId> {
  const id = randomUUID() as UserId;
  const limits = { create: { perTrade, daily, concentrationPercent } };
  await database.prisma.user.create({ data: { id, email: `${id}@example.test`, passwordHash: 'none', limits } });
  return id;
}

/** AAPL at 100, and an account that could buy 10,000 worth of it now. */
function market({ buyingPower = '10000', equity = '100000', position = '0', price = '100' } = {}): MarketFacts {
  const text = decimalString(price);
  return {
    account: { equity: decimalString(equity), cash: decimalString(equity), buyingPower: decimalString(buyingPower) },
    quote: { symbol: 'AAPL', bid: text, ask: text, at: 0 },
    position,
    session: 'regular',
    tradingDay: '2013-10-08',
    warnings: [],
  };
}

async function tradeOf(request: PlainRequest = {}): Promise<{ id: TradeId; trade: TradeRequest }> {
  const tradeId = randomUUID() as TradeId;
  const trade = tradeRequest({ account: paperAccountId(userId), ...request });
  const ticket = { tradeId, userId, issuedAt: Date.now() } as StartTicket;
  await ensureTradeRow(database.prisma, { trade, ticket });
  return { id: tradeId, trade };
}

async function start(request: PlainRequest, facts = market()) {
  const { id, trade } = await tradeOf(request);
  return { id, trade, denial: await reserveStart(database.prisma, id, userId, trade, facts) };
}

/** What the trade would hold with its working entry changed to `quantity` at `price`. */
function exposure(quantity: number, price: number) {
  const text = decimalString(`${quantity * price}`);
  return { daily: text, exposure: text, pending: text };
}

const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice }) as const;

describe('a start', () => {
  it('reserves once, however often it is asked', async () => {
    const { id, trade, denial } = await start({ quantity: '10' });
    expect(denial).toBeUndefined();
    expect(await reserveStart(database.prisma, id, userId, trade, market({ buyingPower: '0' }))).toBeUndefined();
    expect(await database.prisma.reservation.count({ where: { userId } })).toBe(1);
  });

  it('leaves its warnings on the trade, for a retry that finds the account changed', async () => {
    const warnings = [{ code: 'UNSETTLED_FUNDS', message: 'look' }];
    const { id } = await start({ quantity: '10' }, { ...market(), warnings });
    expect(await storedTrade(database.prisma, id)).toMatchObject({ reserved: true, warnings });
  });

  it('above the settled cash is denied, unless its user chose otherwise', async () => {
    const facts = market();
    facts.account.settledCash = decimalString('999');
    expect((await start({ quantity: '10' }, facts)).denial).toMatchObject({ code: 'UNSETTLED_FUNDS', limit: '999' });
    await database.prisma.riskLimits.update({ where: { userId }, data: { avoidGoodFaithViolations: false } });
    expect((await start({ quantity: '10' }, facts)).denial).toBeUndefined();
  });

  it('that is denied leaves its reason on the trade and reserves nothing', async () => {
    const { id, denial } = await start({ quantity: '101' });
    expect(denial).toMatchObject({ code: 'PER_TRADE_LIMIT' });
    const row = await database.prisma.trade.findUniqueOrThrow({ where: { id }, include: { reservation: true } });
    expect(row).toMatchObject({ status: 'rejected', reservation: null });
    expect(viewOf(row)).toMatchObject({ status: 'rejected', reason: denial, closedAt: row.closedAt?.toISOString() });
  });

  it('of a trade that has ended meanwhile reserves nothing, and says why it ended', async () => {
    const { id, trade } = await tradeOf({ quantity: '10' });
    const reason = { code: 'risk_check_unavailable', message: 'too late' };
    const row = await database.prisma.trade.findUniqueOrThrow({ where: { id } });
    const ended: TradeView = { ...viewOf(row), status: 'rejected', reason };
    await database.prisma.trade.update({ where: { id }, data: columnsOf(ended) });
    expect(await reserveStart(database.prisma, id, userId, trade, market())).toEqual(reason);
    expect(await database.prisma.reservation.count({ where: { userId } })).toBe(0);
  });

  it.each(['user', 'global'] as const)('is denied while the %s kill switch is on, and only then', async (whose) => {
    const scope = whose === 'user' ? userId : ('global' as const);
    await setKillSwitch(database.prisma, { scope, engaged: true, by: userId });
    expect((await start({ quantity: '1' })).denial).toMatchObject({ code: 'TRADING_HALTED' });
    await setKillSwitch(database.prisma, { scope, engaged: false, by: userId });
    expect((await start({ quantity: '1' })).denial).toBeUndefined();
  });

  it('T27 of a strategy is denied beyond 20 in a minute, in whatever order they come, with an alert', async () => {
    const starts = await Promise.all(Array.from({ length: 30 }, () => start({ quantity: '1', strategy: 'runaway' })));
    const denied = starts.filter(({ denial }) => denial !== undefined);
    expect(denied.length).toBeGreaterThanOrEqual(10);
    for (const { denial } of denied) expect(denial).toMatchObject({ code: 'STRATEGY_RUNAWAY', limit: '20' });
    expect((await start({ quantity: '1', strategy: 'runaway' })).denial).toMatchObject({ code: 'STRATEGY_RUNAWAY' });
    const alerts = await database.prisma.alert.findMany({ where: { userId } });
    expect(new Set(alerts.map(({ code }) => code))).toEqual(new Set(['strategy_runaway']));

    expect((await start({ quantity: '1', strategy: 'another' })).denial).toBeUndefined();
    expect((await start({ quantity: '1' })).denial).toBeUndefined();
    const minuteAgo = { createdAt: new Date(Date.now() - 61_000) };
    await database.prisma.trade.updateMany({ where: { userId }, data: minuteAgo });
    expect((await start({ quantity: '1', strategy: 'runaway' })).denial).toBeUndefined();
  });

  it('T31 of many at once never passes the day together, and what ends unfilled makes room again', async () => {
    const starts = await Promise.all(Array.from({ length: 25 }, () => start({ quantity: '10' })));
    const accepted = starts.filter(({ denial }) => denial === undefined);
    expect(accepted).toHaveLength(20);
    const [one] = accepted;
    if (!one) throw new Error('none was accepted');
    await database.prisma.reservation.update({ where: { tradeId: one.id }, data: exposure(0, 0) });
    expect((await start({ quantity: '10.01' })).denial).toMatchObject({ code: 'DAILY_LIMIT', value: '19000' });
    expect((await start({ quantity: '10' })).denial).toBeUndefined();
  });

  it('counts only its own day', async () => {
    for (let count = 0; count < 2; count++) expect((await start({ quantity: '100' })).denial).toBeUndefined();
    expect((await start({ quantity: '1' })).denial).toMatchObject({ code: 'DAILY_LIMIT' });
    expect((await start({ quantity: '1' }, { ...market(), tradingDay: '2013-10-09' })).denial).toBeUndefined();
  });
});

describe('a change of a working entry', () => {
  async function working(request: PlainRequest, facts = market()) {
    const { id, trade, denial } = await start({ ...limit('90'), ...request }, facts);
    expect(denial).toBeUndefined();
    const change = (quantity: number, price: number, now: MarketFacts) =>
      reserveChange(
        database.prisma,
        id,
        userId,
        trade,
        { exposure: exposure(quantity, price), quantity: decimalString(`${quantity}`) },
        now,
      );
    return { id, change };
  }

  it('needs buying power only for what it adds: the order holds back the rest already', async () => {
    const { change } = await working({ quantity: '100' });
    const now = market({ buyingPower: '1000' });
    expect(await change(100, 95, now)).toBeUndefined();
    expect(await change(100, 100.01, now)).toMatchObject({ code: 'PER_TRADE_LIMIT' });
    userId = await user({ perTrade: '50000' });
    const another = await working({ quantity: '100' });
    expect(await another.change(100, 100.01, now)).toMatchObject({ code: 'BUYING_POWER', limit: '10000' });
  });

  it('counts what it has filled itself once for concentration', async () => {
    userId = await user({ concentrationPercent: '5' });
    const { id, change } = await working({ quantity: '50' });
    await database.prisma.trade.update({ where: { id }, data: { openQuantity: '40' } });
    const now = market({ position: '40' });
    expect(await change(50, 95, now)).toBeUndefined();
    expect(await change(53, 95, now)).toMatchObject({ code: 'CONCENTRATION_LIMIT', limit: '5000', value: '0' });
    expect(await change(50, 95, market({ position: '43' }))).toMatchObject({
      code: 'CONCENTRATION_LIMIT',
      value: '300',
    });
  });

  // Chaos: a check outlived its worker, and reserved for a trade that had been rejected meanwhile. Nothing would release that.
  it('is refused once the trade has ended, and reserves nothing', async () => {
    const { id, change } = await working({ quantity: '10' });
    await database.prisma.trade.update({
      where: { id },
      data: { status: 'rejected', view: { status: 'rejected', realizedPnl: '0', fees: '0' } },
    });
    await database.prisma.reservation.update({ where: { tradeId: id }, data: exposure(0, 0) });
    const reservation = () => database.prisma.reservation.findUnique({ where: { tradeId: id } });
    const released = await reservation();
    expect(await change(20, 90, market())).toMatchObject({ code: 'already_final' });
    expect(await reservation()).toEqual(released);
  });

  it('is reserved when approved, and changes nothing when denied', async () => {
    const { id, change } = await working({ quantity: '10' });
    const reserved = async () =>
      `${(await database.prisma.reservation.findUniqueOrThrow({ where: { tradeId: id } })).daily}`;
    expect(await change(20, 90, market())).toBeUndefined();
    expect(await reserved()).toBe('1800');
    expect(await change(500, 90, market())).toMatchObject({ code: 'PER_TRADE_LIMIT' });
    expect(await reserved()).toBe('1800');
  });

  it('is denied while the kill switch is on', async () => {
    const { change } = await working({ quantity: '10' });
    await setKillSwitch(database.prisma, { scope: userId, engaged: true, by: userId });
    expect(await change(20, 90, market())).toMatchObject({ code: 'TRADING_HALTED' });
  });
});
