/** Schwab's writes of orders: each is sent once, and its answer is compared with the order that it speaks of. */
import { stringify } from 'lossless-json';
import type { CancelOutcome } from '../../broker-port/broker.js';
import type { CallPriority } from '../../broker-port/request-budget.js';
import { type DecimalString, decimal } from '../../domain/decimal.js';
import { isFinal, type OrderRequest, type WriteOutcome } from '../../domain/order.js';
import type { HttpAnswer } from '../../wire/http.js';
import { priorityOf, rejected } from '../../wire/orders.js';
import { beforehand, cancelling, concluding, writing } from '../../wire/outcomes.js';
import { createdOrderId, notCreated, refusalIn, summaryOf } from './answers.js';
import { brokerOrder } from './broker-order.js';
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

/** The order that is to be replaced. */
interface Replaced {
  orderId: string;
  expectedFilled: DecimalString;
  priority: CallPriority;
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
      const sent = await this.send(account, request, body, { method: 'POST', path: '/orders' });
      return sent.answer.status === 201 ? this.readBack(account, sent) : notCreated(sent.answer);
    });
  }

  async cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return cancelling(async () => {
      const { answer } = await this.calls.ofAccount(account, { ...change('DELETE', orderId), priority: 'close' });
      if (answer.status === 200 && answer.text.trim() === '') return { outcome: 'accepted' };
      const refusal = refusalIn(answer);
      if (refusal) return { outcome: 'rejected', refusal };
      // The error for a cancel that comes too late is not documented: the order itself decides.
      const order = answer.status === 400 ? await this.reads.one(account, orderId, 'close') : undefined;
      return order && isOver(order) ? tooLate(order) : { outcome: 'unknown', detail: summaryOf(answer) };
    });
  }

  /** Schwab's PUT: the old order ends as REPLACED, and the new one has an id and a quantity of its own. */
  async replace(
    account: string,
    orderId: string,
    request: OrderRequest,
    expectedFilled: DecimalString,
  ): Promise<WriteOutcome> {
    const body = orderBody(request);
    if ('refusal' in body) return { outcome: 'rejected', refusal: body.refusal };
    const old = { orderId, expectedFilled, priority: priorityOf(request) };
    return writing(async () => {
      const shown = await beforehand(() => this.reads.one(account, orderId, old.priority));
      if (!shown) return { outcome: 'not_placed', detail: `order ${orderId} is not shown by Schwab` };
      if (hasMoved(shown, expectedFilled)) return tooLate(shown);
      const sent = await this.send(account, request, body, change('PUT', orderId));
      return sent.answer.status === 201
        ? this.readBack(account, sent, orderId)
        : this.notReplaced(account, sent.answer, old);
    });
  }

  private async send(
    account: string,
    request: OrderRequest,
    body: OrderBody,
    call: { method: 'POST' | 'PUT'; path: string },
  ): Promise<Sent> {
    const priority = priorityOf(request);
    const sentAt = this.now();
    const sent = await this.calls.ofAccount(account, { ...call, priority, body: stringify(body) ?? '' });
    return { ...sent, body, sentAt, priority };
  }

  /**
   * The order that a 201 created. Its id is in the `Location` alone, which may be missing or may name another order: what
   * could not be compared with what was sent is unknown.
   */
  private readBack(account: string, sent: Sent, replacedId?: string): Promise<WriteOutcome> {
    const { answer, accountKey, body, sentAt, priority } = sent;
    return concluding(async () => {
      const orderId = createdOrderId(answer, accountKey);
      if (orderId === undefined || orderId === replacedId) return unknown(answer, 'no Location of a new order');
      const order = await this.reads.one(account, orderId, priority);
      if (order && fits(order, body, sentAt)) return { outcome: 'accepted', order: brokerOrder(order) };
      return unknown(answer, `the Location names ${orderId}, which is not shown as the order that was sent`);
    });
  }

  /** A PUT that was turned down because another one came first, perhaps the same one delivered twice, is not concluded. */
  private notReplaced(account: string, answer: HttpAnswer, replaced: Replaced): Promise<WriteOutcome> {
    const { orderId, expectedFilled, priority } = replaced;
    const outcome = notCreated(answer);
    return concluding(async () => {
      if (answer.status !== 400 && answer.status !== 404) return outcome;
      const old = await this.reads.one(account, orderId, priority);
      if (!old || old.status === 'REPLACED') return unknown(answer, `order ${orderId} is replaced, or not shown`);
      return hasMoved(old, expectedFilled) ? tooLate(old) : outcome;
    });
  }
}

function change<Method extends 'PUT' | 'DELETE'>(method: Method, orderId: string): { method: Method; path: string } {
  return { method, path: `/orders/${encodeURIComponent(orderId)}` };
}

function unknown(answer: HttpAnswer, why: string): WriteOutcome {
  return { outcome: 'unknown', detail: `${summaryOf(answer)}: ${why}` };
}

function tooLate({ orderId, status, filledQuantity }: SingleOrder) {
  const message = `order ${orderId} is ${status} with ${filledQuantity} filled`;
  return rejected('too_late', message);
}

function isOver(order: SingleOrder): boolean {
  return isFinal(brokerOrder(order).status);
}

function hasMoved(order: SingleOrder, expectedFilled: DecimalString): boolean {
  return isOver(order) || !decimal(order.filledQuantity).equals(decimal(expectedFilled));
}
