/** Commands to a trade: cancel, close, change. */
import type { Trade } from '../../../prisma/generated/client.js';
import { Decimal } from '../../domain/decimal.js';
import { ArbionError, DependencyUnavailable, Refused, ValidationFailed } from '../../domain/errors.js';
import type { TradeId, UserId } from '../../domain/ids.js';
import type { AssetClass } from '../../domain/instrument.js';
import type { StartTicket, TradeInput, TradeRequest } from '../../domain/trade/request.js';
import { isFinalStatus, type TradeStatus } from '../../domain/trade/status.js';
import { markStarted } from '../../storage/accepted-trades.js';
import { type Origin, recordAudit } from '../../storage/audit.js';
import { findTrade } from '../../storage/trade-queries.js';
import { viewOf } from '../../storage/trade-view.js';
import type { ApiDependencies } from '../dependencies.js';
import { type TradeChangeBody, toTradeChange } from './trade-change.js';
import { type ShownTrade, shownTrade } from './valuation.js';

type Dependencies = Pick<ApiDependencies, 'prisma' | 'trades' | 'tickets' | 'readers' | 'marketTime'>;

/** @throws ArbionError `not-found`, also for a trade of another user, with the same text. */
export async function requireTrade(
  { prisma }: Pick<Dependencies, 'prisma'>,
  userId: UserId,
  id: string,
): Promise<Trade> {
  const row = await findTrade(prisma, userId, id as TradeId);
  if (!row) throw new ArbionError('not-found', 'This trade does not exist.');
  return row;
}

/** Sends the command to the trade and returns the trade as it is now. A repeat has no further effect. */
export async function commandTrade(
  dependencies: Dependencies,
  userId: UserId,
  id: string,
  command: 'cancel' | 'close',
  from: Origin,
): Promise<ShownTrade> {
  const row = await requireTrade(dependencies, userId, id);
  requireNotFinal(row);
  await ensureStarted(dependencies, row);
  await recordAudit(dependencies.prisma, {
    actor: userId,
    action: `trade_${command}_requested`,
    subject: row.id,
    from,
  });
  await send(dependencies, row, (tradeId) => dependencies.trades[command](tradeId, { by: userId, reason: 'manual' }));
  return shownTrade(dependencies, await requireTrade(dependencies, userId, id));
}

/** Changes the working entry or the exits; returns once the trade has accepted the change. `updateId` makes repeats idempotent. */
export async function changeTrade(
  dependencies: Dependencies,
  userId: UserId,
  id: string,
  body: TradeChangeBody,
  updateId: string | undefined,
): Promise<ShownTrade> {
  const row = await requireTrade(dependencies, userId, id);
  requireNotFinal(row);
  const wanted = toTradeChange(body, { symbol: row.symbol, assetClass: row.assetClass as AssetClass });
  requireAboveFilled(body, row);
  await ensureStarted(dependencies, row);
  const { trades } = dependencies;
  await send(dependencies, row, (tradeId) =>
    wanted.part === 'entry'
      ? trades.replaceOrder(tradeId, wanted.change, updateId)
      : trades.adjustExits(tradeId, wanted.change, updateId),
  );
  return shownTrade(dependencies, await requireTrade(dependencies, userId, id));
}

function requireNotFinal({ status }: Trade): void {
  if (!isFinalStatus(status as TradeStatus)) return;
  throw new Refused('invalid-state', {
    code: 'TRADE_FINAL',
    message: `The trade is already ${status}.`,
    value: status,
  });
}

/** Checked here as well as in the trade, because it holds in every state of the entry. */
function requireAboveFilled({ quantity }: TradeChangeBody, row: Trade): void {
  const filled = viewOf(row).filledQuantity;
  if (quantity === undefined || Decimal.parse(quantity).atLeast(Decimal.parse(filled))) return;
  throw new ValidationFailed([
    { field: 'quantity', message: `must be at least ${filled}, the quantity already filled` },
  ]);
}

/** Starts a trade that is still in the outbox, so that it can receive the command. */
async function ensureStarted({ prisma, trades, tickets }: Dependencies, row: Trade): Promise<void> {
  if (row.startedAt !== null) return;
  await trades.start(startInputOf(row, (ticket) => tickets.renew(ticket, Date.now())));
  await markStarted(prisma, row.id as TradeId);
}

function startInputOf(row: Trade, renew: (ticket: StartTicket) => StartTicket): TradeInput {
  // The columns hold what the API or the trade's first activity wrote there in this form.
  const trade = row.request as unknown as TradeRequest;
  const ticket = row.ticket as unknown as StartTicket;
  return { trade, ticket: renew(ticket) };
}

/** A workflow that is not running although its trade is not final was terminated; the guardian restarts it. */
async function send(
  dependencies: Dependencies,
  row: Trade,
  message: (tradeId: TradeId) => Promise<unknown>,
): Promise<void> {
  try {
    await message(row.id as TradeId);
  } catch (error) {
    if (!(error instanceof Refused) || error.reason.code !== 'TRADE_ENDED') throw error;
    requireNotFinal(await requireTrade(dependencies, row.userId as UserId, row.id));
    throw new DependencyUnavailable('temporal', { cause: error });
  }
}
