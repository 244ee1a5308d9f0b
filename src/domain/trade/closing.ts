/** Getting out: why the position is closed, the closing order, and how the trade ends. */
import { lastOptionClose } from '../calendar.js';
import { parseOptionSymbol } from '../instrument.js';
import { sidesOf } from '../order.js';
import { VANISHED } from './attention.js';
import { isBetweenSessions } from './day-stops.js';
import { newOrder } from './new-order.js';
import { countRefusedExit, exitToRetry, isExitHeld } from './refused-exit.js';
import { note } from './report.js';
import {
  activeOrder,
  latestOrder,
  latestTaken,
  nextGeneration,
  type TradeOrder,
  type TradeState,
  totals,
  tradable,
} from './state.js';
import type { ExitReason, Reason } from './status.js';
import { cancelWorking, placeDecided, type Step } from './step.js';

/** The wait before what is left is sold, when a closing order ended without selling all. */
const RETRY_MS = 30_000;

const TAKEN_FOR_GOOD_MS = 60_000;

/** Decides that the position is to be closed, unless the broker keeps refusing that. The first reason stays. */
export function startClosing(state: TradeState, reason: ExitReason, now: number, by?: string): void {
  if (state.closing || (isExitHeld(state, now) && !isFirstTimeExit(state, reason))) return;
  state.closing = { reason, refusals: 0, ...(by === undefined ? {} : { by }) };
  state.stopEntering ??= { why: 'close' };
  note(state, now, 'closing', `${state.moves}:${reason}`, { reason, ...(by === undefined ? {} : { by }) });
}

/** A time that the trader has set is kept even while another exit waits after refusals. */
function isFirstTimeExit({ refusedExit }: TradeState, reason: ExitReason): boolean {
  return reason === 'time' && refusedExit?.reason !== 'time';
}

/** What a close at the stop is called. */
export function stopReason({ plan }: TradeState): ExitReason {
  return plan.trailPercent === undefined ? 'stop' : 'trailing';
}

// ------------------------------------------------------------------ decisions

/** The entry must have ended, and the broker must have confirmed that the stop is cancelled, before anything is sold. */
export function closeStep(state: TradeState, now: number): Step | undefined {
  if (activeOrder(state, 'entry')) return undefined;
  const stop = activeOrder(state, 'stop');
  if (stop) return cancelWorking(stop, now);
  const exit = activeOrder(state, 'exit');
  if (exit) return exit.state === 'decided' ? placeDecided(exit, now) : undefined;
  if (!totals(state).open.isPositive()) return finishStep(state);
  if (state.attention?.code === VANISHED || isBetweenSessions(state)) return undefined;
  if (state.closing?.retryAt !== undefined && state.closing.retryAt > now) return undefined;
  return { kind: 'place', order: closingOrder(state) };
}

function closingOrder(state: TradeState): TradeOrder {
  return newOrder(state, 'exit', nextGeneration(state, 'exit'), {
    side: sidesOf(state.request.side).closing,
    type: 'market',
    quantity: tradable(state).toString(),
    timeInForce: 'day',
    session: 'regular',
  });
}

/** Nothing works and nothing is held: which end is it? */
export function finishStep(state: TradeState): Step {
  const { entered } = totals(state);
  if (entered.isPositive()) return { kind: 'finish', status: 'closed', exitReason: exitReasonOf(state) };
  const entry = latestTaken(state, 'entry') ?? latestOrder(state, 'entry');
  if (entry?.status === 'rejected') return { kind: 'finish', status: 'rejected', ...reasonOf(state, entry) };
  const expired = entry?.status === 'expired' || state.stopEntering?.why === 'expired';
  return { kind: 'finish', status: expired ? 'expired' : 'cancelled' };
}

/** The broker's words also where the refusal was believed only after the absence window. */
function reasonOf({ reason }: TradeState, { refusal }: TradeOrder): { reason?: Reason } {
  const said = reason ?? refusal;
  return said === undefined ? {} : { reason: said };
}

function exitReasonOf(state: TradeState): ExitReason {
  const last = state.ledger.fills.filter((fill) => fill.leg !== 'entry').at(-1);
  if (last?.leg === 'stop') return stopReason(state);
  if (last) return state.closing?.reason ?? 'manual';
  return hasExpired(state) ? 'expired' : 'external';
}

/** An option that left the account after its last session; whether it was exercised is in the broker's statement. */
function hasExpired({ request, monitor }: TradeState): boolean {
  const contract = request.assetClass === 'option' ? parseOptionSymbol(request.symbol) : undefined;
  return contract !== undefined && monitor.marketTime !== undefined && monitor.marketTime >= lastOptionClose(contract);
}

// ------------------------------------------------------------------ conclusions

export function concludeEndedExit(state: TradeState, order: TradeOrder, now: number): void {
  const { closing } = state;
  if (!closing) return;
  state.monitor.lookWanted = true;
  closing.retryAt = now + RETRY_MS;
  if (order.status !== 'rejected') return;
  countRefusedExit(state, closing, order.refusal ?? { code: 'refused', message: 'no reason given' }, now);
}

/** A closing order that has filled in part, or has worked for a minute: some are taken first and refused a moment later. */
function hasSold(state: TradeState, now: number): boolean {
  const exit = activeOrder(state, 'exit');
  return exit?.state === 'live' && (exit.filledQuantity !== '0' || now - (exit.placedAt ?? now) >= TAKEN_FOR_GOOD_MS);
}

/** A closing order that the broker has taken for good ends the refusals; one that it refused before is due again at times. */
export function concludeRefusedExit(state: TradeState, now: number): void {
  if (hasSold(state, now) || !totals(state).open.isPositive()) delete state.refusedExit;
  if (state.refusedExit && !isExitHeld(state, now)) delete state.protection.retryAt;
  const retry = exitToRetry(state, now);
  if (retry) startClosing(state, retry.reason, now, retry.by);
}
