import type { Decimal } from '../domain/decimal.js';
import type { AssetClass } from '../domain/instrument.js';
import type { TradeSide } from '../domain/trade/request.js';

/** The broker's own books: the answer of `GET /control/ledger`, or of the paper broker. */
export interface BrokerLedger {
  orders: LedgerOrder[];
  positions: { account: string; symbol: string; quantity: string }[];
}

export interface LedgerOrder {
  account: string;
  orderId: string;
  clientOrderId?: string;
  symbol: string;
  side: string;
  type: string;
  status: string;
  events: { at: string; kind: string; quantity?: string; price?: string; executionId?: string }[];
}

/** A trade as the database records it. */
export interface AuditTrade {
  id: string;
  account: string;
  symbol: string;
  assetClass: AssetClass;
  side: TradeSide;
  status: string;
  isFinal: boolean;
  exitReason: string | null;
  filledQuantity: Decimal;
  openQuantity: Decimal;
  realizedPnl: Decimal;
}

export interface AuditFacts {
  ledger: BrokerLedger;
  trades: AuditTrade[];
  intents: { clientOrderId: string; intent: string }[];
  executions: { executionId: string; quantity: Decimal; price: Decimal }[];
  /** `at` in epoch milliseconds */
  splits: { symbol: string; ratio: string; at: number }[];
}

/** Something that does not agree. */
export interface Finding {
  invariant: string;
  /** the trade or order it concerns */
  subject: string;
  evidence: string;
}
