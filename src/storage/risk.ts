/** Reservations: the exposure of a trade, from its risk check until it is final, in one transaction each. */
import { randomUUID } from 'node:crypto';
import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import type { MarketFacts } from '../broker-port/market-facts.js';
import { Decimal, decimal } from '../domain/decimal.js';
import type { TradeId, UserId } from '../domain/ids.js';
import {
  denyNotional,
  denyStart,
  notionalOf,
  type RiskFacts,
  referencePrice,
  STRATEGY_RUNAWAY,
} from '../domain/risk.js';
import type { ChangedEntry } from '../domain/trade/admission.js';
import type { TradeRequest } from '../domain/trade/request.js';
import { ALREADY_FINAL, FINAL_STATUSES, isFinalStatus, type Reason } from '../domain/trade/status.js';
import type { TradeView } from '../domain/trade/view.js';
import { textOf } from './decimal-text.js';
import { GLOBAL_SCOPE, limitsOf } from './limits.js';
import { columnsOf, viewOf } from './trade-view.js';

/**
 * Judges a start and reserves its exposure, or leaves the denial on the trade. One user's checks run one after the
 * other, so that two trades at once never pass a limit together. Asking again for the same trade answers the same.
 */
export async function reserveStart(
  prisma: PrismaClient,
  tradeId: TradeId,
  userId: UserId,
  trade: TradeRequest,
  market: MarketFacts,
): Promise<Reason | undefined> {
  return inTurn(prisma, userId, async (tx) => {
    const { view, reserved } = await lockedTrade(tx, tradeId);
    if (isFinalStatus(view.status)) return view.reason ?? ALREADY_FINAL;
    if (reserved) return undefined;
    const facts = await factsOf(tx, tradeId, userId, trade, market);
    const denial = denyStart(trade, facts);
    if (denial) {
      const rejected: TradeView = { ...view, status: 'rejected', reason: denial, closedAt: new Date().toISOString() };
      await tx.trade.update({ where: { id: tradeId }, data: columnsOf(rejected) });
      if (denial.code === STRATEGY_RUNAWAY) await alertRunaway(tx, userId, trade);
      return denial;
    }
    const price = referencePrice(trade, market.quote) ?? Decimal.zero;
    const notional = notionalOf(trade, price).toString();
    const { account, symbol, quantity } = trade;
    const day = new Date(market.tradingDay);
    await tx.reservation.create({
      data: { tradeId, userId, account, symbol, quantity, day, daily: notional, exposure: notional, pending: notional },
    });
    if (market.warnings.length === 0) return undefined;
    // A retry of the activity finds them here: by then the account may read differently.
    await tx.trade.update({ where: { id: tradeId }, data: columnsOf({ ...view, warnings: market.warnings }) });
    return undefined;
  });
}

/** What a start would be judged by now. Nothing is reserved: by the time of the start it may be different. */
export function riskFacts(
  prisma: PrismaClient,
  userId: UserId,
  trade: TradeRequest,
  market: MarketFacts,
): Promise<RiskFacts> {
  return factsOf(prisma, randomUUID() as TradeId, userId, trade, market);
}

/** Once an hour for each strategy, however many starts it is refused. */
async function alertRunaway(tx: Prisma.TransactionClient, userId: UserId, { strategy }: TradeRequest): Promise<void> {
  const hour = new Date().toISOString().slice(0, 13);
  const message = `The strategy "${strategy}" has run away: its starts are refused until it slows down. Its open trades go on.`;
  const alert = { severity: 1, code: 'strategy_runaway', message, key: `${userId}:${strategy}:runaway:${hour}` };
  await tx.alert.createMany({ data: { ...alert, userId }, skipDuplicates: true });
}

/**
 * The trade, locked: it cannot end before the commit. Nobody would release what is reserved after its end. Whether it is
 * reserved can be read in the same statement, because the user's lock, held by everybody who reserves, came before it.
 */
async function lockedTrade(tx: Prisma.TransactionClient, tradeId: TradeId) {
  const [row] = await tx.$queryRaw<{ view: Prisma.JsonValue; reserved: boolean }[]>`
    SELECT view, EXISTS (SELECT FROM reservations WHERE trade_id = trades.id) AS reserved
    FROM trades WHERE id = ${tradeId}::uuid FOR UPDATE`;
  if (!row) throw new Error(`trade ${tradeId} has no row`);
  return { view: viewOf(row), reserved: row.reserved };
}

/** Judges what a changed entry would add, and reserves it; nothing for a trade that has ended while its check was under way. */
export async function reserveChange(
  prisma: PrismaClient,
  tradeId: TradeId,
  userId: UserId,
  trade: TradeRequest,
  { exposure, quantity }: ChangedEntry,
  market: MarketFacts,
): Promise<Reason | undefined> {
  return inTurn(prisma, userId, async (tx) => {
    const { view } = await lockedTrade(tx, tradeId);
    if (isFinalStatus(view.status)) return ALREADY_FINAL;
    const facts = await withoutOwn(tx, tradeId, await factsOf(tx, tradeId, userId, trade, market));
    if (facts.halted) return { code: 'TRADING_HALTED', message: 'The kill switch is on.', limit: '0' };
    const price = referencePrice(trade, market.quote) ?? Decimal.zero;
    const denial = denyNotional(decimal(exposure.daily), facts, price, trade.assetClass);
    if (denial) return denial;
    await tx.reservation.updateMany({ where: { tradeId }, data: { ...exposure, quantity } });
    return undefined;
  });
}

