/** The terms of an order: what we send, and what an order in a list is recognised by. */
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { priceTick } from '../../domain/instrument.js';
import type { OrderRequest } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import { onTick, priceText } from '../../wire/orders.js';
import type { ReadOrder } from './broker-order.js';
import { actionsOf, ORDER_TERMS, PRICE_TYPES } from './order-enums.js';

const CENT = decimal('0.01');
const MILL = decimal('0.001');

/** What an order is recognised by in a list. A price that is not used is empty. */
export interface OrderTerms {
  orderType: 'EQ' | 'OPTN';
  symbol: string;
  orderAction: string;
  quantity: DecimalString;
  priceType: string;
  orderTerm: string;
  marketSession: 'REGULAR' | 'EXTENDED';
  limitPrice: string;
  /** of a trailing stop: the percentage (unconfirmed field) */
  stopPrice: string;
}

export function termsOf(request: OrderRequest): OrderTerms {
  const { symbol, assetClass, side, type, quantity, timeInForce, session } = request;
  return {
    orderType: assetClass === 'option' ? 'OPTN' : 'EQ',
    ...{ symbol, quantity },
    orderAction: actionsOf(assetClass)[side],
    priceType: PRICE_TYPES[type],
    orderTerm: ORDER_TERMS[timeInForce],
    marketSession: session === 'extended' ? 'EXTENDED' : 'REGULAR',
    ...pricesOf(request),
  };
}

/**
 * Whether the order is what a send of these terms would have made. Prices are compared as numbers.
 * @throws UnexpectedAnswer when it is so but for a price that it does not show
 */
export function hasTerms({ orderId, symbol, type, wire }: ReadOrder, terms: OrderTerms): boolean {
  const { priceType, orderTerm, marketSession, limitPrice, stopPrice, Instrument } = wire.OrderDetail;
  const isSamePrice = (shown: DecimalString | null | undefined, sent: string) => {
    if (shown) return decimal(shown).equals(decimal(sent === '' ? '0' : sent));
    if (sent === '') return true;
    throw new UnexpectedAnswer(`E*TRADE's order ${orderId} does not show its price`);
  };
  return (
    symbol === terms.symbol &&
    Instrument.orderAction === terms.orderAction &&
    decimal(Instrument.orderedQuantity).equals(decimal(terms.quantity)) &&
    priceType === terms.priceType &&
    orderTerm === terms.orderTerm &&
    marketSession === terms.marketSession &&
    // where a trail's percentage is shown is not confirmed
    (type === 'trailing_stop' || (isSamePrice(limitPrice, terms.limitPrice) && isSamePrice(stopPrice, terms.stopPrice)))
  );
}

/** A trailing stop carries its percentage as `stopPrice`. */
function pricesOf(request: OrderRequest): Pick<OrderTerms, 'limitPrice' | 'stopPrice'> {
  const { type, limitPrice, stopPrice, trailPercent } = request;
  if (type === 'trailing_stop') return { limitPrice: '', stopPrice: trailPercent ?? '' };
  const text = (price: DecimalString | undefined) =>
    price === undefined ? '' : priceText(onTick(request, price, (near) => tickNear(request, near)));
  return { limitPrice: text(limitPrice), stopPrice: text(stopPrice) };
}

/** An option's own grid; of shares cents, and below a dollar E*TRADE has taken three decimals. */
function tickNear(request: OrderRequest, price: Decimal): Decimal {
  if (request.assetClass === 'option') return priceTick(request, price);
  return price.lessThan(Decimal.one) ? MILL : CENT;
}
