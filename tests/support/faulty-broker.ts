/**
 * The real broker behind a plan of faults: calls that are lost, delayed, repeated, refused or shown late. It
 * never invents an order or a fill: whatever it answers is true, or was true before, at the broker behind it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  type Broker,
  type BrokerCapabilities,
  BrokerUnavailable,
  type CancelOutcome,
  OutOfCalls,
  type Preparation,
} from '../../src/broker-port/broker.js';
import { type Leg, legOfClientOrder } from '../../src/domain/ids.js';
import type { AssetClass } from '../../src/domain/instrument.js';
import type { MarketLook } from '../../src/domain/market.js';
import type { BrokerOrder, OrderRequest, Refusal, WriteOutcome } from '../../src/domain/order.js';

export type Operation = 'place' | 'cancel' | 'order' | 'find' | 'look';

/** What happens to one call, or to `times` calls. */
export type Fault = {
  on: Operation;
  /** only for orders of this leg */
  leg?: Leg;
  times?: number;
  /** happens while the call is on its way, before it reaches the broker */
  meanwhile?: () => Promise<unknown>;
} & (
  | {
      kind:
        | 'none'
        /** it never arrives: the outcome of a write is unknown, a read fails */
        | 'request_lost'
        /** it arrives, and its answer does not */
        | 'answer_lost'
        /** it arrives twice */
        | 'delivered_twice'
        /** reads: the order is not shown, although it is there */
        | 'hidden'
        /** reads: what was answered the time before is answered again */
        | 'stale'
        /** looks: without a quote */
        | 'no_quote'
        /** reads: our own budget has no room */
        | 'out_of_calls';
    }
  | { kind: 'refused'; refusal: Refusal }
  /** writes: no connection was made */
  | { kind: 'not_placed' }
  /** it arrives so much later */
  | { kind: 'slow'; ms: number }
  /** cancels: taken at once, carried out so much later */
  | { kind: 'acknowledged'; ms: number }
);

export interface Call {
  operation: Operation;
  leg: Leg | undefined;
  fault: Fault['kind'] | undefined;
}

type Failed = { outcome: 'unknown'; detail: string } | { outcome: 'not_placed'; detail: string };
type Refused = { outcome: 'rejected'; refusal: Refusal };

export class FaultyBroker implements Broker {
  readonly name: string;
  readonly capabilities: BrokerCapabilities;
  /** every call that was made, in order */
  readonly calls: Call[] = [];
  private readonly plan: Fault[] = [];
  private readonly legs = new Map<string, Leg | undefined>();
  private readonly answered = new Map<Operation, unknown>();

  constructor(
    private readonly real: Broker,
    capabilities: Partial<BrokerCapabilities> = {},
    /** orders are stamped by the wall's clock, and a market that is moved manually has another time */
    private readonly marketTimeAt = (wall: number) => wall,
  ) {
    this.name = real.name;
    this.capabilities = { ...real.capabilities, ...capabilities };
  }

  add(...faults: Fault[]): void {
    this.plan.push(...faults);
  }

  /** Calls of a kind that were made, by leg. */
  sent(operation: Operation, leg?: Leg): number {
    return this.calls.filter((call) => call.operation === operation && (leg === undefined || call.leg === leg)).length;
  }

  get writes(): number {
    return this.sent('place') + this.sent('cancel');
  }

  async prepare(account: string, request: OrderRequest): Promise<Preparation> {
    return (await this.real.prepare?.(account, request)) ?? { outcome: 'ready', token: '' };
  }

  place(account: string, request: OrderRequest, token?: string): Promise<WriteOutcome> {
    return this.write('place', legOfClientOrder(request.clientOrderId), () =>
      this.learning(request.clientOrderId, this.real.place(account, request, token)),
    );
  }

  async cancel(account: string, orderId: string): Promise<CancelOutcome> {
    const send = () => this.real.cancel(account, orderId);
    const outcome = await this.write<CancelOutcome>('cancel', this.legs.get(orderId), send, async (fault) => {
      void pause(fault.ms)
        .then(() => fault.meanwhile?.())
        .then(send);
      return { outcome: 'accepted' };
    });
    return outcome.outcome === 'not_placed' ? { outcome: 'unknown', detail: outcome.detail } : outcome;
  }

