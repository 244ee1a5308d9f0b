import { Decimal, type DecimalString, decimal } from '../decimal.js';
import type { Leg, TradeId, UserId } from '../ids.js';
import { contractMultiplier, quantityStep } from '../instrument.js';
import { isFinal, type OrderRequest, type OrderStatus, type Refusal } from '../order.js';
import { closingPriceOf } from '../unrealized-pnl.js';
import type { Alert, JournalEntry } from './journal.js';
import { type LedgerTotals, type TradeLedger, totalsOf } from './ledger.js';
import type { Monitor } from './monitor.js';
import type { TradeRequest } from './request.js';
import type { TradeCapabilities, TradeSettings } from './settings.js';
import type { ExitReason, Reason, TradeStatus } from './status.js';

/** One order of the trade, from the decision on. */
export interface TradeOrder {
  leg: Leg;
  generation: number;
  request: OrderRequest;
  /**
   * `decided`: not sent as far as we know · `unknown`: sent, and the answer was lost · `live`: the broker has it ·
   * `done`: refused, or final at the broker.
   */
  state: 'decided' | 'unknown' | 'live' | 'done';
  brokerOrderId?: string;
  /** when the broker took it, epoch milliseconds */
  placedAt?: number;
  status?: OrderStatus;
  /** as the broker has it now: a split changes it */
  quantity: DecimalString;
  filledQuantity: DecimalString;
  stopPrice?: DecimalString;
  triggered: boolean;
  refusal?: Refusal;
  /** while unknown: when to look for it again, how often that was done, since when the send cannot reach the broker any more */
  lookup?: { nextAt: number; count: number; since: number; resent: boolean };
  /** sends that certainly did not reach the broker, and when to try again */
  again?: { nextAt: number; tries: number };
  /** cancel was asked for; until the broker confirms it, the order is still live. `nextAt`: when to ask again */
  cancel?: { askedAt: number; nextAt: number };
  /** its end was our own decision (cancelled or replaced by us) */
  endedByUs?: boolean;
  /** workflow time of its end */
  doneAt?: number;
  /** of a closing order: what the account held when it was sent, the owner's other shares among it */
  heldBefore?: DecimalString;
  /** its outcome was unknown, and it was concluded that it never reached the broker */
  absent?: boolean;
  /** what follows from its end has been concluded */
  settled?: boolean;
}

/** Where the exits stand now. Absent prices are not decided yet (they follow the first fill) or not wanted. */
export interface ExitPlan {
  stopPrice?: DecimalString;
  stopPercent?: DecimalString;
  trailPercent?: DecimalString;
  limitOffset?: DecimalString;
  targetPrice?: DecimalString;
  targetPercent?: DecimalString;
  exitAt?: number;
  /** when the clock closes the trade: `exitAt` of trades that were admitted before there was this time */
  exitsBy?: number;
}

interface Protection {
  /** workflow time since which broker cover is smaller than the open quantity */
  uncoveredSince?: number;
  /** workflow time since which cover may be smaller with nothing heard from the broker, and whether a person was alerted */
  unsure?: { since: number; reported: boolean };
  unprotectedMs: number;
  /** no stop is placed for this trade any more: the workflow watches the price */
  emulated: boolean;
  /** stops refused since the last one that was taken */
  refusals: number;
  /** the last stop was refused because an order of the other side works in the account */
  opposed?: boolean;
  /** stops refused because less seemed to be held, since the last one that was taken */
  oversold: number;
  /** no stop is placed or changed before */
  retryAt?: number;
  /** best last trade since the entry, for an emulated trail */
  trailBest?: DecimalString;
  /** the 10 s bound was passed and reported for the present gap */
  boundReported?: boolean;
  /** the cover last written to the journal */
  reported?: string;
}

/** The trade is to be closed: why, and everything needed to go on with it after a crash. */
export interface Closing {
  reason: ExitReason;
  by?: string;
  /** refusals of the closing order in a row, in the same words */
  refusals: number;
  words?: string;
  /** refusals in any words */
  tries?: number;
  retryAt?: number;
}

/** The broker keeps refusing to close the position: why it is to be closed, and when the next try is due. */
interface RefusedExit {
  reason: ExitReason;
  by?: string;
  /** how often it was given up until later */
  holds: number;
  /** workflow time */
  nextTryAt: number;
  /** trading day of the refusal; the next session is reason to try at once, and so is the end of a halt */
  day?: string;
  /** the last refusal came outside of a regular session */
  outside?: boolean;
  halted?: boolean;
}

