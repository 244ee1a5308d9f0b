import { AmbiguousOrder, type Broker, type Preparation } from '../../src/broker-port/broker.js';
import { legOfClientOrder } from '../../src/domain/ids.js';
import type { BrokerOrder, OrderRequest, Refusal, WriteOutcome } from '../../src/domain/order.js';
import { ACCOUNT } from './venues.js';

/** What a send has come to. `left_unknown`: a person must say, and nothing is sent any more. */
export type Ending =
  | { end: 'at_broker'; order: BrokerOrder }
  | { end: 'refused'; refusal: Refusal }
  | { end: 'not_placed'; detail: string; retryAfterMs?: number }
  | { end: 'left_unknown' };

/** An unknown send is looked for so often within the absence window. */
const LOOKS = 4;

/**
 * Sends as a trade does (`orders.activities.ts`), without its database: prepared, sent once, looked for when the answer
 * is lost, and repeated after the absence window only where the broker refuses a repeat, or for a stop.
 */
export class Sender {
  /** orders at the broker that belong to a send */
  readonly taken = new Set<string>();
  /** the first answer to the last send */
  answer: WriteOutcome['outcome'] | undefined;

  constructor(
    private readonly broker: Broker,
    private readonly clock: { now(): number; advance(seconds: number): void },
  ) {}

  async send(request: OrderRequest): Promise<Ending> {
    const preparation = await this.prepared(request);
    if (preparation.outcome === 'rejected') return { end: 'refused', refusal: preparation.refusal };
    if (preparation.outcome === 'not_placed') return notPlaced(preparation);
    const sentAt = this.clock.now();
    const token = preparation.token || undefined;
    const first = await this.broker.place(ACCOUNT, request, token);
    this.answer = first.outcome;
    if (first.outcome !== 'unknown') return this.ended(first);
    return (await this.lookedFor(request, sentAt)) ?? (await this.repeated(request, sentAt, token));
  }

  private async prepared(request: OrderRequest): Promise<Preparation> {
    return (await this.broker.prepare?.(ACCOUNT, request)) ?? { outcome: 'ready', token: '' };
  }

  private ended(outcome: Exclude<WriteOutcome, { outcome: 'unknown' }>): Ending {
    if (outcome.outcome === 'accepted') return this.adopted(outcome.order);
    return outcome.outcome === 'rejected' ? { end: 'refused', refusal: outcome.refusal } : notPlaced(outcome);
  }

  private adopted(order: BrokerOrder): Ending {
    this.taken.add(order.orderId);
    return { end: 'at_broker', order };
  }

  private async lookedFor(request: OrderRequest, sentAt: number): Promise<Ending | undefined> {
    for (let look = 0; look < LOOKS; look++) {
      this.clock.advance(this.broker.capabilities.settleWindowMs / 1_000 / LOOKS);
      const found = await this.look(request, sentAt);
      if (found) return found;
    }
    return undefined;
  }

  private async look(request: OrderRequest, sentAt: number): Promise<Ending | undefined> {
    try {
      const order = await this.broker.find(ACCOUNT, request, sentAt, this.taken);
      return order && this.adopted(order);
    } catch (error) {
      if (error instanceof AmbiguousOrder) return { end: 'left_unknown' };
      throw error;
    }
  }

  /** A refusal of the repeat may be because of the first: it counts only when the first is still nowhere to be found. */
  private async repeated(request: OrderRequest, sentAt: number, token: string | undefined): Promise<Ending> {
    const mayRepeat = this.broker.capabilities.refusesRepeats || legOfClientOrder(request.clientOrderId) === 'stop';
    if (!mayRepeat) return { end: 'left_unknown' };
    const again = await this.broker.place(ACCOUNT, request, token);
    if (again.outcome === 'accepted') return this.adopted(again.order);
    const found = await this.look(request, sentAt);
    if (found || again.outcome === 'unknown') return found ?? { end: 'left_unknown' };
    return this.ended(again);
  }
}

function notPlaced({ detail, retryAfterMs }: { detail: string; retryAfterMs?: number }): Ending {
  return { end: 'not_placed', detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
