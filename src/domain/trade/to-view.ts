import { Decimal, type DecimalString, decimal } from '../decimal.js';
import { tradeWorkflowId } from '../ids.js';
import type { Quote } from '../market.js';
import { closingPriceOf, unrealizedPnl } from '../unrealized-pnl.js';
import { plannedStopPrice, plannedTargetPrice } from './exit-prices.js';
import { exitTime } from './exit-time.js';
import { newTradeState } from './new-trade.js';
import type { TradeInput, TradeRequest } from './request.js';
import { activeOrder, isActive, latestTaken, remainingOf, type TradeState, totals } from './state.js';
import { isFinalStatus } from './status.js';
import type { TradeView } from './view.js';

const PRICE_DECIMALS = 8;

/** The trade as everybody outside sees it. */
export function toView(state: TradeState, now: number): TradeView {
  const { request } = state;
  const sums = totals(state);
  const stop = latestTaken(state, 'stop');
  return {
    id: state.id,
    workflowId: state.workflowId,
    ...standing(state),
    ...asked(request),
    filledQuantity: sums.entered.toString(),
    remainingQuantity: remaining(state).toString(),
    openQuantity: sums.open.toString(),
    averageFillPrice: price(sums.averageEntry),
    stopPrice: stop?.stopPrice ?? price(plannedStopPrice(state)),
    stopOrderId: stop?.brokerOrderId ?? null,
    stopKind: stopKind(state),
    takeProfitPrice: price(plannedTargetPrice(state)),
    entryOrderId: latestTaken(state, 'entry')?.brokerOrderId ?? null,
    exitOrderId: exitOrderId(state),
    exitPrice: price(sums.averageExit),
    exitReason: state.exitReason ?? null,
    realizedPnl: money(sums.realizedPnl),
    unrealizedPnl: openProfit(request, sums.open, sums.averageEntry, state.monitor.quote),
    fees: money(sums.fees),
    result: money(sums.realizedPnl.minus(sums.fees)),
    unprotectedSeconds: unprotectedSeconds(state, now),
    // A request is not checked yet while the plan is empty; later the plan knows better.
    exitAt: timeText(state.exitsChange ? state.plan.exitAt : request.exitAt),
    exitsBy: timeText(state.plan.exitsBy ?? state.plan.exitAt),
    strategy: request.strategy ?? null,
    note: request.note ?? null,
    createdAt: iso(state.createdAt),
    openedAt: timeText(state.openedAt),
    closedAt: timeText(state.closedAt),
  };
}

function asked(request: TradeRequest) {
  const { broker, account, symbol, assetClass, side, orderType, limitPrice = null } = request;
  const { timeInForce, session, quantity } = request;
  return { broker, account, symbol, assetClass, side, orderType, limitPrice, timeInForce, session, quantity };
}

function standing({
  status,
  attention,
  reason,
  warnings = [],
}: TradeState): Pick<TradeView, 'status' | 'reason' | 'warnings'> {
  return { status, reason: attention ?? reason ?? null, warnings };
}

/** The view of a trade that was requested and whose workflow has recorded nothing yet. */
export function initialView(input: TradeInput): TradeView {
  const { tradeId, issuedAt } = input.ticket;
  const state = newTradeState(input, tradeWorkflowId(tradeId), issuedAt);
  const exitsBy = exitTime(input.trade);
  if (exitsBy !== undefined) state.plan = { exitsBy };
  return toView(state, issuedAt);
}

/** The view with what the trade holds valued at this quote; its open profit is null without one. */
export function valuedAt(view: TradeView, quote: Quote | undefined): TradeView {
  const averagePrice = view.averageFillPrice === null ? undefined : decimal(view.averageFillPrice);
  return { ...view, unrealizedPnl: openProfit(view, decimal(view.openQuantity), averagePrice, quote) };
}

function openProfit(
  { side, assetClass }: Pick<TradeView, 'side' | 'assetClass'>,
  open: Decimal,
  averagePrice: Decimal | undefined,
  quote: Quote | undefined,
): DecimalString | null {
  if (!open.isPositive()) return money(Decimal.zero);
  const isLong = side === 'buy';
  const quantity = isLong ? open : open.negated();
  const profit = unrealizedPnl({ assetClass, quantity, averagePrice }, closingPriceOf(quote, isLong));
  return profit === undefined ? null : money(profit);
}

function remaining(state: TradeState): Decimal {
  if (isFinalStatus(state.status)) return Decimal.zero;
  const entries = state.orders.filter((order) => order.leg === 'entry');
  return entries.length === 0
    ? decimal(state.request.quantity)
    : Decimal.sum(entries.filter(isActive).map(remainingOf));
}

/** Cover held by the broker and cover by emulation are different things and never added up. */
function stopKind(state: TradeState): TradeView['stopKind'] {
  if (activeOrder(state, 'stop')?.state === 'live') return 'broker';
  return totals(state).open.isPositive() && !state.closing ? 'emulated' : null;
}

/** The order that closed the trade: the closing order, or the stop when it filled. */
function exitOrderId(state: TradeState): string | null {
  const last = state.ledger.fills.filter((fill) => fill.leg !== 'entry').at(-1);
  const order = state.orders.find((candidate) => candidate.request.clientOrderId === last?.clientOrderId);
  return order?.brokerOrderId ?? latestTaken(state, 'exit')?.brokerOrderId ?? null;
}

function unprotectedSeconds(state: TradeState, now: number): DecimalString {
  const { unprotectedMs, uncoveredSince } = state.protection;
  const total = unprotectedMs + (uncoveredSince === undefined ? 0 : now - uncoveredSince);
  return Decimal.ofInteger(Math.max(0, Math.round(total)))
    .dividedBy(Decimal.ofInteger(1000), 3)
    .toString();
}

function price(value: Decimal | undefined): DecimalString | null {
  return value === undefined ? null : value.roundedTo(PRICE_DECIMALS, 'half_even').toString();
}

function money(value: Decimal): DecimalString {
  return value.roundedTo(PRICE_DECIMALS, 'half_even').toString();
}

/** Before the risk check a request may hold anything. */
function timeText(at: unknown): string | null {
  const time = new Date(typeof at === 'number' || typeof at === 'string' ? at : Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