/** Everything a trade carries through its life, through continue-as-new and through adoption by the guardian. Plain JSON. */
export interface TradeState {
  version: 1;
  id: TradeId;
  userId: UserId;
  workflowId: string;
  createdAt: number;
  request: TradeRequest;
  /** the market's time at the risk check: later splits concern this trade */
  admittedAt?: number;
  admission: 'waiting' | 'accepted' | 'refused';
  /** what the risk check found and did not refuse */
  warnings?: Reason[];
  settings: TradeSettings;
  capabilities: TradeCapabilities;
  /** dollars per unit that the risk check counted with, until fills say better */
  referencePrice?: DecimalString;
  plan: ExitPlan;
  orders: TradeOrder[];
  /** up to which generation orders of a leg have left `orders` */
  forgotten?: Partial<Record<Leg, number>>;
  ledger: TradeLedger;
  protection: Protection;
  monitor: Monitor;
  /** the rest of the entry is to be cancelled */
  stopEntering?: { why: 'cancel' | 'close' | 'expired' | 'partial_fill' };
  closing?: Closing;
  refusedExit?: RefusedExit;
  entryChange?: EntryChange;
  exitsChange?: ExitsChange;
  status: TradeStatus;
  exitReason?: ExitReason;
  reason?: Reason;
  attention?: Reason;
  /** a person has checked the account: an order that was not found there does not exist */
  absenceConfirmed?: boolean;
  /** the day on which a command from outside was last noted */
  commandedOn?: Partial<Record<'closeTrade' | 'cancelTrade', string>>;
  openedAt?: number;
  closedAt?: number;
  /** what the database does not have yet */
  pending: { journal: JournalEntry[]; alerts: Alert[] };
  /** counts the moves of the status: a run that was reset and moves the same way again makes the same entries */
  moves: number;
  /** counts the writes of the read model */
  recordVersion: number;
}

/** A change of the working entry, from its request to the broker's answer. */
export interface EntryChange {
  limitPrice?: DecimalString;
  /** the entry's new total */
  quantity?: DecimalString;
  step: 'asked' | 'approved' | 'done' | 'refused';
  /** client order id of the order that is to take the entry's place */
  sentAs?: string;
  reason?: Reason;
}

/** A change of the exits, from its request until the stop at the broker stands as wanted. */
interface ExitsChange {
  /** counts the changes of this trade; a trade that was asked before there was a count has none */
  number?: number;
  previous: ExitPlan;
  /** neither stop nor target changes: nothing at the broker has to follow */
  isOfTime?: true;
  step: 'asked' | 'done' | 'refused';
  reason?: Reason;
}

// ------------------------------------------------------------------ questions about a state

/** They are asked for many times in a look, and the ledger of a trade is another one only after a fill. */
const counted = new WeakMap<TradeLedger, LedgerTotals>();

export function totals({ ledger, request, capabilities }: TradeState): LedgerTotals {
  const known = counted.get(ledger);
  if (known) return known;
  const found = totalsOf(ledger, request.side, contractMultiplier(request.assetClass), capabilities.feeInKind);
  counted.set(ledger, found);
  return found;
}

/** An order that is, or may be, at the broker and not final. */
export function isActive(order: TradeOrder): boolean {
  return order.state !== 'done';
}

export function activeOrder(state: TradeState, leg: Leg): TradeOrder | undefined {
  return state.orders.find((order) => order.leg === leg && isActive(order));
}

export function latestOrder(state: TradeState, leg: Leg): TradeOrder | undefined {
  return state.orders.filter((order) => order.leg === leg).at(-1);
}

/** The last order of the leg that the broker took. */
export function latestTaken(state: TradeState, leg: Leg): TradeOrder | undefined {
  return state.orders.filter((order) => order.leg === leg && order.brokerOrderId !== undefined).at(-1);
}

/** Whether the outcome of an order of the leg is unknown: nothing else is sent for the leg until it is found, or proven absent. */
export function hasUnknownOrder(state: TradeState, leg: Leg): boolean {
  return state.orders.some((order) => order.leg === leg && order.state === 'unknown');
}

export function nextGeneration(state: TradeState, leg: Leg): number {
  return Math.max(0, ...state.orders.filter((order) => order.leg === leg).map((order) => order.generation)) + 1;
}

/** What of an order can still fill. */
export function remainingOf(order: TradeOrder): Decimal {
  return decimal(order.quantity).minus(decimal(order.filledQuantity)).max(Decimal.zero);
}

/** Quantity covered by a stop or closing order that the broker confirmed. */
export function brokerCover(state: TradeState): Decimal {
  const covering = state.orders.filter(
    (order) => order.leg !== 'entry' && order.state === 'live' && order.status !== undefined && !isFinal(order.status),
  );
  return Decimal.sum(covering.map(remainingOf));
}

/** What of the open quantity can be traded: a split may leave a fraction of a share. */
export function tradable(state: TradeState): Decimal {
  return totals(state).open.roundedToTick(quantityStep(state.request.assetClass), 'down');
}

/** The price at which the position would close, by the last good quote. */
export function closingQuotePrice(state: TradeState): Decimal | undefined {
  return closingPriceOf(state.monitor.quote, isLong(state));
}

export function isLong(state: TradeState): boolean {
  return state.request.side === 'buy';
}
