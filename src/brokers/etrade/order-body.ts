/** Our order in E*TRADE's words (its order API v1: preview and place). Bodies are XML: some users have had JSON refused. */
import { createHash } from 'node:crypto';
import { XMLBuilder } from 'fast-xml-parser';
import { Decimal, type DecimalString, decimal, type Rounding } from '../../domain/decimal.js';
import { isBuying, type OrderRequest, type OrderSide, type OrderType } from '../../domain/order.js';
import { productOf } from './symbols.js';

export const PRICE_TYPES: Readonly<Record<OrderType, string>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  stop: 'STOP',
  stop_limit: 'STOP_LIMIT',
  trailing_stop: 'TRAILING_STOP_PRCT',
};

export const ORDER_TERMS = { day: 'GOOD_FOR_DAY', gtc: 'GOOD_UNTIL_CANCEL' } as const;

export const SHARE_ACTIONS: Readonly<Record<OrderSide, string>> = {
  buy: 'BUY',
  sell: 'SELL',
  sell_short: 'SELL_SHORT',
  buy_to_cover: 'BUY_TO_COVER',
};

export const OPTION_ACTIONS: Readonly<Record<OrderSide, string>> = {
  buy: 'BUY_OPEN',
  sell: 'SELL_CLOSE',
  sell_short: 'SELL_OPEN',
  buy_to_cover: 'BUY_CLOSE',
};

/** What an order is told apart by in a list. A price that is not used is empty. */
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
    orderAction: (assetClass === 'option' ? OPTION_ACTIONS : SHARE_ACTIONS)[side],
    priceType: PRICE_TYPES[type],
    orderTerm: ORDER_TERMS[timeInForce],
    marketSession: session === 'extended' ? 'EXTENDED' : 'REGULAR',
    ...pricesOf(request),
  };
}

/** At most 20 letters and digits, always the same for the same id of ours. */
export function clientOrderIdOf(ours: string): string {
  const hash = createHash('sha256').update(ours).digest('hex');
  return BigInt(`0x${hash}`).toString(36).toUpperCase().slice(0, 20);
}

/** Of a preview; with a preview's id, of the place that follows it and must be the same in everything else. */
export function orderDocument(request: OrderRequest, previewId?: string): string {
  const terms = termsOf(request);
  const { orderType, priceType, orderTerm, marketSession, stopPrice, limitPrice, orderAction, quantity } = terms;
  const content = {
    ...{ orderType, clientOrderId: clientOrderIdOf(request.clientOrderId) },
    ...(previewId !== undefined && { PreviewIds: { previewId } }),
    Order: {
      ...{ allOrNone: 'false', priceType, orderTerm, marketSession, stopPrice, limitPrice },
      Instrument: { Product: productOf(terms.symbol), orderAction, quantityType: 'QUANTITY', quantity },
    },
  };
  return xml({ [previewId === undefined ? 'PreviewOrderRequest' : 'PlaceOrderRequest']: content });
}

export function cancelDocument(orderId: string): string {
  return xml({ CancelOrderRequest: { orderId } });
}

function xml(tree: object): string {
  return new XMLBuilder({}).build(tree);
}

/** A limit is never made worse than it was decided; a stop, and the limit behind it, are moved away from the market. */
function pricesOf({ type, side, limitPrice, stopPrice, trailPercent }: OrderRequest) {
  const away: Rounding = isBuying(side) ? 'up' : 'down';
  const better: Rounding = isBuying(side) ? 'down' : 'up';
  if (type === 'trailing_stop') return { limitPrice: '', stopPrice: trailPercent ?? '' };
  return {
    limitPrice: limitPrice === undefined ? '' : priceText(limitPrice, type === 'limit' ? better : away),
    stopPrice: stopPrice === undefined ? '' : priceText(stopPrice, away),
  };
}

/** Cents; below a dollar E*TRADE has taken three decimals. */
function priceText(price: DecimalString, rounding: Rounding): string {
  const exact = decimal(price);
  const rounded = exact.roundedTo(exact.lessThan(Decimal.one) ? 3 : 2, rounding).toString();
  const [whole = '', fraction = ''] = rounded.split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}
