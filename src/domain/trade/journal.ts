/**
 * The journal of a trade: what happened, in order, as the API's events and the streams show it.
 * `key` is a function of the fact, so the same fact written twice is one entry.
 */
export interface JournalEntry {
  key: string;
  /** epoch milliseconds */
  at: number;
  kind: JournalKind;
  data: Record<string, string | number | boolean | null>;
}

export type JournalKind =
  /** the API accepted the request; data: symbol, side, quantity */
  | 'requested'
  /** data: notional */
  | 'risk_checked'
  | 'warned'
  /** data: code, message, limit?, value?, attempted? */
  | 'risk_denied'
  /** data: leg, generation, clientOrderId, type, side, quantity, limitPrice?, stopPrice?, brokerOrderId? */
  | 'order_placed'
  /** data: leg, generation, code, message */
  | 'order_refused'
  /** the outcome of a send is not known; data: leg, generation, detail */
  | 'order_unknown'
  /** data: leg, generation, evidence */
  | 'order_resolved'
  /** the broker confirmed that an order ended without (or with only a part of) its fill; data: leg, generation, filledQuantity */
  | 'order_cancelled'
  | 'order_expired'
  | 'order_rejected'
  | 'order_replaced'
  /** data: leg, generation, quantity, price, executionId, fee */
  | 'fill'
  /** a stop rests at the broker (kind broker) or is watched by us (kind emulated); data: quantity, stopPrice, kind */
  | 'protected'
  | 'unprotected'
  | 'stop_missing'
  /** data: stopPrice, takeProfitPrice, exitsBy? (where the exit time was changed) */
  | 'exits_adjusted'
  /** by a client of Temporal, past the API: once a day of each command; data: command, by, sender? */
  | 'commanded'
  /** data: reason */
  | 'closing'
  /** data: status, exitReason?, realizedPnl? */
  | 'status'
  /** data: ratio */
  | 'split'
  /** data: code, message */
  | 'attention'
  | 'attention_cleared'
  /** the guardian took over a trade whose workflow had ended; data: from */
  | 'adopted'
  /** sold or bought outside of Arbion; data: quantity */
  | 'external_change';

/** A message to people. `key` is a function of the fact, so the same alert raised twice is one. Severity 1 is the most urgent. */
export interface Alert {
  key: string;
  severity: 1 | 2 | 3;
  code: string;
  message: string;
}
