/** Previews, places and cancels orders; each write is sent once. */
import type { CancelOutcome, Preparation } from '../../broker-port/broker.js';
import type { OrderRequest, Refusal, WriteOutcome } from '../../domain/order.js';
import { acceptedOrder, priorityOf, rejected } from '../../wire/orders.js';
import { cancelling, writing } from '../../wire/outcomes.js';
import { contentOf, type EtradeError, summaryOf } from './answers.js';
import type { EtradeCalls } from './calls.js';
import { cancelDocument, notOffered, orderDocument } from './order-body.js';
import { preparationOf, previewing } from './preview.js';
import { refusalOfCancel, refusalOfPlace } from './refusals.js';
import { cancelTaken, placed } from './schemas.js';

export class EtradeOrderWrites {
  constructor(
    private readonly calls: EtradeCalls,
    private readonly now: () => number,
  ) {}

  /** Repeatable: a preview makes nothing. */
  async prepare(account: string, request: OrderRequest): Promise<Preparation> {
    const lacking = notOffered(request);
    if (lacking !== undefined) return rejected('not_offered', lacking);
    return previewing(async () => {
      const body = orderDocument(request);
      const call = { method: 'POST', path: '/orders/preview.json', body, priority: priorityOf(request) } as const;
      return preparationOf(await this.calls.write(account, call));
    });
  }

  /** `token`: the preview's id. The body is that of the preview, or E*TRADE refuses it. */
  async place(account: string, request: OrderRequest, token = ''): Promise<WriteOutcome> {
    if (!/^\d+$/.test(token)) throw new RangeError('E*TRADE takes no order without its preview');
    return writing(async () => {
      const body = orderDocument(request, token);
      const call = { method: 'POST', path: '/orders/place.json', body, priority: priorityOf(request) } as const;
      const answer = await this.calls.write(account, call);
      if (answer.kind === 'error') return refusedOr(answer, refusalOfPlace);
      const { OrderIds, placedTime } = contentOf(answer, placed, 'place').PlaceOrderResponse;
      return { outcome: 'accepted', order: acceptedOrder(request, OrderIds.orderId, placedTime ?? this.now()) };
    });
  }

  cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return cancelling(async () => {
      const body = cancelDocument(orderId);
      const call = { method: 'PUT', path: '/orders/cancel.json', body, priority: 'close' } as const;
      const answer = await this.calls.write(account, call);
      if (answer.kind === 'error') return refusedOr(answer, refusalOfCancel);
      contentOf(answer, cancelTaken, 'cancel');
      return { outcome: 'accepted' };
    });
  }
}

/** An error that is on no list says nothing of what became of the write. */
function refusedOr(
  error: EtradeError,
  refusalOf: (error: EtradeError) => Refusal | undefined,
): { outcome: 'rejected'; refusal: Refusal } | { outcome: 'unknown'; detail: string; turnedDown: string } {
  const refusal = refusalOf(error);
  if (refusal) return { outcome: 'rejected', refusal };
  return { outcome: 'unknown', detail: summaryOf(error), turnedDown: error.message };
}
