/** What people and programs may ask of a running trade. A request is checked against the state and then only noted: the main loop acts. */
import { Decimal, type DecimalString, decimal } from '../decimal.js';
import { isSealed } from '../sealed.js';
import { closingPriceOf } from '../unrealized-pnl.js';
import { startClosing } from './closing.js';
import { isThroughStop } from './exit-prices.js';
import { exitTime, LONGEST_AHEAD_MS } from './exit-time.js';
import { acceptVanished } from './position.js';
import { note } from './report.js';
import { acceptSplit } from './split-signs.js';
import { activeOrder, isLong, type TradeState, totals } from './state.js';
import { type ExitReason, isFinalStatus, type Reason } from './status.js';

/** A request that cannot be followed; `type` is the slug of the API's problem. */
export interface RequestRefusal {
  type: 'validation-failed' | 'invalid-state' | 'risk-denied';
  reason: Reason;
}

/** Gets out: cancels what works, sells what is held. Asking again changes nothing. */
export function requestClose(state: TradeState, reason: ExitReason, now: number, by?: string): void {
  if (isFinalStatus(state.status)) return;
  if (state.attention?.code === 'exit_refused') delete state.attention;
  delete state.refusedExit;
  confirmAbsence(state);
  acceptSplit(state, now);
  acceptVanished(state, now);
  startClosing(state, reason, now, by);
}

/** Cancels the working entry; what is filled is sold, or stays guarded, as the trade's `onCancel` says. */
export function requestCancel(state: TradeState, now: number, by?: string): void {
  if (isFinalStatus(state.status)) return;
  confirmAbsence(state);
  if (state.request.onCancel === 'flatten') requestClose(state, 'cancel', now, by);
  else state.stopEntering ??= { why: 'cancel' };
}

/** Who sent a command past the API, as the trade's journal names them. */
const CLIENT_OF_TEMPORAL = 'a client of Temporal';
const IN_TEMPORAL = 'cancelled in Temporal';

/** Of a command that anybody may have sent counts that it came: not who is said to have sent it, and not why. */
export function believed(request: unknown): unknown {
  return isSealed(request) ? request : { by: CLIENT_OF_TEMPORAL };
}

/** To close or to cancel the trade. Any client of the namespace may send one, so `request` may have any shape. */
export interface Command {
  name: 'closeTrade' | 'cancelTrade';
  request: unknown;
}

/** What a cancellation of the workflow asks for. */
export const CANCELLATION: Command = { name: 'cancelTrade', request: { by: IN_TEMPORAL } };

export function applyCommand(state: TradeState, { name, request }: Command, now: number): void {
  const { reason, by }: { reason?: unknown; by?: unknown } = isObject(request) ? request : {};
  const caller = typeof by === 'string' ? by.slice(0, 100) : undefined;
  if (caller === CLIENT_OF_TEMPORAL || caller === IN_TEMPORAL) noteFromOutside(state, name, caller, now);
  if (name === 'cancelTrade') requestCancel(state, now, caller);
  else requestClose(state, COMMAND_REASONS.find((known) => known === reason) ?? 'manual', now, caller);
}

/** One a day of each is enough to ask after, however many are sent. */
function noteFromOutside(state: TradeState, command: Command['name'], by: string, now: number): void {
  const day = new Date(now).toISOString().slice(0, 10);
  if (isFinalStatus(state.status) || state.commandedOn?.[command] === day) return;
  state.commandedOn = { ...state.commandedOn, [command]: day };
  note(state, now, 'commanded', `${command}:${day}`, { command, by });
}

const COMMAND_REASONS = ['manual', 'risk', 'kill_switch', 'liquidated'] as const;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whoever closes or cancels a trade after being asked what became of an order has looked for it. */
function confirmAbsence(state: TradeState): void {
  if (state.attention?.code === 'placement_unknown') state.absenceConfirmed = true;
}

export interface EntryChangeRequest {
  limitPrice?: DecimalString;
  quantity?: DecimalString;
}

