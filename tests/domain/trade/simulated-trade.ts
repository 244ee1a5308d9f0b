/**
 * A trade run against the matching engine without any server: the driver's questions are answered at once.
 * Time is a number, faults come from a plan, so that thousands of interleavings take seconds.
 */
import { Decimal, type DecimalString, decimal } from '../../../src/domain/decimal.js';
import type { TradeId, UserId } from '../../../src/domain/ids.js';
import type { MarketLook } from '../../../src/domain/market.js';
import { type Execution, type OrderRequest, type Refusal, sidesOf } from '../../../src/domain/order.js';
import { applyAdmission } from '../../../src/domain/trade/admission.js';
import { conclude, moveStatus } from '../../../src/domain/trade/conclude.js';
import { type Answers, drive, type Failed } from '../../../src/domain/trade/driver.js';
import type { LookRequest, TradeLook } from '../../../src/domain/trade/look.js';
import { newTradeState } from '../../../src/domain/trade/new-trade.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { factOf, factOfUnplaced, type OrderFact } from '../../../src/domain/trade/order-facts.js';
import type { CancelOrder, OrderRef } from '../../../src/domain/trade/order-ref.js';
import type { TradeInput, TradeRequest } from '../../../src/domain/trade/request.js';
import type { TradeCapabilities } from '../../../src/domain/trade/settings.js';
import type { TradeState } from '../../../src/domain/trade/state.js';
import type { Step } from '../../../src/domain/trade/step.js';
import type { Arrival } from '../../../src/matching/admission.js';
import {
  type Book,
  type BookOrder,
  type Change,
  type Step as MatchingStep,
  openBook,
  positionQuantity,
} from '../../../src/matching/book.js';
import { cancelOrder, onEvent, placeOrder } from '../../../src/matching/engine.js';
import { type PriceEvent, quoteOf } from '../../../src/matching/event.js';
import { defaultRules, type MatchingRules } from '../../../src/matching/rules.js';

const SYMBOL = 'AAPL';
/** What happens to the next call at the broker. */
export type Fault =
  | 'none'
  | 'request_lost'
  | 'answer_lost'
  | 'refused'
  | 'not_offered'
  | 'oversold'
  | 'opposite_order'
  | 'turned_down'
  | 'not_placed';

const handOrder = {
  symbol: SYMBOL,
  assetClass: 'equity',
  type: 'market',
  timeInForce: 'day',
  session: 'regular',
} as const;

/** A market that never closes: sessions have tests of their own. */
const rules: MatchingRules = {
  ...defaultRules,
  sessionAt: () => 'regular',
  dayOrderEnd: () => Number.MAX_SAFE_INTEGER,
  staleAfterMs: 10 * 60_000,
};
const START = Date.UTC(2026, 0, 5, 15, 0, 0);

export interface SimulationOptions {
  request?: Partial<TradeRequest>;
  capabilities?: Partial<TradeCapabilities>;
  /** the fault of each write in turn; none after the last */
  faults?: Fault[];
}

interface Known {
  order: BookOrder;
  executions: Execution[];
  refusal?: Refusal;
}

export class SimulatedTrade {
  now = START;
  readonly state: TradeState;
  book: Book = openBook(decimal('1000000'));
  /** every order the exchange accepted, by client order id */
  readonly known = new Map<string, Known>();
  /** running totals at the exchange, in the order of its fills */
  readonly prefixes: { bought: Decimal; sold: Decimal }[] = [];
  private readonly standing = new Map<string, OrderFact['standing'] | 'refused'>();
  private readonly refusals = new Map<string, Refusal>();
  private readonly faults: Fault[];
  private price: PriceEvent;
  private nextId = 1;
  private reachable: boolean = true;
  /** the broker is well, but our own budget has no room for looks */
  outOfCalls: boolean = false;
  /** the broker refuses every closing order in these words */
  exitRefusal: Refusal | undefined;
  /** whether the broker says that trading is halted */
  halted: boolean = false;

