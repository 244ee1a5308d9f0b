import { Decimal, type DecimalString, decimal } from '../decimal.js';
import { contractMultiplier } from '../instrument.js';
import { planOf } from './new-trade.js';
import { applyOrderFacts, type OrderFact } from './order-facts.js';
import { note } from './report.js';
import type { TradeRequest } from './request.js';
import type { TradeCapabilities, TradeSettings } from './settings.js';
import { activeOrder, isActive, remainingOf, type TradeState, totals } from './state.js';
import { isFinalStatus, type Reason } from './status.js';

/** The verdict on a start: ticket, risk, reservation. */
export type Admission =
  | {
      accepted: true;
      /** the request in its complete form */
      trade: TradeRequest;
      capabilities: TradeCapabilities;
      settings: TradeSettings;
      /** dollars per unit of quantity, multiplier not included */
      referencePrice: DecimalString;
      notional: DecimalString;
      marketTime: number;
      /** orders that exist already: the trade is run again after a reset or an adoption */
      orders: OrderFact[];
      /** when the clock closes it: the trader's own time, moved into a session, or an option's last moment */
      exitsBy?: number;
      /** what the owner should know of it */
      warnings?: Reason[];
      /** the last moment of an option in histories from before `exitsBy` */
      exitAt?: number;
    }
  | { accepted: false; reason: Reason };

export function applyAdmission(state: TradeState, admission: Admission, now: number): void {
  if (!admission.accepted) {
    const { reason } = admission;
    state.admission = 'refused';
    state.reason = reason;
    note(state, now, 'risk_denied', reason.code, { ...reason });
    return;
  }
  state.admission = 'accepted';
  state.request = admission.trade;
  state.plan = planOf(admission.trade);
  state.capabilities = admission.capabilities;
  state.settings = admission.settings;
  state.referencePrice = admission.referencePrice;
  state.admittedAt = admission.marketTime;
  state.monitor.marketTime = admission.marketTime;
  if (admission.exitsBy !== undefined) state.plan.exitsBy = admission.exitsBy;
  if (admission.exitAt !== undefined)
    state.plan.exitAt = Math.min(admission.exitAt, state.plan.exitAt ?? admission.exitAt);
  if (admission.warnings !== undefined) state.warnings = admission.warnings;
  applyOrderFacts(state, admission.orders, now);
  note(state, now, 'risk_checked', 'accepted', { notional: admission.notional });
  for (const warning of admission.warnings ?? []) note(state, now, 'warned', warning.code, { ...warning });
}

/** What the trade holds of the user's limits, in dollars. */
export interface Exposure {
  /** counts against the day: everything filled or still to fill */
  daily: DecimalString;
  /** counts against concentration: open or still to fill */
  exposure: DecimalString;
  /** still to fill */
  pending: DecimalString;
}

/** A changed entry, for its risk check. */
export interface ChangedEntry {
  exposure: Exposure;
  /** the entry's new total */
  quantity: DecimalString;
}

/** Unknown orders keep their reservation; what ended unfilled gives it back. */
export function exposureOf(state: TradeState): Exposure {
  const multiplier = contractMultiplier(state.request.assetClass);
  const { entered, open, averageEntry = Decimal.zero } = totals(state);
  const pending = pendingQuantity(state).times(entryPrice(state)).times(multiplier);
  const filled = entered.times(averageEntry).times(multiplier);
  const held = isFinalStatus(state.status) ? Decimal.zero : open.times(averageEntry).times(multiplier);
  return {
    daily: inDollars(filled.plus(pending)),
    exposure: inDollars(held.plus(pending)),
    pending: inDollars(pending),
  };
}

/** The working entry changed as asked, and what the trade would then hold of the limits. */
export function changedEntryOf(state: TradeState): ChangedEntry {
  const multiplier = contractMultiplier(state.request.assetClass);
  const { entered, open, averageEntry = Decimal.zero } = totals(state);
  const total = decimal(state.entryChange?.quantity ?? state.request.quantity);
  const price = decimal(state.entryChange?.limitPrice ?? entryPrice(state).toString());
  const pending = total.minus(entered).times(price).times(multiplier);
  const exposure = {
    daily: inDollars(entered.times(averageEntry).times(multiplier).plus(pending)),
    exposure: inDollars(open.times(averageEntry).times(multiplier).plus(pending)),
    pending: inDollars(pending),
  };
  return { exposure, quantity: total.toString() };
}

function inDollars(amount: Decimal): DecimalString {
  return amount.roundedTo(8, 'up').toString();
}

function pendingQuantity(state: TradeState): Decimal {
  if (isFinalStatus(state.status) || state.admission !== 'accepted') return Decimal.zero;
  const entries = state.orders.filter((order) => order.leg === 'entry');
  if (entries.length === 0) return state.stopEntering ? Decimal.zero : decimal(state.request.quantity);
  return Decimal.sum(entries.filter(isActive).map(remainingOf));
}

function entryPrice(state: TradeState): Decimal {
  const limit = activeOrder(state, 'entry')?.request.limitPrice ?? state.request.limitPrice;
  return decimal(limit ?? state.referencePrice ?? '0');
}

/** The verdict on a changed entry: its additional exposure is reserved, or refused. */
export type ChangeVerdict = { approved: true } | { approved: false; reason: Reason };

export function applyChangeVerdict(state: TradeState, verdict: ChangeVerdict): void {
  const change = state.entryChange;
  if (change?.step !== 'asked') return;
  change.step = verdict.approved ? 'approved' : 'refused';
  if (!verdict.approved) change.reason = verdict.reason;
}
