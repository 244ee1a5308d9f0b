import type { DecimalString } from '../decimal.js';
import type { TradeId } from '../ids.js';
import type { AssetClass } from '../instrument.js';
import type { TimeInForce, TradingSession } from '../order.js';
import type { TradeSide } from './request.js';
import type { ExitReason, Reason, TradeStatus } from './status.js';

/** A trade as everybody outside sees it: the API's JSON, the query `tradeState`, the command line. Times are ISO 8601, UTC. */
export interface TradeView {
  id: TradeId;
  workflowId: string;
  status: TradeStatus;
  reason: Reason | null;
  /** what the owner should know of it, and what did not stop it */
  warnings: Reason[];
  broker: string;
  account: string;
  symbol: string;
  assetClass: AssetClass;
  side: TradeSide;
  orderType: 'market' | 'limit';
  limitPrice: DecimalString | null;
  timeInForce: TimeInForce;
  /** in which the entry may fill */
  session: TradingSession;
  quantity: DecimalString;
  filledQuantity: DecimalString;
  /** of the entry: what may still fill */
  remainingQuantity: DecimalString;
  /** held now */
  openQuantity: DecimalString;
  averageFillPrice: DecimalString | null;
  stopPrice: DecimalString | null;
  stopOrderId: string | null;
  stopKind: 'broker' | 'emulated' | null;
  takeProfitPrice: DecimalString | null;
  entryOrderId: string | null;
  exitOrderId: string | null;
  exitPrice: DecimalString | null;
  exitReason: ExitReason | null;
  /** fees not deducted */
  realizedPnl: DecimalString;
  /** null without a usable quote */
  unrealizedPnl: DecimalString | null;
  fees: DecimalString;
  /** realised, with all fees deducted */
  result: DecimalString;
  unprotectedSeconds: DecimalString;
  /** the trader's time, as asked */
  exitAt: string | null;
  /** when the clock will close it: that time moved into a session, or an option's last moment if that is earlier */
  exitsBy: string | null;
  strategy: string | null;
  note: string | null;
  createdAt: string;
  openedAt: string | null;
  closedAt: string | null;
}
