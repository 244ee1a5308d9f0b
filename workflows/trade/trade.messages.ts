/** The messages of a running trade. Clients import this; the names are a contract (docs/temporal.md). */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { DecimalString } from '../../src/domain/decimal.js';
import type { Reason } from '../../src/domain/trade/status.js';
import type { TradeView } from '../../src/domain/trade/view.js';

/** The verdict of the risk check; the update used with start. */
export type RiskVerdict = { accepted: true; trade: TradeView } | { accepted: false; trade: TradeView; reason: Reason };
export const riskVerdict = defineUpdate<RiskVerdict>('riskVerdict');

/** A change counts only in the update that it was made for: its name and its id. */
export interface OfUpdate {
  update: string;
}

/** Changes the working entry. At least one field; quantity is the entry's new total. */
export interface ReplaceOrder {
  limitPrice?: DecimalString;
  quantity?: DecimalString;
}
/** Answers when the broker accepted the change; fails with an ApplicationFailure whose type is a problem slug. */
export const replaceOrder = defineUpdate<TradeView, [ReplaceOrder & OfUpdate]>('replaceOrder');

/** Changes stop, target or exit time (epoch milliseconds, market time); null removes a target or a time. */
export interface AdjustExits {
  stopPrice?: DecimalString;
  takeProfitPrice?: DecimalString | null;
  exitAt?: number | null;
}
export const adjustExits = defineUpdate<TradeView, [AdjustExits & OfUpdate]>('adjustExits');

/** Looks at the broker and the quote now, and answers when everything that follows from it is done. */
export const lookNow = defineUpdate<TradeView>('lookNow');

/** Who asked, for the journal. Signals only reduce exposure, so any caller of the namespace may send them. */
export interface CommandDetails {
  by?: string;
  reason?: 'manual' | 'risk' | 'kill_switch' | 'liquidated';
}
export const closeTrade = defineSignal<[CommandDetails?]>('closeTrade');
export const cancelTrade = defineSignal<[CommandDetails?]>('cancelTrade');

/** Hints: they make the trade look; what they contain is never acted on. */
export const brokerEvent = defineSignal<[unknown?]>('brokerEvent');
export const priceEvent = defineSignal<[unknown?]>('priceEvent');

export const tradeState = defineQuery<TradeView>('tradeState');