  order(account: string, orderId: string): Promise<BrokerOrder | undefined> {
    return this.read(
      'order',
      this.legs.get(orderId),
      () => this.real.order(account, orderId),
      () => undefined,
    );
  }

  find(
    account: string,
    request: OrderRequest,
    sentAt: number,
    taken: ReadonlySet<string>,
  ): Promise<BrokerOrder | undefined> {
    const leg = legOfClientOrder(request.clientOrderId);
    const search = async () => {
      const found = await this.real.find(account, request, this.marketTimeAt(sentAt), taken);
      if (found) this.legs.set(found.orderId, leg);
      return found;
    };
    return this.read('find', leg, search, () => undefined);
  }

  look(
    account: string,
    symbol: string,
    assetClass: AssetClass,
    orderIds: readonly string[],
    splitsSince: number,
    quoteAgeMs?: number,
  ): Promise<MarketLook> {
    const ask = () => this.real.look(account, symbol, assetClass, orderIds, splitsSince, quoteAgeMs);
    return this.read('look', undefined, ask, (look, fault) => {
      if (fault === 'hidden') return { ...look, orders: [] };
      const { quote: _, ...rest } = look;
      return rest;
    });
  }

  openOrders(account: string) {
    return this.real.openOrders(account);
  }

  positions(account: string) {
    return this.real.positions(account);
  }

  accountSnapshot(account: string) {
    return this.real.accountSnapshot(account);
  }

  quotes(symbols: readonly string[], account?: string, ageMs?: number) {
    return this.real.quotes(symbols, account, ageMs);
  }

  private async write<Outcome extends WriteOutcome | CancelOutcome>(
    operation: Operation,
    leg: Leg | undefined,
    send: () => Promise<Outcome>,
    acknowledge?: (fault: Fault & { kind: 'acknowledged' }) => Promise<Outcome>,
  ): Promise<Outcome | Failed | Refused> {
    const fault = this.next(operation, leg);
    if (fault?.kind === 'acknowledged' && acknowledge) return acknowledge(fault);
    await fault?.meanwhile?.();
    switch (fault?.kind) {
      case 'not_placed':
        return { outcome: 'not_placed', detail: 'by plan: no connection' };
      case 'request_lost':
        return { outcome: 'unknown', detail: 'by plan: the request was lost' };
      case 'answer_lost':
        await send();
        return { outcome: 'unknown', detail: 'by plan: the answer was lost' };
      case 'refused':
        return { outcome: 'rejected', refusal: fault.refusal };
      case 'delivered_twice': {
        const first = await send();
        await send();
        return first;
      }
      case 'slow':
        await pause(fault.ms);
        return send();
      default:
        return send();
    }
  }

  private async read<Answer>(
    operation: Operation,
    leg: Leg | undefined,
    ask: () => Promise<Answer>,
    spoiled: (answer: Answer, fault: Fault['kind']) => Answer,
  ): Promise<Answer> {
    const fault = this.next(operation, leg);
    await fault?.meanwhile?.();
    if (fault?.kind === 'request_lost' || fault?.kind === 'answer_lost') throw new BrokerUnavailable('by plan');
    if (fault?.kind === 'out_of_calls') throw new OutOfCalls('by plan');
    if (fault?.kind === 'slow') await pause(fault.ms);
    if (fault?.kind === 'stale' && this.answered.has(operation)) return this.answered.get(operation) as Answer;
    const answer = await ask();
    this.answered.set(operation, answer);
    return fault?.kind === 'hidden' || fault?.kind === 'no_quote' ? spoiled(answer, fault.kind) : answer;
  }

  /** Notes the call, and takes its fault out of the plan. */
  private next(operation: Operation, leg: Leg | undefined): Fault | undefined {
    const fault = this.plan.find(({ on, leg: only }) => on === operation && (only === undefined || only === leg));
    this.calls.push({ operation, leg, fault: fault?.kind });
    if (!fault) return undefined;
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times <= 0) this.plan.splice(this.plan.indexOf(fault), 1);
    return fault;
  }

  private async learning(clientOrderId: string, writing: Promise<WriteOutcome>): Promise<WriteOutcome> {
    const outcome = await writing;
    if (outcome.outcome === 'accepted') this.legs.set(outcome.order.orderId, legOfClientOrder(clientOrderId));
    return outcome;
  }
}
