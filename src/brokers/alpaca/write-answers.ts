/** What became of a write, from its answer alone. */
import type { OrderRequest, Refusal, WriteOutcome } from '../../domain/order.js';
import type { HttpAnswer } from '../../wire/http.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import { contentOf, describe, problemOf, waitAfterLimitMs } from './answers.js';
import { receivedOrder } from './broker-order.js';
import { isUnauthorized, refusalOf, tooLateOf } from './refusals.js';
import { type AlpacaOrder, alpacaOrder } from './schemas.js';

type Rejected = { outcome: 'rejected'; refusal: Refusal };

/** @throws UnexpectedAnswer */
export function placed(answer: HttpAnswer, request: OrderRequest): WriteOutcome {
  if (answer.status === 200) return { outcome: 'accepted', order: receivedOrder(ownOrder(answer, request)) };
  if (isUnauthorized(answer)) return { outcome: 'not_placed', detail: describe(answer) };
  if (answer.status === 429) return heldBack(answer);
  const refusal = refusalOf(answer, request);
  if (refusal) return { outcome: 'rejected', refusal };
  const words = [400, 403, 422].includes(answer.status) ? problemOf(answer)?.message : undefined;
  return { outcome: 'unknown', detail: describe(answer), ...(words !== undefined && { turnedDown: words }) };
}

/** @throws UnexpectedAnswer */
export function replaced(answer: HttpAnswer, request: OrderRequest, oldId: string): WriteOutcome {
  if (answer.status === 200 && ownOrder(answer, request).replaces !== oldId) {
    throw new UnexpectedAnswer(`Alpaca's answer does not say that order ${oldId} was replaced`);
  }
  const tooLate = tooLateOf(answer);
  if (tooLate) return { outcome: 'rejected', refusal: tooLate };
  const outcome = placed(answer, request);
  // Closing orders were seen to be refused as if the old one's shares were not free: then it takes a cancel first.
  const isHeldByOld = outcome.outcome === 'rejected' && outcome.refusal.code === 'oversold';
  return isHeldByOld ? rejected('not_offered', outcome.refusal.message) : outcome;
}

export function rejected(code: Refusal['code'], message: string): Rejected {
  return { outcome: 'rejected', refusal: { code, message } };
}

/** The order that was sent, as it was received. */
function ownOrder(answer: HttpAnswer, { clientOrderId }: OrderRequest): AlpacaOrder {
  const order = contentOf(answer, alpacaOrder);
  if (order.client_order_id === clientOrderId) return order;
  throw new UnexpectedAnswer(`Alpaca answered with the order ${order.client_order_id} instead of ${clientOrderId}`);
}

/** The limit of calls stands before the order desk: nothing was placed. */
function heldBack(answer: HttpAnswer): WriteOutcome {
  const retryAfterMs = waitAfterLimitMs(answer);
  return { outcome: 'not_placed', detail: describe(answer), ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