/** A burst of starts by one user queues up; this is how long a start waits for its turn, and how long a turn may take. */
const TURN = { maxWait: 15_000, timeout: 15_000 };

/** One after the other for each user. */
function inTurn<T>(
  prisma: PrismaClient,
  userId: UserId,
  work: (tx: Prisma.TransactionClient) => Promise<T>,
): Promise<T> {
  return prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM users WHERE id = ${userId}::uuid FOR UPDATE`;
    return work(tx);
  }, TURN);
}

/** The account as if the trade were not there: what it holds and has taken is in the changed exposure again. */
async function withoutOwn(tx: Prisma.TransactionClient, tradeId: TradeId, facts: RiskFacts): Promise<RiskFacts> {
  const own = await tx.trade.findUniqueOrThrow({ where: { id: tradeId }, include: { reservation: true } });
  const open = decimal(textOf(own.openQuantity));
  const held = own.side === 'buy' ? open : open.negated();
  const taken = own.reservation ? decimal(textOf(own.reservation.daily)) : Decimal.zero;
  const { settledCash } = facts;
  return {
    ...facts,
    position: decimal(facts.position).minus(held).toString(),
    buyingPower: decimal(facts.buyingPower).plus(taken).toString(),
    ...(settledCash !== undefined && { settledCash: decimal(settledCash).plus(taken).toString() }),
  };
}

interface Sums {
  halted: boolean;
  strategyStarts: number;
  usedToday: string;
  symbolExposure: string;
  realizedToday: string;
  otherTrade: string | null;
}

async function factsOf(
  tx: PrismaClient | Prisma.TransactionClient,
  tradeId: TradeId,
  userId: UserId,
  { account, symbol }: TradeRequest,
  market: MarketFacts,
): Promise<RiskFacts> {
  const day = market.tradingDay;
  const limits = await limitsOf(tx, userId);
  const [sums] = await tx.$queryRaw<Sums[]>`
    SELECT EXISTS (SELECT FROM kill_switches WHERE scope IN (${userId}, ${GLOBAL_SCOPE}) AND engaged) AS halted,
      -- Asked for before it; or admitted already, should these have come in another order than they were asked for.
      (SELECT greatest(
          count(*) FILTER (WHERE (one.created_at, one.id) <= (own.created_at, own.id)),
          1 + count(reservation.trade_id))::int
        FROM trades AS own JOIN trades AS one ON one.user_id = own.user_id AND one.strategy = own.strategy
          AND one.created_at > own.created_at - interval '1 minute'
          AND one.created_at < own.created_at + interval '1 minute'
        LEFT JOIN reservations AS reservation ON reservation.trade_id = one.id
        WHERE own.id = ${tradeId}::uuid) AS "strategyStarts",
      (SELECT coalesce(sum(daily), 0)::text FROM reservations
        WHERE user_id = ${userId}::uuid AND day = ${day}::date AND trade_id <> ${tradeId}::uuid) AS "usedToday",
      (SELECT coalesce(sum(exposure), 0)::text FROM reservations
        WHERE account = ${account} AND symbol = ${symbol} AND trade_id <> ${tradeId}::uuid) AS "symbolExposure",
      (SELECT coalesce(sum(realized_pnl - fees), 0)::text FROM trades
        WHERE user_id = ${userId}::uuid AND closed_at >= ${day}::date) AS "realizedToday",
      (SELECT one.id::text FROM trades AS one JOIN reservations AS reservation ON reservation.trade_id = one.id
        WHERE one.account = ${account} AND one.symbol = ${symbol} AND one.id <> ${tradeId}::uuid
          AND NOT one.status = ANY(${[...FINAL_STATUSES]}) LIMIT 1) AS "otherTrade"`;
  const opposite = market.oppositeOrders && (market.oppositeOrders.working ?? nameOfTrade(sums?.otherTrade));
  return {
    quote: market.quote,
    session: market.session,
    equity: market.account.equity,
    buyingPower: market.account.buyingPower,
    position: decimal(market.position).toString(),
    ...(market.account.settledCash !== undefined && { settledCash: market.account.settledCash }),
    halted: sums?.halted ?? true,
    strategyStarts: sums?.strategyStarts ?? 0,
    limits,
    usedToday: decimal(sums?.usedToday ?? '0'),
    symbolExposure: decimal(sums?.symbolExposure ?? '0'),
    realizedToday: decimal(sums?.realizedToday ?? '0'),
    ...(opposite !== undefined && { opposite }),
  };
}

function nameOfTrade(id: string | null | undefined): string | undefined {
  return id ? `trade ${id}` : undefined;
}