  constructor(options: SimulationOptions = {}) {
    const trade = simulatedRequest(options.request);
    const ticket = {
      tradeId: '00000000-0000-4000-8000-000000000001' as TradeId,
      userId: 'u' as UserId,
      issuedAt: START,
    } as TradeInput['ticket'];
    this.state = newTradeState({ trade, ticket }, `trade-${ticket.tradeId}`, START);
    this.faults = [...(options.faults ?? [])];
    this.price = priceEvent(START, '100', '100');
    applyAdmission(
      this.state,
      {
        accepted: true,
        trade,
        settings: { monitorIntervalMs: 60_000, continueAsNewEvents: 150 },
        capabilities: {
          stopBesideEntry: true,
          refusesRepeats: true,
          findsById: true,
          settleWindowMs: 15_000,
          ...stopTypeOf(trade),
          ...options.capabilities,
        },
        referencePrice: '100' as DecimalString,
        notional: '1000' as DecimalString,
        marketTime: START,
        orders: [],
      },
      START,
    );
  }

  /** The market moves: orders may fill or trigger. */
  market(bid: string, size = '1000000', low = bid): void {
    this.price = priceEvent(this.now, bid, size, low);
    this.take(onEvent(this.book, this.price, rules));
  }

  /** Somebody else's hand at the broker. */
  cancelByHand(leg: 'entry' | 'stop' | 'exit'): void {
    const order = this.working().find(({ clientOrderId }) =>
      clientOrderId.includes(`-${leg === 'exit' ? 'x' : leg[0]}`),
    );
    if (order) this.take(mustStep(cancelOrder(this.book, order.id, this.now)));
  }

  /** Somebody takes the stop away and sells (or buys back) a part of the position. */
  closeByHand(quantity: string): void {
    this.cancelByHand('stop');
    const { closing } = sidesOf(this.state.request.side);
    const held = this.position().absolute();
    if (held.isZero()) return;
    const request = { ...handOrder, clientOrderId: `by-hand-${this.nextId}`, side: closing };
    this.decide(
      placeOrder(this.book, this.arrival({ ...request, quantity: held.min(decimal(quantity)).toString() }), rules),
    );
  }

  /** Shares of the account's owner, which are no trade's. */
  buyByHand(quantity: string): void {
    const request = { ...handOrder, clientOrderId: `by-hand-${this.nextId}`, side: 'buy', quantity } as const;
    this.decide(placeOrder(this.book, this.arrival({ ...request, quantity: decimal(quantity).toString() }), rules));
  }

  outage(on: boolean): void {
    this.reachable = !on;
  }

  /** Takes one step; answers what it was. */
  step(): Step {
    conclude(this.state, this.now);
    const step = nextStep(this.state, this.now);
    // To wait takes no time: what is due a moment later is still to come.
    if (step.kind === 'wait') return step;
    this.now += 1;
    if (step.kind === 'finish') {
      if (step.exitReason) this.state.exitReason = step.exitReason;
      if (step.reason) this.state.reason = step.reason;
      moveStatus(this.state, step.status, this.now);
      return step;
    }
    drive(this.state, step, () => this.now, this.answers);
    conclude(this.state, this.now);
    return step;
  }

  /** Goes on until the trade only waits, or has ended. */
  rest(limit = 200): Step {
    for (let count = 0; count < limit; count++) {
      const action = this.step();
      if (action.kind === 'wait' || action.kind === 'finish') return action;
    }
    throw new Error(`the trade does not come to rest: ${JSON.stringify(this.state.orders)}`);
  }

