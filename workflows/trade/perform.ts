import { ActivityFailure, log, workflowInfo } from '@temporalio/workflow';
import type { LookRequest, OrderRef } from '../../activities/contracts.js';
import { applyAdmission, applyChangeVerdict, exposureAfterChange } from '../../src/domain/trade/admission.js';
import { applyFailedLook, applyLook } from '../../src/domain/trade/look.js';
import { type Action, pollPause } from '../../src/domain/trade/next-action.js';
import { applyOrderFacts, lookupPause, markUnknown, type OrderFact } from '../../src/domain/trade/order-facts.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import { settle } from '../../src/domain/trade/settle.js';
import type { TradeOrder, TradeState } from '../../src/domain/trade/state.js';
import { admission, looks, lookups, orders, stops } from '../support/activity-profiles.js';

type Deed = Exclude<Action, { kind: 'wait' } | { kind: 'finish' }>;

const CANCEL_AGAIN_MS = 5_000;
/** An order that ended is still read for so long: a fill may be reported after its cancel. */
const TOMBSTONE_MS = 120_000;

/** Does what the domain decided and folds the outcome into the state. Only this file calls activities of a trade. */
export async function perform(input: TradeInput, state: TradeState, action: Deed): Promise<void> {
  switch (action.kind) {
    case 'admit':
      return admit(input, state);
    case 'approve':
      return approve(state);
    case 'place':
      return place(state, action.order);
    case 'replace':
      return replace(state, action.order, action.old);
    case 'cancel':
      return cancel(state, action.order);
    case 'resolve':
      return action.resend ? resend(state, action.order) : resolve(state, action.order);
    case 'look':
      return look(state);
  }
}

async function admit(input: TradeInput, state: TradeState): Promise<void> {
  try {
    applyAdmission(state, await admission.admitTrade({ workflowId: workflowInfo().workflowId, input }), Date.now());
  } catch (error) {
    const message = 'The risk check could not be made in time, so the trade was not started.';
    log.error(message, { error: String(error) });
    applyAdmission(state, { accepted: false, reason: { code: 'risk_check_unavailable', message } }, Date.now());
  }
}

async function approve(state: TradeState): Promise<void> {
  try {
    const verdict = await admission.approveChange({ tradeId: state.id, exposure: exposureAfterChange(state) });
    applyChangeVerdict(state, verdict);
  } catch (error) {
    log.error('the risk check of a change could not be made', { error: String(error) });
    const reason = { code: 'risk_check_unavailable', message: 'The risk check could not be made in time.' };
    applyChangeVerdict(state, { approved: false, reason });
  }
}

/** The order goes into the state before anything is written or sent. */
async function place(state: TradeState, order: TradeOrder): Promise<void> {
  if (!state.orders.includes(order)) state.orders.push(order);
  const summary = summaryOf(order);
  const profile = order.leg === 'stop' ? stops : orders;
  await send(state, order, () => profile.placeOrder.executeWithOptions({ summary }, [refOf(state, order)]));
}

async function resend(state: TradeState, order: TradeOrder): Promise<void> {
  order.lookup = { nextAt: Date.now() + lookupPause(0), count: 0, since: Date.now(), resent: true };
  const profile = order.leg === 'stop' ? stops : orders;
  await send(state, order, () => profile.resendOrder(refOf(state, order)));
}

async function replace(state: TradeState, order: TradeOrder, old: TradeOrder): Promise<void> {
  if (old.brokerOrderId === undefined) throw new Error('only an order that the broker knows can be replaced');
  state.orders.push(order);
  old.endedByUs = true;
  if (order.leg === 'entry' && state.entryChange) state.entryChange.sentAs = order.request.clientOrderId;
  const { brokerOrderId, filledQuantity, request } = old;
  const replaced = { clientOrderId: request.clientOrderId, brokerOrderId, filledQuantity };
  const summary = `replace by ${summaryOf(order)}`;
  await send(state, order, () =>
    orders.replaceOrder.executeWithOptions({ summary }, [{ ...refOf(state, order), old: replaced }]),
  );
}

/** Whatever goes wrong with a send, from here on the order is looked for. */
async function send(state: TradeState, order: TradeOrder, attempt: () => Promise<OrderFact[]>): Promise<void> {
  try {
    applyOrderFacts(state, await attempt(), Date.now());
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    markUnknown(state, order, error.cause?.message ?? error.message, Date.now());
  }
}

