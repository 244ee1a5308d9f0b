/** What Arbion sends to place or replace an order (Trader API, order request): these fields and no others. */
import { LosslessNumber } from 'lossless-json';
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { priceTick } from '../../domain/instrument.js';
import type { OrderRequest, OrderType, Refusal } from '../../domain/order.js';
import { onTick, priceText } from '../../wire/orders.js';
import { schwabCapabilities } from './capabilities.js';
import { DURATIONS, instructionOf, ORDER_TYPES, valueFor } from './order-enums.js';
import { assetTypeOf, toSchwabSymbol } from './symbols.js';

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
    orderType: valueFor(ORDER_TYPES, request.type),
    session: request.session === 'extended' ? 'SEAMLESS' : 'NORMAL',
    duration: valueFor(DURATIONS, request.timeInForce),
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
    ...(needed.includes('stopPrice') && stopPrice !== undefined && { stopPrice: onGrid(request, stopPrice) }),
    ...(needed.includes('limitPrice') && limitPrice !== undefined && { price: onGrid(request, limitPrice) }),
  };
}

function onGrid(request: OrderRequest, price: DecimalString): string {
  return priceText(onTick(request, price, (near) => priceTick(request, near)));
}
