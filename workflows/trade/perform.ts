import { ActivityFailure, ApplicationFailure, log, TemporalFailure, workflowInfo } from '@temporalio/workflow';
import type { LookRequest, OrderRef } from '../../activities/contracts.js';
import { applyAdmission, applyChangeVerdict, exposureAfterChange } from '../../src/domain/trade/admission.js';
import { holdingOf } from '../../src/domain/trade/holding.js';
import { applyFailedLook, applyLook } from '../../src/domain/trade/look.js';
import type { Action } from '../../src/domain/trade/next-action.js';
import { AMBIGUOUS_ORDER, applyOrderFacts, markUnknown, type OrderFact } from '../../src/domain/trade/order-facts.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import { leaveToAPerson, settle } from '../../src/domain/trade/settle.js';
import type { TradeOrder, TradeState } from '../../src/domain/trade/state.js';
import {
  beginCancelling,
  beginLooking,
  beginPlacing,
  beginResending,
  countLookup,
  endCancelling,
  endPlacing,
  isPositionInDoubt,
  scheduleLook,
  scheduleLookup,
  watchedOrders,
} from '../../src/domain/trade/under-way.js';
import { admission, looks, lookups, orders, stops } from '../support/activity-profiles.js';

type Deed = Exclude<Action, { kind: 'wait' } | { kind: 'finish' }>;

/** Does what the domain decided and folds the outcome into the state. Only this file calls activities of a trade. */
export async function perform(input: TradeInput, state: TradeState, action: Deed): Promise<void> {
  switch (action.kind) {
    case 'admit':
      return admit(input, state);
    case 'approve':
      return approve(state);
    case 'place':
      return place(state, action.order);
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

async function place(state: TradeState, order: TradeOrder): Promise<void> {
  beginPlacing(state, order, Date.now());
  const summary = summaryOf(order);
  await send(state, order, () => writing(order).placeOrder.executeWithOptions({ summary }, [refOf(state, order)]));
}

async function resend(state: TradeState, order: TradeOrder): Promise<void> {
  beginResending(order, Date.now());
  const summary = `once more: ${summaryOf(order)}`;
  await send(state, order, () => writing(order).resendOrder.executeWithOptions({ summary }, [refOf(state, order)]));
}

/** Whatever goes wrong with a send, from here on the order is looked for. */
async function send(state: TradeState, order: TradeOrder, attempt: () => Promise<OrderFact[]>): Promise<void> {
  try {
    applyOrderFacts(state, await attempt(), Date.now());
    endPlacing(order, Date.now());
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    markUnknown(state, order, error.cause?.message ?? error.message, Date.now());
  }
}

async function resolve(state: TradeState, order: TradeOrder): Promise<void> {
  try {
    const summary = `look for ${summaryOf(order)}`;
    const facts = await lookups.resolveOrder.executeWithOptions({ summary }, [refOf(state, order)]);
    countLookup(order, Date.now());
    applyOrderFacts(state, facts, Date.now());
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    if (isAmbiguous(error)) leaveToAPerson(state, order, Date.now());
    else log.warn('an order could not be looked for; trying again', { order: order.request.clientOrderId });
  }
  scheduleLookup(state, order, Date.now());
}

function isAmbiguous({ cause }: ActivityFailure): boolean {
  return cause instanceof ApplicationFailure && cause.type === AMBIGUOUS_ORDER;
}

async function cancel(state: TradeState, order: TradeOrder): Promise<void> {
  beginCancelling(state, order, Date.now());
  const { broker, account } = state.request;
  const { clientOrderId } = order.request;
  const input = { tradeId: state.id, broker, account, clientOrderId, brokerOrderId: knownId(order) };
  const summary = `cancel ${summaryOf(order)}`;
  try {
    applyOrderFacts(state, await orders.cancelOrder.executeWithOptions({ summary }, [input]), Date.now());
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('a cancel was not answered; the order will be read', { order: clientOrderId });
  }
  endCancelling(state, order, Date.now());
}

async function look(state: TradeState): Promise<void> {
  beginLooking(state, Date.now());
  try {
    applyLook(state, await looks.lookAtMarket(lookRequest(state)), Date.now());
  } catch (error) {
    // What a local activity fails with comes as it is; only its time-out comes as an ActivityFailure.
    if (!(error instanceof TemporalFailure)) throw error;
    applyFailedLook(state, Date.now());
  }
  settle(state, Date.now());
  scheduleLook(state, Date.now());
}

function lookRequest(state: TradeState): LookRequest {
  const { broker, account, symbol, assetClass } = state.request;
  return {
    tradeId: state.id,
    broker,
    account,
    symbol,
    assetClass,
    orders: watchedOrders(state, Date.now()).map(
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
    positionInDoubt: isPositionInDoubt(state),
    splitsSince: state.admittedAt ?? state.createdAt,
  };
}

/** The stop has 10 s altogether; everything else has longer. */
function writing(order: TradeOrder): typeof orders {
  return order.leg === 'stop' ? stops : orders;
}

function knownId(order: TradeOrder): string {
  if (order.brokerOrderId === undefined) throw new Error(`the broker does not know ${order.request.clientOrderId}`);
  return order.brokerOrderId;
}

function refOf(state: TradeState, order: TradeOrder): OrderRef {
  const { broker, account } = state.request;
  const { leg, generation, request } = order;
  return { tradeId: state.id, broker, account, leg, generation, request, holding: holdingOf(state) };
}

function summaryOf(order: TradeOrder): string {
  const { type, side, quantity, limitPrice, stopPrice, trailPercent } = order.request;
  const price = stopPrice ?? limitPrice ?? (trailPercent === undefined ? undefined : `${trailPercent} %`);
  return `${order.leg} ${order.generation}: ${side} ${quantity} ${type}${price === undefined ? '' : ` ${price}`}`;
}
