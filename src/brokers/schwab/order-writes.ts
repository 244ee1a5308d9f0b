/** Schwab's writes of orders: each is sent once, and its answer is compared with the order that it speaks of. */
import { stringify } from 'lossless-json';
import type { CancelOutcome } from '../../broker-port/broker.js';
import type { CallPriority } from '../../broker-port/request-budget.js';
import { isFinal, type OrderRequest, type WriteOutcome } from '../../domain/order.js';
import type { HttpAnswer } from '../../wire/http.js';
import { acceptedOrder, passingOver, priorityOf, rejected } from '../../wire/orders.js';
import { cancelling, concluding, writing } from '../../wire/outcomes.js';
import { createdOrderId, notCreated, refusalIn, summaryOf } from './answers.js';
import { brokerOrder, statusOf } from './broker-order.js';
import type { SchwabCalls } from './calls.js';
import { type OrderBody, orderBody } from './order-body.js';
import type { SchwabOrderReads } from './order-reads.js';
import { fits } from './order-terms.js';
import type { SingleOrder } from './schemas.js';

interface Sent {
  body: OrderBody;
  sentAt: number;
  priority: CallPriority;
  answer: HttpAnswer;
  accountKey: string;
}

export class SchwabOrderWrites {
  constructor(
    private readonly calls: SchwabCalls,
    private readonly reads: SchwabOrderReads,
    private readonly now: () => number,
  ) {}

  async place(account: string, request: OrderRequest): Promise<WriteOutcome> {
    const body = orderBody(request);
    if ('refusal' in body) return { outcome: 'rejected', refusal: body.refusal };
    return writing(async () => {
      const sent = await this.send(account, request, body);
      return sent.answer.status === 201 ? this.readBack(account, request, sent) : notCreated(sent.answer);
    });
  }

  async cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return cancelling(async () => {
      const path = `/orders/${encodeURIComponent(orderId)}`;
      const { answer } = await this.calls.ofAccount(account, { method: 'DELETE', path, priority: 'close' });
      if (answer.status === 200 && answer.text.trim() === '') return { outcome: 'accepted' };
      const refusal = refusalIn(answer);
      if (refusal) return { outcome: 'rejected', refusal };
      // The error for a cancel that comes too late is not documented: the order itself decides.
      const order = answer.status === 400 ? await this.reads.one(account, orderId, 'close') : undefined;
      return order && isOver(order) ? tooLate(order) : { outcome: 'unknown', detail: summaryOf(answer) };
    });
  }

  private async send(account: string, request: OrderRequest, body: OrderBody): Promise<Sent> {
    const priority = priorityOf(request);
    const sentAt = this.now();
    const call = { method: 'POST', path: '/orders', priority, body: stringify(body) ?? '' } as const;
    return { ...(await this.calls.ofAccount(account, call)), body, sentAt, priority };
  }

  /**
   * The order that a 201 created. Its id is in the `Location` alone, which may be missing or may name another order: what
   * could not be compared with what was sent is unknown. An order that is ours and cannot be read yet (its fills may lag
   * behind what it says is filled) was accepted all the same; later reads say how it stands.
   */
  private readBack(account: string, request: OrderRequest, sent: Sent): Promise<WriteOutcome> {
    const { answer, accountKey, body, sentAt, priority } = sent;
    return concluding(async () => {
      const orderId = createdOrderId(answer, accountKey);
      if (orderId === undefined) return unknown(answer, 'no Location of a new order');
      const order = await this.reads.one(account, orderId, priority);
      if (order && fits(order, body, sentAt)) {
        const [shown = acceptedOrder(request, orderId, order.enteredTime)] = passingOver([order], brokerOrder);
        return { outcome: 'accepted', order: shown };
      }
      return unknown(answer, `the Location names ${orderId}, which is not shown as the order that was sent`);
    });
  }
}

function unknown(answer: HttpAnswer, why: string): WriteOutcome {
  return { outcome: 'unknown', detail: `${summaryOf(answer)}: ${why}` };
}

function tooLate({ orderId, status, filledQuantity }: SingleOrder) {
  const message = `order ${orderId} is ${status} with ${filledQuantity} filled`;
  return rejected('too_late', message);
}

function isOver(order: SingleOrder): boolean {
  return isFinal(statusOf(order));
}
