/** When a stop triggers, and how a trailing stop follows the market. */
import { Decimal } from '../domain/decimal.js';
import { type Instrument, priceTick } from '../domain/instrument.js';
import { isBuying, type OrderSide } from '../domain/order.js';
import type { BookOrder } from './book.js';
import { type PriceEvent, tradedIn } from './event.js';

const HUNDRED = Decimal.ofInteger(100);

export function isStop(order: Pick<BookOrder, 'type'>): boolean {
  return order.type === 'stop' || order.type === 'stop_limit' || order.type === 'trailing_stop';
}

/** Whether an order may execute: a stop only after its trigger. */
export function isExecutable(order: Pick<BookOrder, 'type' | 'triggered'>): boolean {
  return !isStop(order) || order.triggered;
}

/** A sell stop is reached when a trade was at or below it or, where nothing traded, the bid is; a buy stop mirrored. */
export function isReached(order: BookOrder, event: PriceEvent): boolean {
  if (order.stopPrice === undefined) return false;
  if (isBuying(order.side)) {
    const price = tradedIn(event) ? event.high : event.ask;
    return price?.atLeast(order.stopPrice) ?? false;
  }
  const price = tradedIn(event) ? event.low : event.bid;
  return price?.atMost(order.stopPrice) ?? false;
}

/** The price at which a stop that is reached triggers: its own, or the first trade's where that is through it already. */
export function triggerPrice({ stopPrice, side }: BookOrder, { open }: PriceEvent): Decimal | undefined {
  if (stopPrice === undefined || open === undefined) return stopPrice;
  return isBuying(side) ? open.max(stopPrice) : open.min(stopPrice);
}

/** A stop placed before a jump that looks like an unannounced split is still in prices of the old shares. */
export function isHeld(order: BookOrder, event: PriceEvent): boolean {
  return event.suspectedSplitAt !== undefined && order.placedAt < event.suspectedSplitAt;
}

/** A trailing stop's price after the event: it only ever moves towards the market. */
export function trailedStop(order: BookOrder, event: PriceEvent): Decimal | undefined {
  if (order.type !== 'trailing_stop' || order.trailPercent === undefined) return order.stopPrice;
  const stop = trailingStop(order, order.trailPercent, event);
  if (stop === undefined || order.stopPrice === undefined) return order.stopPrice;
  return isBuying(order.side) ? stop.min(order.stopPrice) : stop.max(order.stopPrice);
}

/** A trailing stop's price from one event's prices; undefined when the event shows none. */
export function trailingStop(
  order: Instrument & { side: OrderSide },
  trailPercent: Decimal,
  event: PriceEvent,
): Decimal | undefined {
  const { side } = order;
  const followed = followedPrice(side, event);
  if (followed === undefined) return undefined;
  const distance = followed.times(trailPercent).dividedBy(HUNDRED);
  const stop = isBuying(side) ? followed.plus(distance) : followed.minus(distance);
  return roundedStop(order, stop);
}

/** The last trade or, when nothing traded, the side of the quote on which the order would be filled. */
function followedPrice(side: OrderSide, event: PriceEvent): Decimal | undefined {
  if (tradedIn(event)) return event.last;
  return isBuying(side) ? event.ask : event.bid;
}

/** A stop rounded to the tick away from the market: sell stops down, buy stops up. */
export function roundedStop(order: Instrument & { side: OrderSide }, price: Decimal): Decimal {
  return price.roundedToTick(priceTick(order, price), isBuying(order.side) ? 'up' : 'down');
}