export function checkEntryChange(state: TradeState, wanted: EntryChangeRequest): RequestRefusal | undefined {
  if (wanted.limitPrice === undefined && wanted.quantity === undefined)
    return invalid('EMPTY_CHANGE', 'The request changes nothing: give at least one field.');
  if (!areAmounts(wanted.limitPrice, wanted.quantity)) return NOT_AN_AMOUNT;
  const entry = activeOrder(state, 'entry');
  if (state.closing || state.stopEntering || !entry || entry.state !== 'live') {
    return wrongState('ENTRY_NOT_WORKING', 'The entry order is not working, so it cannot be changed.');
  }
  if (isUnderWay(state))
    return wrongState(
      'CHANGE_IN_PROGRESS',
      'Another change of this trade has not been completed yet. Try again when it has.',
    );
  if (wanted.limitPrice !== undefined && entry.request.type !== 'limit') {
    return invalid('NOT_A_LIMIT_ORDER', 'A market order has no limit price.');
  }
  const { entered } = totals(state);
  if (wanted.quantity !== undefined && decimal(wanted.quantity).atMost(entered)) {
    return invalid('BELOW_FILLED', `${entered} are filled already; the new quantity must be larger.`);
  }
  return undefined;
}

export function requestEntryChange(state: TradeState, { limitPrice, quantity }: EntryChangeRequest): void {
  state.entryChange = {
    step: 'asked',
    ...(limitPrice === undefined ? {} : { limitPrice }),
    ...(quantity === undefined ? {} : { quantity }),
  };
}

export interface ExitsChangeRequest {
  stopPrice?: DecimalString;
  /** null removes the target */
  takeProfitPrice?: DecimalString | null;
  /** epoch milliseconds, market time; null removes the time, except for the last moment of an option */
  exitAt?: number | null;
}

export function checkExitsChange(state: TradeState, wanted: ExitsChangeRequest): RequestRefusal | undefined {
  const { stopPrice, takeProfitPrice, exitAt } = wanted;
  if (stopPrice === undefined && takeProfitPrice === undefined && exitAt === undefined)
    return invalid('EMPTY_CHANGE', 'The request changes nothing: give at least one field.');
  if (!areAmounts(stopPrice, takeProfitPrice ?? undefined)) return NOT_AN_AMOUNT;
  if (state.closing || isFinalStatus(state.status) || state.admission !== 'accepted') {
    return wrongState('TRADE_CLOSING', `The trade is ${state.status}, so its exits cannot be changed.`);
  }
  if (isUnderWay(state))
    return wrongState(
      'CHANGE_IN_PROGRESS',
      'Another change of this trade has not been completed yet. Try again when it has.',
    );
  return checkExitTime(state, exitAt) ?? checkExitPrices(state, wanted);
}

/** Any client of the namespace may ask, so the time may have any type. */
function checkExitTime({ request, monitor, admittedAt }: TradeState, exitAt: unknown): RequestRefusal | undefined {
  if (exitAt === undefined || exitAt === null) return undefined;
  const marketTime = monitor.marketTime ?? admittedAt ?? 0;
  if (typeof exitAt !== 'number' || !(exitAt > marketTime && exitAt <= marketTime + LONGEST_AHEAD_MS))
    return invalid('NOT_AN_EXIT_TIME', 'The exit time must lie ahead, within a year.');
  if ((exitTime({ ...request, exitAt }) ?? exitAt) > marketTime) return undefined;
  return invalid('NOT_AN_EXIT_TIME', 'There is no session before this exit time in which the trade could be closed.');
}

