/** What the account holds, beside what the trade's fills say: shares may leave the account without an order of the trade. */
import { Decimal, type DecimalString, decimal } from '../decimal.js';
import { VANISHED } from './attention.js';
import { withExternal } from './ledger.js';
import { alert, note } from './report.js';
import { activeOrder, hasUnknownOrder, isLong, latestTaken, type TradeState, totals, tradable } from './state.js';
import { type UnownedPosition, waitsForPerson } from './vanished.js';

/** The position in the trade's symbol, with what is known of the account's other trades. */
export interface PositionRead {
  /** signed */
  position: DecimalString;
  /** signed quantity that other open trades hold in the same account and symbol */
  othersOpen: DecimalString;
  /** whether those others have sold, or bought, is unknown: an answer to a send of theirs was lost. Absent: nobody asked the broker */
  othersInDoubt?: boolean;
  /** they bought so recently that the position may lag behind it */
  othersEntered?: boolean;
  /** what the account holds in symbols that no trade is in; only asked for when something is missing */
  unowned?: UnownedPosition[];
  /** how many of them come before this trade when something is missing: the same shares are never taken off two */
  othersBefore?: number;
}

const DAY_MS = 86_400_000;
/** A position that our fills do not explain must be seen again so much later. */
const CONFIRM_MS = 5_000;
/** So long a look has to explain a position that is smaller than the trade's; it needs two, 5 s apart. */
const EXPLAIN_MS = 8_000;

/** When the time for explaining a smaller position is over; undefined when nothing is missing. */
export function explanationEndsAt({ monitor }: TradeState): number | undefined {
  return monitor.unexplained && monitor.unexplained.since + EXPLAIN_MS;
}

/** Whoever took the stop away may have sold as well: a stop is not put back for shares that may be gone. */
export function mayBeSoldElsewhere(state: TradeState, now: number): boolean {
  const isRestoring = latestTaken(state, 'stop') !== undefined;
  const endsAt = explanationEndsAt(state);
  return isRestoring && endsAt !== undefined && now < endsAt;
}

/**
 * Whether something is to follow from the position, so that the broker is asked for the other trades' orders, too. Where it
 * does not know our ids, what was held before and after shows whether a lost closing order has sold.
 */
export function isPositionUnclear({ monitor, closing, capabilities }: TradeState): boolean {
  return monitor.unexplained !== undefined || (closing !== undefined && !capabilities.findsById);
}

/** Shares sold (or bought back) outside of Arbion shrink the trade; nothing is concluded from one look. */
export function applyPosition(state: TradeState, read: PositionRead, marketTime: number, now: number): void {
  const { monitor } = state;
  const { open } = totals(state);
  const held = decimal(read.position).minus(decimal(read.othersOpen));
  const ours = isLong(state) ? held : held.negated();
  monitor.held = ours.toString();
  monitor.heldIsCertain = read.othersInDoubt === false;
  const missing = open.minus(ours).min(open);
  if (!missing.isPositive() || mayHaveSold(state)) {
    delete monitor.unexplained;
    return;
  }
  if (takePaidFraction(state, missing, marketTime, now)) return;
  const quantity = missing.toString();
  const since = seenSince(state, quantity, read);
  if (since === undefined) monitor.unexplained = { quantity, othersOpen: read.othersOpen, since: now };
  else if (isConfirmed(state, since, read, now)) {
    const waits = missing.equals(open) && waitsForPerson(state, missing, read, now);
    if (!waits) recordExternalChange(state, quantity, marketTime, now);
  }
}

/** A fraction of a share that a split left is paid out: the position shows it missing. */
function takePaidFraction(state: TradeState, missing: Decimal, marketTime: number, now: number): boolean {
  const price = state.ledger.splits.at(-1)?.price;
  const { open } = totals(state);
  const fraction = open.minus(open.roundedToTick(Decimal.one, 'down'));
  if (price === undefined || state.request.assetClass === 'crypto' || !fraction.equals(missing)) return false;
  const quantity = missing.toString();
  state.ledger = withExternal(state.ledger, { quantity, at: marketTime, price });
  note(state, now, 'external_change', `${state.ledger.external.length}`, { quantity, price });
  return true;
}

