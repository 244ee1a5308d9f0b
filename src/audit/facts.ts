import type { Decimal } from '../domain/decimal.js';
import type { Leg } from '../domain/ids.js';
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
  /** ours where the broker accepts one; elsewhere the broker's own, or none */
  clientOrderId?: string;
  symbol: string;
  side: string;
  type: string;
  quantity: string;
  status: string;
  events: LedgerEvent[];
}

export interface LedgerEvent {
  at: string;
  kind: string;
  quantity?: string;
  price?: string;
  executionId?: string;
  /** what was taken out of a quantity that was bought */
  feeInKind?: string;
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
  /** fractions of shares that were paid out after a split: no order shows them */
  paidOut: readonly { quantity: Decimal; price: Decimal }[];
  /** the number of its alerts */
  alerts: number;
  /** what the risk gate still reserves for it; null when nothing ever was */
  reserved: Decimal | null;
}

/** A decision to send an order, and what the database records of it. */
export interface AuditIntent {
  tradeId: string;
  leg: Leg;
  clientOrderId: string;
  account: string;
  symbol: string;
  intent: string;
  brokerOrderId: string | null;
  executions: { executionId: string; quantity: Decimal; price: Decimal }[];
}

export interface AuditFacts {
  ledger: BrokerLedger;
  trades: AuditTrade[];
  intents: AuditIntent[];
  /** `at` in epoch milliseconds */
  splits: { symbol: string; ratio: string; at: number }[];
}

/** One disagreement. */
export interface Finding {
  invariant: string;
  /** the trade or order it concerns */
  subject: string;
  evidence: string;
}

export function finding(invariant: string, subject: string | undefined, evidence: string): Finding {
  return { invariant, subject: subject ?? 'unknown', evidence };
}