async function resolve(state: TradeState, order: TradeOrder): Promise<void> {
  const lookup = order.lookup;
  if (!lookup) return;
  lookup.nextAt = Date.now() + lookupPause(lookup.count);
  try {
    const summary = `look for ${summaryOf(order)}`;
    const facts = await lookups.resolveOrder.executeWithOptions({ summary }, [refOf(state, order)]);
    if (lookup.count === 0) lookup.since = Date.now();
    lookup.count += 1;
    applyOrderFacts(state, facts, Date.now());
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('an order could not be looked for; trying again', { order: order.request.clientOrderId });
  }
  lookup.nextAt = Date.now() + lookupPause(lookup.count);
}

/** The broker's word comes with the read that follows, now or later. */
async function cancel(state: TradeState, order: TradeOrder): Promise<void> {
  if (order.brokerOrderId === undefined) throw new Error('only an order that the broker knows can be cancelled');
  order.endedByUs = true;
  const askedAt = Date.now();
  order.cancel = { askedAt: order.cancel?.askedAt ?? askedAt, nextAt: askedAt + CANCEL_AGAIN_MS };
  const { id: tradeId, request } = state;
  const { broker, account } = request;
  const { clientOrderId } = order.request;
  const summary = `cancel ${summaryOf(order)}`;
  try {
    const facts = await orders.cancelOrder.executeWithOptions({ summary }, [
      { tradeId, broker, account, clientOrderId, brokerOrderId: order.brokerOrderId },
    ]);
    applyOrderFacts(state, facts, Date.now());
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('a cancel was not answered; the order will be read', { order: clientOrderId });
  }
  order.cancel.nextAt = Date.now() + CANCEL_AGAIN_MS;
  if (order.state === 'live') state.monitor.lookWanted = true;
}

async function look(state: TradeState): Promise<void> {
  const anchor = state.monitor.nextLookAt;
  try {
    applyLook(state, await looks.lookAtMarket(lookRequest(state)), Date.now());
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    applyFailedLook(state, Date.now());
  }
  settle(state, Date.now());
  scheduleLook(state, anchor, Date.now());
}

/** Ticks are anchored on the trade's own phase: a late one does not shift those that follow. */
function scheduleLook(state: TradeState, anchor: number, now: number): void {
  const { monitor, settings } = state;
  const interval = settings.monitorIntervalMs;
  const pause = pollPause(state);
  monitor.pollMs = pause;
  if (pause < interval) {
    monitor.nextLookAt = now + pause;
    return;
  }
  const missed = Math.max(0, Math.ceil((now - anchor) / interval));
  const onPhase = anchor > now ? anchor : anchor + Math.max(1, missed) * interval;
  monitor.nextLookAt = onPhase > now ? onPhase : now + interval;
}

function lookRequest(state: TradeState): LookRequest {
  const { broker, account, symbol, assetClass } = state.request;
  const known = state.orders.filter((order) => order.brokerOrderId !== undefined && isWatched(order));
  return {
    tradeId: state.id,
    broker,
    account,
    symbol,
    assetClass,
    orders: known.map(
      ({ leg, generation, request, brokerOrderId = '', status, quantity, filledQuantity, stopPrice, triggered }) => ({
        leg,
        generation,
        request,
        brokerOrderId,
        quantity,
        filledQuantity,
        triggered,
        ...(status === undefined ? {} : { status }),
        ...(stopPrice === undefined ? {} : { stopPrice }),
      }),
    ),
    splitsSince: state.admittedAt ?? state.createdAt,
  };
}

function isWatched(order: TradeOrder): boolean {
  if (order.state !== 'done') return true;
  return order.status !== 'filled' && Date.now() - (order.doneAt ?? 0) < TOMBSTONE_MS;
}

function refOf(state: TradeState, order: TradeOrder): OrderRef {
  const { broker, account } = state.request;
  const { leg, generation, request } = order;
  return { tradeId: state.id, broker, account, leg, generation, request };
}

function summaryOf(order: TradeOrder): string {
  const { type, side, quantity, limitPrice, stopPrice, trailPercent } = order.request;
  const price = stopPrice ?? limitPrice ?? (trailPercent === undefined ? undefined : `${trailPercent} %`);
  return `${order.leg} ${order.generation}: ${side} ${quantity} ${type}${price === undefined ? '' : ` ${price}`}`;
}
