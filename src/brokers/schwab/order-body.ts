/** What Arbion sends to place or replace an order (Trader API, order request): these fields and no others. */
import { LosslessNumber } from 'lossless-json';
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { priceTick } from '../../domain/instrument.js';
import { isBuying, type OrderRequest, type OrderType, type Refusal } from '../../domain/order.js';
import { schwabCapabilities } from './capabilities.js';
import { assetTypeOf, toSchwabSymbol } from './symbols.js';
import { DURATIONS, instructionOf, ORDER_TYPES, wordFor } from './words.js';

export interface OrderBody {
  /** of options only */
  complexOrderStrategyType?: 'NONE';
  orderType: keyof typeof ORDER_TYPES;
  session: 'NORMAL' | 'SEAMLESS';
  duration: keyof typeof DURATIONS;
  /** the limit; prices are texts */
  price?: string;
  stopPrice?: string;
  stopPriceLinkBasis?: 'LAST';
  stopPriceLinkType?: 'PERCENT';
  /** of 100 */
  stopPriceOffset?: LosslessNumber;
  orderStrategyType: 'SINGLE';
  orderLegCollection: [
    {
      instruction: string;
      quantity: LosslessNumber;
      instrument: { symbol: string; assetType: 'EQUITY' | 'OPTION' };
    },
  ];
}

/**
 * The request in Schwab's form, or why it cannot be put into it.
 *
 * A trailing stop starts at the trail's distance from the last trade: `stopPrice` as its start is not in Schwab's contract,
 * and a stop that starts anew protects better than none.
 */
export function orderBody(request: OrderRequest): OrderBody | { refusal: Refusal } {
  const lacking = notOffered(request);
  if (lacking !== undefined) return { refusal: { code: 'not_offered', message: `Schwab has no ${lacking}` } };
  const missing = NEEDED[request.type].find((field) => request[field] === undefined);
  if (missing) return { refusal: { code: 'invalid_order', message: `a ${request.type} order needs ${missing}` } };
  const { assetClass, symbol, side, quantity } = request;
  if (!decimal(quantity).isPositive())
    return { refusal: { code: 'invalid_order', message: `${quantity} is no quantity` } };
  return {
    ...(assetClass === 'option' && { complexOrderStrategyType: 'NONE' }),
    orderType: wordFor(ORDER_TYPES, request.type),
    session: request.session === 'extended' ? 'SEAMLESS' : 'NORMAL',
    duration: wordFor(DURATIONS, request.timeInForce),
    ...pricesOf(request),
    orderStrategyType: 'SINGLE',
    orderLegCollection: [
      {
        instruction: instructionOf(assetClass, side),
        quantity: new LosslessNumber(quantity),
        instrument: { symbol: toSchwabSymbol(symbol), assetType: assetTypeOf(assetClass) },
      },
    ],
  };
}

function notOffered({ assetClass, type, session, side, quantity }: OrderRequest): string | undefined {
  if (!schwabCapabilities.orderTypes[assetClass].includes(type)) return `${type} orders on ${assetClass}`;
  if (session === 'extended' && (type !== 'limit' || assetClass !== 'equity')) {
    return `${type} orders on ${assetClass} outside of regular hours`;
  }
  if (assetClass === 'option' && side === 'sell_short') return 'options to write through Arbion';
  return decimal(quantity).isMultipleOf(Decimal.one) ? undefined : 'orders on parts of a share or contract';
}

type PriceField = 'limitPrice' | 'stopPrice' | 'trailPercent';
const NEEDED: Record<OrderType, readonly PriceField[]> = {
  market: [],
  limit: ['limitPrice'],
  stop: ['stopPrice'],
  stop_limit: ['stopPrice', 'limitPrice'],
  trailing_stop: ['trailPercent'],
};

function pricesOf(request: OrderRequest): Partial<OrderBody> {
  const { type, limitPrice, stopPrice, trailPercent } = request;
  if (type === 'trailing_stop' && trailPercent !== undefined) {
    const offset = { stopPriceOffset: new LosslessNumber(trailPercent) };
    return { stopPriceLinkBasis: 'LAST', stopPriceLinkType: 'PERCENT', ...offset };
  }
  const needed = NEEDED[type];
  return {
    ...(needed.includes('stopPrice') && stopPrice !== undefined && { stopPrice: onTick(request, stopPrice) }),
    ...(needed.includes('limitPrice') && limitPrice !== undefined && { price: onTick(request, limitPrice) }),
  };
}

/** A stop's prices go away from the market, so that it still fills; a plain limit never becomes worse than it was decided. */
function onTick({ assetClass, side, type }: OrderRequest, text: DecimalString): string {
  const price = decimal(text);
  const isUp = isBuying(side) === (type !== 'limit');
  const [whole = '', cents = ''] = price
    .roundedToTick(priceTick(assetClass, price), isUp ? 'up' : 'down')
    .toString()
    .split('.');
  return `${whole}.${cents.padEnd(2, '0')}`;
}