function checkExitPrices(state: TradeState, wanted: ExitsChangeRequest): RequestRefusal | undefined {
  const price = closingPriceOf(state.monitor.quote, isLong(state));
  // Prices from before a split say nothing about a stop after it.
  if (price === undefined || state.attention?.code === 'suspected_split') return undefined;
  if (wanted.stopPrice !== undefined && isThroughStop(state, price, decimal(wanted.stopPrice))) {
    return denied(
      'STOP_THROUGH_MARKET',
      `The market is at ${price}: this stop would be triggered at once.`,
      price.toString(),
      wanted.stopPrice,
    );
  }
  const target = wanted.takeProfitPrice;
  if (typeof target === 'string' && isBehind(state, target, price.toString())) {
    return denied(
      'TARGET_THROUGH_MARKET',
      `The market is at ${price}: this target has been reached already.`,
      price.toString(),
      target,
    );
  }
  return undefined;
}

export function requestExitsChange(state: TradeState, wanted: ExitsChangeRequest, now: number): void {
  // Whoever sets prices has looked at them; a time says nothing of a split, or of a stop that is gone.
  const isOfTime = wanted.stopPrice === undefined && wanted.takeProfitPrice === undefined;
  if (!isOfTime) acceptSplit(state, now);
  const number = (state.exitsChange?.number ?? 0) + 1;
  state.exitsChange = { number, previous: { ...state.plan }, step: 'asked', ...(isOfTime && { isOfTime }) };
  if (wanted.exitAt !== undefined) setExitTime(state, wanted.exitAt);
  if (!isOfTime) setExitPrices(state, wanted);
}

function setExitPrices(state: TradeState, wanted: ExitsChangeRequest): void {
  const { plan } = state;
  if (wanted.stopPrice !== undefined) {
    plan.stopPrice = wanted.stopPrice;
    delete plan.stopPercent;
    delete plan.trailPercent;
  }
  if (wanted.takeProfitPrice !== undefined) {
    delete plan.targetPercent;
    if (wanted.takeProfitPrice === null) delete plan.targetPrice;
    else plan.targetPrice = wanted.takeProfitPrice;
  }
  const held = state.attention?.code;
  if (held === 'suspected_split') acceptJump(state);
  if (held === 'suspected_split' || held === 'stop_missing') delete state.attention;
}

function setExitTime({ request, plan }: TradeState, exitAt: number | null): void {
  const { symbol, assetClass } = request;
  delete plan.exitAt;
  delete plan.exitsBy;
  if (exitAt !== null) plan.exitAt = exitAt;
  const exitsBy = exitTime({ symbol, assetClass, ...(exitAt !== null && { exitAt }) });
  if (exitsBy !== undefined) plan.exitsBy = exitsBy;
}

/** Prices from before the jump say nothing about those after it. */
function acceptJump({ monitor }: TradeState): void {
  monitor.jumpAccepted = true;
  delete monitor.sessionEnd;
  delete monitor.splitsBefore;
  delete monitor.attentionBefore;
  delete monitor.quote;
  delete monitor.doubtful;
}

/** Any client of the namespace may ask, so what it sends may have any type. */
function areAmounts(...values: unknown[]): boolean {
  return values.every((value) => value === undefined || isAmount(value));
}

function isAmount(value: unknown): boolean {
  return typeof value === 'string' && (Decimal.tryParse(value)?.isPositive() ?? false);
}

function isUnderWay(state: TradeState): boolean {
  const { entryChange, exitsChange } = state;
  return entryChange?.step === 'asked' || entryChange?.step === 'approved' || exitsChange?.step === 'asked';
}

function isBehind(state: TradeState, target: DecimalString, price: DecimalString): boolean {
  return isLong(state) ? decimal(target).atMost(decimal(price)) : decimal(target).atLeast(decimal(price));
}

const NOT_AN_AMOUNT = invalid('NOT_AN_AMOUNT', 'Prices and quantities must be positive decimals, written as strings.');

function invalid(code: string, message: string): RequestRefusal {
  return { type: 'validation-failed', reason: { code, message } };
}

function wrongState(code: string, message: string): RequestRefusal {
  return { type: 'invalid-state', reason: { code, message } };
}

function denied(code: string, message: string, limit: string, attempted: string): RequestRefusal {
  return { type: 'risk-denied', reason: { code, message, limit, attempted } };
}