/** Less than can be traded is left of a trade, by a split or by another hand: the account keeps it. */
export function concludeRemnant(state: TradeState, now: number): void {
  const { open } = totals(state);
  if (!open.isPositive() || tradable(state).isPositive()) return;
  if (activeOrder(state, 'entry') || mayHaveSold(state)) return;
  takeOut(state, open.toString(), state.monitor.marketTime ?? now, now);
  const message = `${open} ${state.request.symbol} are less than can be traded. They stay in the account, and no trade holds them.`;
  alert(state, 2, 'remnant_left', message);
}

/** An order of the trade's own explains what is missing, or may do so. */
function mayHaveSold(state: TradeState): boolean {
  return (
    activeOrder(state, 'exit') !== undefined ||
    activeOrder(state, 'stop')?.triggered === true ||
    hasUnknownOrder(state, 'stop')
  );
}

/** Since when the same quantity has been missing. */
function seenSince({ monitor }: TradeState, missing: DecimalString, { othersOpen }: PositionRead): number | undefined {
  const seen = monitor.unexplained;
  const isSame =
    seen && decimal(seen.quantity).equals(decimal(missing)) && decimal(seen.othersOpen).equals(decimal(othersOpen));
  return isSame ? seen.since : undefined;
}

function isConfirmed(state: TradeState, since: number, read: PositionRead, now: number): boolean {
  // Another trade's shares may have left by its own stop: it knows at its next look, and a moment later so do we.
  const turns = decimal(read.othersOpen).isZero() ? 0 : 1 + (read.othersBefore ?? 0);
  const patience = CONFIRM_MS + turns * state.settings.monitorIntervalMs;
  // A look may take seconds: what it shows may have been read as it began, soon after the one before.
  const begunAt = state.monitor.lookBegunAt ?? now;
  if (begunAt - since < patience || read.othersInDoubt || read.othersEntered) return false;
  if (hasJustSplit(state) && !decimal(read.othersOpen).isZero()) return false;
  return !mayLagBehindEntry(state, begunAt);
}

/** The account's other trades may not have been converted yet. */
function hasJustSplit({ ledger, monitor }: TradeState): boolean {
  const at = ledger.splits.at(-1)?.at;
  return at !== undefined && monitor.marketTime !== undefined && monitor.marketTime - at < DAY_MS;
}

/** A position may be reported later than the fill that made it. It is not late when something else says the same. */
function mayLagBehindEntry(state: TradeState, begunAt: number): boolean {
  const stop = latestTaken(state, 'stop');
  const wasStopTakenAway = stop?.status === 'cancelled' && !stop.endedByUs;
  const wasRefusedAsOversold = state.protection.oversold > 0;
  if (wasStopTakenAway || wasRefusedAsOversold) return false;
  return begunAt - (state.monitor.enteredAt ?? 0) < state.capabilities.settleWindowMs;
}

/** A person has looked for a position that vanished: it is not this trade's any more. */
export function acceptVanished(state: TradeState, now: number): void {
  const { attention, monitor } = state;
  if (attention?.code !== VANISHED || !monitor.unexplained) return;
  recordExternalChange(state, monitor.unexplained.quantity, monitor.marketTime ?? now, now);
}

function recordExternalChange(state: TradeState, quantity: DecimalString, marketTime: number, now: number): void {
  const key = takeOut(state, quantity, marketTime, now);
  const message = `${quantity} ${state.request.symbol} left the account without an order of this trade.`;
  alert(state, 2, 'external_change', message, key);
}

/** The quantity is the trade's no longer. Answers the key of the change. */
function takeOut(state: TradeState, quantity: DecimalString, marketTime: number, now: number): string {
  delete state.monitor.unexplained;
  state.ledger = withExternal(state.ledger, { quantity, at: marketTime });
  const key = `${state.ledger.external.length}`;
  note(state, now, 'external_change', key, { quantity });
  return key;
}
