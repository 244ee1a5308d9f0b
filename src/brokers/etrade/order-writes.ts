/** Previews, places, cancels and replaces orders; each write is sent once. */
import type { CancelOutcome, Preparation } from '../../broker-port/broker.js';
import { type DecimalString, decimal } from '../../domain/decimal.js';
import { isFinal, type OrderRequest, type Refusal, type WriteOutcome } from '../../domain/order.js';
import { acceptedOrder, priorityOf, rejected } from '../../wire/orders.js';
import { beforehand, cancelling, writing } from '../../wire/outcomes.js';
import { contentOf, type EtradeError, summaryOf } from './answers.js';
import type { EtradeCalls } from './calls.js';
import { notOffered } from './capabilities.js';
import { cancelDocument, orderDocument } from './order-body.js';
import type { EtradeOrderReads } from './order-reads.js';
import { preparationOf, previewing, previewOf } from './preview.js';
import { refusalOfCancel, refusalOfChange, refusalOfPlace } from './refusals.js';
import { cancelTaken, placed } from './schemas.js';

export class EtradeOrderWrites {
  constructor(
    private readonly calls: EtradeCalls,
    private readonly reads: EtradeOrderReads,
    private readonly now: () => number,
  ) {}

  /** Repeatable: a preview makes nothing. That of a replacement is made at the order that it replaces. */
  async prepare(account: string, request: OrderRequest, replacedId?: string): Promise<Preparation> {
    const lacking = notOffered(request);
    if (lacking !== undefined) return rejected('not_offered', lacking);
    return previewing(async () => {
      const call = { ...callOf('preview', replacedId), body: orderDocument(request), priority: priorityOf(request) };
      return preparationOf(await this.calls.write(account, call), replacedId);
    });
  }

  async place(account: string, request: OrderRequest, token?: string): Promise<WriteOutcome> {
    const { previewId, replacedId } = previewOf(token);
    if (replacedId !== undefined) throw new RangeError(`this preview is for a change of order ${replacedId}`);
    return this.send(account, request, previewId);
  }

  /** E*TRADE cancels the old order and makes one with a new id. */
  async replace(
    account: string,
    orderId: string,
    request: OrderRequest,
    expectedFilled: DecimalString,
    token?: string,
  ): Promise<WriteOutcome> {
    const { previewId, replacedId } = previewOf(token);
    if (replacedId !== orderId) throw new RangeError(`this preview is not for a change of order ${orderId}`);
    return writing(async () => {
      const old = await beforehand(() => this.reads.one(account, orderId));
      if (!old) return rejected('too_late', `E*TRADE does not know order ${orderId}`);
      if (isFinal(old.status) || !decimal(old.filledQuantity).equals(decimal(expectedFilled))) {
        return rejected('too_late', `order ${orderId} is ${old.status} with ${old.filledQuantity} filled`);
      }
      return this.send(account, request, previewId, orderId);
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

  /** The body is that of the preview, or E*TRADE refuses it. */
  private send(account: string, request: OrderRequest, previewId: string, replacedId?: string): Promise<WriteOutcome> {
    return writing(async () => {
      const body = orderDocument(request, previewId);
      const call = { ...callOf('place', replacedId), body, priority: priorityOf(request) };
      const answer = await this.calls.write(account, call);
      if (answer.kind === 'error') {
        return refusedOr(answer, replacedId === undefined ? refusalOfPlace : refusalOfChange);
      }
      const { OrderIds, placedTime } = contentOf(answer, placed, 'place').PlaceOrderResponse;
      return { outcome: 'accepted', order: acceptedOrder(request, OrderIds.orderId, placedTime ?? this.now()) };
    });
  }
}

function callOf(step: 'preview' | 'place', replacedId: string | undefined) {
  return replacedId === undefined
    ? ({ method: 'POST', path: `/orders/${step}.json` } as const)
    : ({ method: 'PUT', path: `/orders/${replacedId}/change/${step}.json` } as const);
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
