import { ActivityFailure, ApplicationFailure, log, TemporalFailure, workflowInfo } from '@temporalio/workflow';
import { UNSEALED } from '../../src/domain/sealed.js';
import { type DrivenStep, driveLater, type Failed, type LaterAnswers } from '../../src/domain/trade/driver.js';
import { OUT_OF_CALLS } from '../../src/domain/trade/look.js';
import { AMBIGUOUS_ORDER } from '../../src/domain/trade/lost-order.js';
import type { OrderRef } from '../../src/domain/trade/order-ref.js';
import { alert } from '../../src/domain/trade/report.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import type { TradeState } from '../../src/domain/trade/state.js';
import { admission, looks, lookups, orders, stops } from '../support/activity-profiles.js';

const FOREIGN_WORKER =
  'Somebody who reaches the Temporal server answers in place of our workers: see who polls the task queues, and close the way.';

/** Takes a step that the domain decided. Only this file calls the activities of a trade that act or look. */
export async function perform(input: TradeInput, state: TradeState, step: DrivenStep): Promise<void> {
  await driveLater(state, step, () => Date.now(), answersOf(input, state));
}

/** What the driver asks is answered by activities. Their failures are answers, too. */
function answersOf(input: TradeInput, state: TradeState): LaterAnswers {
  const { workflowId } = workflowInfo();
  const tradeId = state.id;
  return {
    admit: () => admission.admitTrade({ workflowId, input }).catch(failedAs('A trade could not be risk-checked.')),
    approve: (change) =>
      admission.approveChange({ tradeId, ...change }).catch(failedAs('A change could not be risk-checked.')),
    place: (order) => {
      const { placeOrder } = writing(order);
      return placeOrder.executeWithOptions({ summary: summaryOf(order) }, [order]).catch(failedActivity(state));
    },
    resend: (order) => {
      const { resendOrder } = writing(order);
      return resendOrder
        .executeWithOptions({ summary: `resend ${summaryOf(order)}` }, [order])
        .catch(failedActivity(state));
    },
    resolve: (order) =>
      lookups.resolveOrder
        .executeWithOptions({ summary: `look for ${summaryOf(order)}` }, [order])
        .catch(failedActivity(state)),
    cancel: (request) => {
      const order = state.orders.find((known) => known.brokerOrderId === request.brokerOrderId);
      const summary = `cancel ${order === undefined ? request.clientOrderId : summaryOf(order)}`;
      return orders.cancelOrder.executeWithOptions({ summary }, [request]).catch(failedActivity(state));
    },
    look: (request) => looks.lookAtMarket(request).catch(failedLook),
  };
}

/** Whatever is wrong with a risk check, there is no verdict. */
function failedAs(message: string): (error: unknown) => Failed {
  return (error) => {
    log.error(message, { error: String(error) });
    return { failed: message };
  };
}

/** An answer of somebody else is none, and a person hears of it. */
function failedActivity(state: TradeState): (error: unknown) => Failed {
  return (error) => {
    if (!(error instanceof TemporalFailure)) throw error;
    const cause = error instanceof ActivityFailure ? error.cause : error;
    const type = cause instanceof ApplicationFailure ? cause.type : undefined;
    const failed = cause?.message ?? error.message;
    log.warn('A call to the broker failed. The order will be read.', { failed });
    if (type === UNSEALED) alert(state, 1, 'foreign_worker', `${failed} ${FOREIGN_WORKER}`);
    return { failed, ambiguous: type === AMBIGUOUS_ORDER };
  };
}

/** What a local activity fails with comes as it is; only its time-out comes as an ActivityFailure. */
function failedLook(error: unknown): Failed {
  if (!(error instanceof TemporalFailure)) throw error;
  return { failed: error.message, outOfCalls: error instanceof ApplicationFailure && error.type === OUT_OF_CALLS };
}

/** The stop has 10 s altogether; everything else has longer. */
function writing({ leg }: OrderRef): typeof orders {
  return leg === 'stop' ? stops : orders;
}

function summaryOf({ leg, generation, request }: Pick<OrderRef, 'leg' | 'generation' | 'request'>): string {
  const { type, side, quantity, limitPrice, stopPrice, trailPercent } = request;
  const price = stopPrice ?? limitPrice ?? (trailPercent === undefined ? undefined : `${trailPercent} %`);
  return `${leg} ${generation}: ${side} ${quantity} ${type}${price === undefined ? '' : ` ${price}`}`;
}
