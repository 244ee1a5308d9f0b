import { decimal } from '../../src/domain/decimal.js';
import type { OrderRequest } from '../../src/domain/order.js';
import type { Book, Change, Decision, Step } from '../../src/matching/book.js';
import { openBook } from '../../src/matching/book.js';
import { onEvent, placeOrder } from '../../src/matching/engine.js';
import type { MarketEvent, PriceEvent } from '../../src/matching/event.js';
import { defaultRules, type MatchingRules } from '../../src/matching/rules.js';
import { orderRequest, stopRequest } from '../support/orders.js';

/** A Tuesday in the regular session. */
export const NOON = Date.parse('2013-10-08T16:00:00Z');
export const SECOND = 1_000;

type Texts = Partial<Record<'bid' | 'ask' | 'bidSize' | 'askSize' | 'open' | 'low' | 'high' | 'last', string>>;

/** An event of AAPL; prices as text. `last` alone means one trade at that price. */
export function prices(
  texts: Texts & { symbol?: string; at?: number } & Pick<PriceEvent, 'halted' | 'suspectedSplitAt'>,
) {
  const { symbol = 'AAPL', at = NOON, halted, suspectedSplitAt, last, low = last, high = last, ...quote } = texts;
  const texted = { ...quote, ...(last && { last, low: low ?? last, high: high ?? last }) };
  const decimals = Object.fromEntries(Object.entries(texted).map(([name, text]) => [name, decimal(text)]));
  const event: PriceEvent = {
    kind: 'prices',
    symbol,
    at,
    ...decimals,
    ...(halted && { halted }),
    ...(suspectedSplitAt !== undefined && { suspectedSplitAt }),
  };
  return event;
}

/** A book on its way through a test: places, lets the market speak, and remembers what happened. */
export class Trader {
  book: Book;
  readonly changes: Change[] = [];
  private ids = 0;
  private market: PriceEvent | undefined;

  constructor(
    cash = '100000',
    private readonly rules: MatchingRules = defaultRules,
  ) {
    this.book = openBook(decimal(cash));
  }

  place(request: OrderRequest, at = this.market?.at ?? NOON): Decision & { id: string } {
    const id = String(++this.ids);
    const decision = placeOrder(this.book, { id, request, at, prices: this.market }, this.rules);
    if (!('refusal' in decision)) this.take(decision);
    return { ...decision, id };
  }

  see(event: MarketEvent): readonly Change[] {
    if (event.kind === 'prices') this.market = event;
    const step = onEvent(this.book, event, this.rules);
    this.take(step);
    return step.changes;
  }

  take(step: Step): void {
    this.book = step.book;
    this.changes.push(...step.changes);
  }

  position(symbol = 'AAPL'): string {
    return this.book.positions.get(symbol)?.quantity.toString() ?? '0';
  }
}

/** Changes in short: `triggered`, `fill 10 @ 141.9`. */
export function reported(changes: readonly Change[]): string[] {
  return changes.map((change) => (change.kind === 'fill' ? `fill ${change.quantity} @ ${change.price}` : change.kind));
}

/** The quote that tests begin with. */
export const QUOTE = { bid: '149.99', ask: '150.00', last: '150.00' };

/** Ten shares bought at 150 as order 1, and a stop for them, at 142.50 unless said otherwise, as order 2. */
export function holding(stop: Parameters<typeof stopRequest>[1] & { stopPrice?: string } = {}): Trader {
  const trader = new Trader();
  trader.see(prices(QUOTE));
  trader.place(orderRequest());
  const { stopPrice = '142.50', ...changes } = stop;
  const placed = trader.place(stopRequest(stopPrice, changes));
  if ('refusal' in placed) throw new Error(placed.refusal.message);
  return trader;
}
