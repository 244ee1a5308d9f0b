/** Places and cancels orders; each request is sent once. */

import type { CancelOutcome } from '../../broker-port/broker.js';
import type { OrderRequest, WriteOutcome } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { NotPlaced } from '../../wire/caller.js';
import type { HttpAnswer } from '../../wire/http.js';
import { priorityOf, rejected } from '../../wire/orders.js';
import { beforehand, cancelling, concluding, notSent, writing } from '../../wire/outcomes.js';
import { contentOf, isNoSuchOrder, problemOf, summaryOf, waitAfterLimitMs } from './answers.js';
import { receivedOrder } from './broker-order.js';
import type { AlpacaCalls } from './calls.js';
import { KnownIncrements } from './increments.js';
import { notOffered, placeBody } from './order-body.js';
import type { AlpacaOrderReads } from './order-reads.js';
import { isRepeat, isUnauthorized, refusalOf, tooLateOf } from './refusals.js';
import { type AlpacaOrder, alpacaOrder } from './schemas.js';

export class AlpacaOrderWrites {
  private readonly increments: KnownIncrements;

  constructor(
    private readonly calls: AlpacaCalls,
    private readonly reads: AlpacaOrderReads,
  ) {
    this.increments = new KnownIncrements(calls);
  }

  place(account: string, request: OrderRequest): Promise<WriteOutcome> {
    return writing(async () => {
      const lacking = notOffered(request);
      if (lacking !== undefined) return rejected('not_offered', lacking);
      const body = placeBody(request, await beforehand(() => this.increments.of(account, request)));
      const priority = priorityOf(request);
      const answer = await this.calls.write(account, { method: 'POST', path: '/v2/orders', body, priority });
      return isRepeat(answer) ? this.earlier(account, request) : placed(answer, request);
    });
  }

  cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return cancelling(async () => {
      const path = `/v2/orders/${encodeURIComponent(orderId)}`;
      const answer = await this.calls.write(account, { method: 'DELETE', path, priority: 'close' });
      if (answer.status === 204) return { outcome: 'accepted' };
      const tooLate = tooLateOf(answer);
      if (tooLate) return { outcome: 'rejected', refusal: tooLate };
      if (isNoSuchOrder(answer)) return rejected('invalid_order', `Alpaca knows no order ${orderId}`);
      return { outcome: 'unknown', detail: summaryOf(answer) };
    });
  }

  /** The order of an earlier send under the same id. */
  private async earlier(account: string, request: OrderRequest): Promise<WriteOutcome> {
    const lost = `Alpaca has an order ${request.clientOrderId}, but does not show it`;
    const outcome = await concluding(async () => {
      const order = await this.reads.find(account, request);
      return order ? { outcome: 'accepted', order } : { outcome: 'unknown', detail: 'not found' };
    });
    return outcome.outcome === 'unknown' ? { outcome: 'unknown', detail: `${lost}: ${outcome.detail}` } : outcome;
  }
}

/** @throws UnexpectedAnswer */
export function placed(answer: HttpAnswer, request: OrderRequest): WriteOutcome {
  if (answer.status === 200) return { outcome: 'accepted', order: receivedOrder(ownOrder(answer, request)) };
  if (isUnauthorized(answer)) return { outcome: 'not_placed', detail: summaryOf(answer) };
  // The limit of calls stands before the order desk: nothing was placed.
  if (answer.status === 429) return notSent(new NotPlaced(summaryOf(answer), waitAfterLimitMs(answer)));
  const refusal = refusalOf(answer, request);
  if (refusal) return { outcome: 'rejected', refusal };
  const words = [400, 403, 422].includes(answer.status) ? problemOf(answer)?.message : undefined;
  return { outcome: 'unknown', detail: summaryOf(answer), ...(words !== undefined && { turnedDown: words }) };
}

/** The order that was sent, as it was received. */
function ownOrder(answer: HttpAnswer, { clientOrderId }: OrderRequest): AlpacaOrder {
  const order = contentOf(answer, alpacaOrder);
  if (order.client_order_id === clientOrderId) return order;
  throw new UnexpectedAnswer(`Alpaca answered with the order ${order.client_order_id} instead of ${clientOrderId}`);
}