  /** Lets `ms` pass, waking the trade whenever it asked to be woken. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const action = this.rest();
      if (action.kind === 'finish') return;
      if (action.kind !== 'wait' || action.until >= end) break;
      this.now = Math.max(this.now + 1, action.until);
    }
    this.now = end;
    if (!this.ended) this.rest();
  }

  look(): void {
    this.state.monitor.lookWanted = true;
    this.rest();
  }

  get ended(): boolean {
    return ['closed', 'cancelled', 'rejected', 'expired'].includes(this.state.status);
  }

  working(): readonly BookOrder[] {
    return [...this.book.orders];
  }

  position(): Decimal {
    return positionQuantity(this.book, SYMBOL);
  }

  /** What the workflow asks of activities is answered here at once. */
  private readonly answers: Answers = {
    admit: () => ({ failed: 'the simulation begins after the risk check' }),
    approve: () => ({ approved: true }),
    place: (order) => this.send(order, 'prepared'),
    // The repeat of a send that may have arrived proves nothing about that one.
    resend: (order) => (this.known.has(order.request.clientOrderId) ? [this.fact(order)] : this.send(order, 'unknown')),
    resolve: (order) => {
      const { clientOrderId } = order.request;
      if (this.known.has(clientOrderId)) this.standing.set(clientOrderId, 'known');
      return [this.fact(order)];
    },
    cancel: (order) => this.cancel(order),
    look: (request) => this.lookAtMarket(request),
  };

  private send(order: OrderRef, ifNotPlaced: 'prepared' | 'unknown'): OrderFact[] | Failed {
    const { clientOrderId } = order.request;
    if (order.leg === 'exit' && this.exitRefusal) {
      this.standing.set(clientOrderId, 'refused');
      this.refusals.set(clientOrderId, this.exitRefusal);
      return [this.fact(order)];
    }
    const fault = this.nextFault();
    if (fault === 'refused' || fault === 'not_offered' || fault === 'oversold' || fault === 'opposite_order') {
      this.standing.set(clientOrderId, 'refused');
      this.refusals.set(clientOrderId, { code: fault, message: 'by plan' });
    } else if (fault === 'not_placed') this.standing.set(clientOrderId, ifNotPlaced);
    else if (fault === 'turned_down') {
      this.standing.set(clientOrderId, 'unknown');
      this.refusals.set(clientOrderId, { code: 'refused', message: 'in words of its own' });
    } else {
      const refusal = fault === 'request_lost' ? undefined : this.placeAtExchange(order.request);
      this.standing.set(clientOrderId, fault !== 'none' ? 'unknown' : refusal ? 'refused' : 'known');
      if (fault !== 'none') return { failed: 'lost' };
      if (refusal) this.refusals.set(clientOrderId, refusal);
    }
    return [this.fact(order)];
  }

  private cancel({ clientOrderId, brokerOrderId }: CancelOrder): OrderFact[] | Failed {
    const fault = this.nextFault();
    const isLost = fault === 'request_lost' || fault === 'not_placed';
    if (!isLost) this.cancelAtExchange(brokerOrderId);
    if (isLost || fault === 'answer_lost') return { failed: 'lost' };
    const order = this.state.orders.find(({ request }) => request.clientOrderId === clientOrderId);
    return order ? [this.fact(order)] : [];
  }

  private nextFault(): Fault {
    return this.faults.shift() ?? 'none';
  }

  /** What an activity would answer about an order. */
  private fact(order: Pick<OrderFact, 'leg' | 'generation' | 'request'>): OrderFact {
    const { clientOrderId } = order.request;
    const known = this.known.get(clientOrderId);
    const standing = this.standing.get(clientOrderId) ?? 'unknown';
    if (known && standing === 'known') return factOf(order, brokerOrder(known));
    return factOfUnplaced(order, standing === 'known' ? 'unknown' : standing, this.refusals.get(clientOrderId));
  }

  private lookAtMarket({ orders }: LookRequest): TradeLook | Failed {
    if (this.outOfCalls) return { failed: 'the request budget is used up', outOfCalls: true };
    if (!this.reachable) return { failed: 'out of reach' };
    const facts = orders.flatMap((order) => {
      const known = this.known.get(order.request.clientOrderId);
      return known ? [factOf(order, brokerOrder(known))] : [];
    });
    const market: MarketLook = {
      marketTime: this.now,
      session: 'regular',
      staleAfterMs: rules.staleAfterMs,
      quote: { ...quoteOf(this.price), ...(this.halted && { halted: true }) },
      orders: [],
      position: this.position().toString(),
      splits: [],
    };
    return { market, facts, othersOpen: '0' as DecimalString, othersInDoubt: false };
  }

