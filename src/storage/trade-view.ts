import type { Prisma, Trade } from '../../prisma/generated/client.js';
import { Decimal, type DecimalString, decimalString } from '../domain/decimal.js';
import { type TradeId, tradeWorkflowId } from '../domain/ids.js';
import { type AssetClass, contractMultiplier } from '../domain/instrument.js';
import type { Quote } from '../domain/market.js';
import type { TimeInForce } from '../domain/order.js';
import type { TradeSide } from '../domain/trade/request.js';
import type { ExitReason, Reason, TradeStatus } from '../domain/trade/status.js';
import type { TradeView } from '../domain/trade/view.js';

/** A row of `trades` as everybody outside sees it. The quote values what is held; without one its profit is unknown. */
export function toTradeView(row: Trade, quote?: Quote): TradeView {
  return {
    id: row.id as TradeId,
    workflowId: tradeWorkflowId(row.id as TradeId),
    status: row.status as TradeStatus,
    reason: row.reason as Reason | null,
    broker: row.broker,
    account: row.account,
    symbol: row.symbol,
    assetClass: row.assetClass as AssetClass,
    side: row.side as TradeSide,
    orderType: row.orderType as TradeView['orderType'],
    limitPrice: textOrNull(row.limitPrice),
    timeInForce: row.timeInForce as TimeInForce,
    quantity: textOf(row.quantity),
    filledQuantity: textOf(row.filledQuantity),
    remainingQuantity: textOf(row.remainingQuantity),
    openQuantity: textOf(row.openQuantity),
    averageFillPrice: textOrNull(row.averageFillPrice),
    stopPrice: textOrNull(row.stopPrice),
    stopOrderId: row.stopOrderId,
    stopKind: row.stopKind as TradeView['stopKind'],
    takeProfitPrice: textOrNull(row.takeProfitPrice),
    entryOrderId: row.entryOrderId,
    exitOrderId: row.exitOrderId,
    exitPrice: textOrNull(row.exitPrice),
    exitReason: row.exitReason as ExitReason | null,
    realizedPnl: textOf(row.realizedPnl),
    unrealizedPnl: unrealizedPnl(row, quote),
    fees: textOf(row.fees),
    unprotectedSeconds: textOf(row.unprotectedSeconds),
    strategy: row.strategy,
    note: row.note,
    createdAt: row.createdAt.toISOString(),
    openedAt: row.openedAt?.toISOString() ?? null,
    closedAt: row.closedAt?.toISOString() ?? null,
  };
}

/** What selling the held quantity now (buying it back, for a short) would bring over its cost. */
function unrealizedPnl(row: Trade, quote: Quote | undefined): DecimalString | null {
  const open = Decimal.parse(textOf(row.openQuantity));
  if (open.isZero()) return Decimal.zero.toString();
  const isLong = row.side === 'buy';
  const price = isLong ? quote?.bid : quote?.ask;
  if (price === undefined || row.averageFillPrice === null) return null;
  const gain = Decimal.parse(price).minus(Decimal.parse(textOf(row.averageFillPrice)));
  const value = gain.times(open).times(contractMultiplier(row.assetClass as AssetClass));
  return (isLong ? value : value.negated()).toString();
}

/** Prisma prints small decimals with an exponent; ours never have one. */
export function textOf(value: Prisma.Decimal): DecimalString {
  return decimalString(value.toFixed());
}

function textOrNull(value: Prisma.Decimal | null): DecimalString | null {
  return value === null ? null : textOf(value);
}
