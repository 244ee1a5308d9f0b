/** Places and cancels orders; each request is sent once. */
import { setTimeout as pause } from 'node:timers/promises';
import { BrokerUnavailable, type CancelOutcome } from '../../broker-port/broker.js';
import { type BrokerOrder, isBuying, type OrderRequest, type WriteOutcome } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { NotPlaced, retryAfterMs } from '../../wire/caller.js';
import type { HttpAnswer } from '../../wire/http.js';
import { acceptedOrder, priorityOf, rejected } from '../../wire/orders.js';
import { cancelling, reading, writing } from '../../wire/outcomes.js';
import { contentOf } from './answers.js';
import type { CoinbaseCalls } from './calls.js';
import { KnownIncrements } from './increments.js';
import { inIncrements, lackOf, orderBody } from './order-body.js';
import type { CoinbaseOrderReads } from './order-reads.js';
import { reasonsOf, refusalOf, refusalOfCancel, refusalOfError } from './refusals.js';
import { cancelAnswer, type PlaceAnswer, placeAnswer } from './schemas.js';

/** A placement that was taken waits so long for a first read of its order: the send's own bound must not be spent on it. */
const FIRST_READ_MS = 500;

export class CoinbaseOrderWrites {
  private readonly increments: KnownIncrements;

  constructor(
    private readonly calls: CoinbaseCalls,
    private readonly reads: CoinbaseOrderReads,
    private readonly now: () => number,
  ) {
    this.increments = new KnownIncrements(calls);
  }

  place(account: string, request: OrderRequest): Promise<WriteOutcome> {
    return writing(async () => {
      const lack = lackOf(request);
      if (lack) return { outcome: 'rejected', refusal: lack };
      const increments = await this.increments.of(account, request.symbol);
      if (!increments) return rejected('invalid_symbol', `Coinbase has no ${request.symbol}`);
      // What closes is sent as it is: Coinbase itself may still take it.
      if (increments.isMissing && isBuying(request.side)) {
        return rejected('halted', `Coinbase shows no increments of ${request.symbol}: it cannot be bought now`);
      }
      const order = inIncrements(request, increments);
      if ('refusal' in order) return { outcome: 'rejected', refusal: order.refusal };
      const answer = await this.calls.post(account, '/orders', orderBody(order, this.now()), priorityOf(order));
      return this.placed(account, order, answer);
    });
  }

  cancel(account: string, orderId: string): Promise<CancelOutcome> {
    return cancelling(async () => {
      const answer = await this.calls.post(account, '/orders/batch_cancel', { order_ids: [orderId] }, 'close');
      const refusal = refusalOfError(answer);
      return refusal ? { outcome: 'rejected', refusal } : cancelled(orderId, answer);
    });
  }

  private async placed(account: string, request: OrderRequest, answer: HttpAnswer): Promise<WriteOutcome> {
    // Turned away unread: by its credential, or because there were too many calls.
    if (answer.status === 401 || answer.status === 429) {
      throw new NotPlaced(`Coinbase turned the order away unread (HTTP ${answer.status})`, retryAfterMs(answer));
    }
    const refusal = refusalOfError(answer);
    if (refusal) return { outcome: 'rejected', refusal };
    const body = contentOf(answer, placeAnswer);
    if (!body.success) return notPlaced(body, request);
    const { order_id, client_order_id } = body.success_response ?? {};
    if (order_id === undefined || client_order_id !== request.clientOrderId) {
      throw new UnexpectedAnswer(`placed as another order: ${client_order_id ?? 'none'}`);
    }
    return { outcome: 'accepted', order: await this.firstRead(account, order_id, request) };
  }

  /** The order as it is now; as it was asked for when it cannot be read at once, which says nothing against it. */
  private async firstRead(account: string, orderId: string, request: OrderRequest): Promise<BrokerOrder> {
    const read = reading(() => this.reads.one(account, orderId)).catch((error: unknown) => {
      if (error instanceof BrokerUnavailable) return undefined;
      throw error;
    });
    const order = await Promise.race([read, pause(FIRST_READ_MS, undefined, { ref: false })]);
    return order ?? acceptedOrder(request, orderId, this.now());
  }
}

function notPlaced(body: PlaceAnswer, { side }: OrderRequest): WriteOutcome {
  const refusal = refusalOf(body, side === 'buy' ? 'BUY' : 'SELL');
  if (refusal) return { outcome: 'rejected', refusal };
  const turnedDown = reasonsOf(body).join(', ');
  return { outcome: 'unknown', detail: `not placed for a reason that is not known: ${turnedDown}`, turnedDown };
}

/** That a cancel is under way already is as good as this one's being taken. */
function cancelled(orderId: string, answer: HttpAnswer): CancelOutcome {
  const result = contentOf(answer, cancelAnswer).results.find(({ order_id }) => order_id === orderId);
  if (result === undefined) throw new UnexpectedAnswer(`the answer to the cancel says nothing of order ${orderId}`);
  const { success, failure_reason: reason = 'none' } = result;
  if (success || reason === 'DUPLICATE_CANCEL_REQUEST') return { outcome: 'accepted' };
  const refusal = refusalOfCancel(reason);
  return refusal ? { outcome: 'rejected', refusal } : { outcome: 'unknown', detail: `the cancel: ${reason}` };
}