  private placeAtExchange(request: OrderRequest): Refusal | undefined {
    if (this.known.has(request.clientOrderId)) throw new Error(`sent twice: ${request.clientOrderId}`);
    return this.decide(placeOrder(this.book, this.arrival(request), rules));
  }

  private cancelAtExchange(brokerOrderId: string): void {
    const decision = cancelOrder(this.book, brokerOrderId, this.now);
    if (!('refusal' in decision)) this.take(decision);
  }

  private decide(decision: { refusal: Refusal } | MatchingStep): Refusal | undefined {
    if ('refusal' in decision) return decision.refusal;
    this.take(decision);
    return undefined;
  }

  private arrival(request: OrderRequest): Arrival {
    return { request, id: String(this.nextId++), at: this.now, prices: { ...this.price, at: this.now } };
  }

  private take({ book, changes }: MatchingStep): void {
    this.book = book;
    for (const change of changes) this.note(change);
  }

  private note(change: Change): void {
    const { order } = change;
    const known = this.known.get(order.clientOrderId) ?? { order, executions: [] };
    this.known.set(order.clientOrderId, { ...known, order });
    if (change.kind !== 'fill') return;
    const { quantity, price, fee, at } = change;
    const executionId = `${order.id}-${order.filled}`;
    known.executions.push({
      executionId,
      quantity: quantity.toString(),
      price: price.toString(),
      fee: fee.toString(),
      at,
    });
    const last = this.prefixes.at(-1) ?? { bought: Decimal.zero, sold: Decimal.zero };
    const buys = order.side === 'buy' || order.side === 'buy_to_cover';
    this.prefixes.push(
      buys ? { ...last, bought: last.bought.plus(quantity) } : { ...last, sold: last.sold.plus(quantity) },
    );
  }
}

/** A broker with every type of stop takes the one that was asked for. */
function stopTypeOf({ stopLoss }: TradeRequest): Pick<TradeCapabilities, 'stopType'> {
  if ('trailPercent' in stopLoss) return { stopType: 'trailing_stop' };
  return { stopType: stopLoss.limitOffset === undefined ? 'stop' : 'stop_limit' };
}

export function simulatedRequest(request: Partial<TradeRequest> = {}): TradeRequest {
  return {
    broker: 'paper',
    account: 'paper-u',
    symbol: SYMBOL,
    assetClass: 'equity',
    side: 'buy',
    quantity: '10' as DecimalString,
    orderType: 'market',
    timeInForce: 'day',
    session: 'regular',
    stopLoss: { percent: '5' as DecimalString },
    onCancel: 'flatten',
    onUnprotected: 'flatten',
    onPartialFill: 'emulate',
    onStopMissing: 'restore',
    ...request,
  };
}

function brokerOrder({ order, executions }: Known): Parameters<typeof factOf>[1] {
  return {
    orderId: order.id,
    placedAt: order.placedAt,
    status: order.status,
    quantity: order.quantity.toString(),
    filledQuantity: order.filled.toString(),
    triggered: order.triggered,
    executions,
    ...(order.stopPrice ? { stopPrice: order.stopPrice.toString() } : {}),
  };
}

function priceEvent(at: number, bid: string, size: string, low = bid): PriceEvent {
  const price = decimal(bid);
  const sizes = decimal(size);
  return {
    kind: 'prices',
    symbol: SYMBOL,
    at,
    bid: price,
    ask: price,
    bidSize: sizes,
    askSize: sizes,
    last: price,
    low: decimal(low),
    high: price,
  };
}

function mustStep(decision: { refusal: Refusal } | MatchingStep): MatchingStep {
  if ('refusal' in decision) throw new Error(decision.refusal.message);
  return decision;
}
