/** Maps Coinbase's order configurations to the engine's orders, and applies Coinbase's own rules (docs/brokers/coinbase.md, section 6). */
import { type Decimal, type DecimalString, decimal, decimalString } from '../../domain/decimal.js';
import type { Quote } from '../../domain/market.js';
import type { OrderRequest, OrderType, Refusal } from '../../domain/order.js';
import type { NewOrder } from '../exchange/new-order.js';
import type { Failure } from './answers.js';
import type { Configuration, ConfigurationName, PreviewBody } from './order-body.js';
import { type Steps, stepsOf } from './products.js';

/** What Coinbase shows of an order and the engine does not know. */
export interface CoinbaseDetails {
  configuration: Configuration;
  /** the dollars that a market order is to spend, when it gives no size */
  quoteSize: string | null;
}

/** The fields that configurations have in common, under whichever name. */
interface Terms {
  kind: ConfigurationName;
  baseSize?: string | undefined;
  quoteSize?: string | undefined;
  limitPrice?: string | undefined;
  stopPrice?: string | undefined;
  direction?: string | undefined;
  endTime?: string | undefined;
  postOnly: boolean;
}

const TYPES: Readonly<Record<ConfigurationName, OrderType | undefined>> = {
  market_market_ioc: 'market',
  sor_limit_ioc: 'limit',
  limit_limit_gtc: 'limit',
  limit_limit_gtd: 'limit',
  limit_limit_fok: 'limit',
  stop_limit_stop_limit_gtc: 'stop_limit',
  stop_limit_stop_limit_gtd: 'stop_limit',
  trigger_bracket_gtc: undefined,
  trigger_bracket_gtd: undefined,
};
const MONEY = decimal('0.01');
const SMALLEST_COST = decimal('1');

/** The kind of a configuration, and its terms. */
export function termsOf(configuration: Configuration): Terms {
  const [[kind, members] = ['', {}]] = Object.entries(configuration);
  const text = (name: string) => {
    const value = members[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    kind: kind as ConfigurationName,
    ...{ baseSize: text('base_size'), quoteSize: text('quote_size'), limitPrice: text('limit_price') },
    ...{ stopPrice: text('stop_price'), direction: text('stop_direction'), endTime: text('end_time') },
    postOnly: members.post_only === true,
  };
}

/** The order for the exchange, or why Coinbase refuses it, whatever the market is. */
export function toNewOrder(
  { product_id: symbol, side, order_configuration: configuration, attached_order_configuration: attached }: PreviewBody,
  clientOrderId: string,
  quote: Quote | undefined,
  now: number,
): NewOrder | Failure {
  const terms = termsOf(configuration);
  const steps = stepsOf(symbol, quote);
  const type = TYPES[terms.kind];
  if (type === undefined || attached) {
    return { error: 'BRACKET_ORDER_NOT_SUPPORTED', message: 'Bracket orders are not simulated' };
  }
  const problem = termsProblem(terms, side, steps) ?? endProblem(terms, now) ?? postOnlyProblem(terms, side, quote);
  if (problem) return problem;
  const size = sizeOf(terms, quote, steps);
  if (size === undefined)
    return { error: 'INVALID_NO_LIQUIDITY', message: 'No liquidity', preview: 'PREVIEW_INVALID_NO_LIQUIDITY' };
  if (size.lessThan(steps.smallestSize))
    return precision('PREVIEW_INVALID_BASE_SIZE_TOO_SMALL', 'Base size is too small');
  if (steps.largestSize.lessThan(size))
    return precision('PREVIEW_INVALID_BASE_SIZE_TOO_LARGE', 'Base size is too large');
  const request: OrderRequest = {
    ...{
      clientOrderId,
      symbol,
      assetClass: 'crypto',
      side: side === 'BUY' ? 'buy' : 'sell',
      type,
      quantity: size.toString(),
    },
    ...(terms.limitPrice !== undefined && { limitPrice: decimalString(terms.limitPrice) }),
    ...(terms.stopPrice !== undefined && { stopPrice: decimalString(terms.stopPrice) }),
    ...{ timeInForce: 'gtc', session: 'regular' },
  };
  const details = { configuration, quoteSize: terms.quoteSize ?? null } satisfies CoinbaseDetails;
  return {
    ...{ request, details, uniqueClientId: true },
    ...(terms.kind.endsWith('_ioc') && { lifetime: 'ioc' as const }),
    ...(terms.kind.endsWith('_fok') && { lifetime: 'fok' as const }),
    ...(terms.endTime !== undefined && { expiresAt: Date.parse(terms.endTime) }),
  };
}

function termsProblem(terms: Terms, side: 'BUY' | 'SELL', steps: Steps): Failure | undefined {
  const { kind, baseSize, quoteSize, limitPrice, stopPrice } = terms;
  if (kind === 'market_market_ioc' && (baseSize === undefined) === (quoteSize === undefined)) {
    return {
      error: 'UNSUPPORTED_ORDER_CONFIGURATION',
      message: 'quote_size or base_size',
      preview: 'PREVIEW_INVALID_ORDER_CONFIG',
    };
  }
  if (side === 'SELL' && quoteSize !== undefined) {
    const message = 'rpc error: code = InvalidArgument desc = Market sells must be parameterized in base currency';
    return { error: 'UNSUPPORTED_ORDER_CONFIGURATION', message, preview: 'PREVIEW_INVALID_ORDER_CONFIG' };
  }
  if (baseSize !== undefined && !decimal(baseSize).isMultipleOf(steps.base)) {
    return precision('INVALID_SIZE_PRECISION', 'Invalid size precision');
  }
  for (const price of [limitPrice, stopPrice]) {
    if (price !== undefined && !decimal(price).isMultipleOf(steps.price)) {
      return {
        error: 'INVALID_PRICE_PRECISION',
        message: 'Invalid price precision',
        preview: 'PREVIEW_INVALID_PRICE_PRECISION',
      };
    }
  }
  return costProblem(terms) ?? stopProblem(terms, side);
}

function endProblem({ endTime }: Terms, now: number): Failure | undefined {
  if (endTime === undefined || Date.parse(endTime) > now) return undefined;
  return precision('END_TIME_IS_IN_THE_PAST', 'The end time is in the past');
}

function costProblem({ baseSize, quoteSize, limitPrice }: Terms): Failure | undefined {
  const cost = quoteSize ?? (baseSize && limitPrice && decimal(baseSize).times(decimal(limitPrice)).toString());
  if (!cost || decimal(cost).atLeast(SMALLEST_COST)) return undefined;
  return precision('PREVIEW_INVALID_BASE_SIZE_TOO_SMALL', 'Order size is below the minimum');
}

function precision(error: string, message: string): Failure {
  return { error, message, preview: error.startsWith('PREVIEW_') ? error : `PREVIEW_${error}` };
}

/** A triggered stop must be able to fill: its limit lies beyond its stop price, and its direction fits its side. */
function stopProblem({ stopPrice, limitPrice, direction }: Terms, side: 'BUY' | 'SELL'): Failure | undefined {
  if (stopPrice === undefined || limitPrice === undefined) return undefined;
  const down = direction === 'STOP_DIRECTION_STOP_DOWN';
  if (down !== (side === 'SELL')) {
    return {
      error: 'UNSUPPORTED_ORDER_CONFIGURATION',
      message: 'stop_direction is for the other side',
      preview: 'PREVIEW_INVALID_ORDER_CONFIG',
    };
  }
  const stop = decimal(stopPrice);
  const isBeyond = side === 'SELL' ? stop.lessThan(decimal(limitPrice)) : stop.greaterThan(decimal(limitPrice));
  if (!isBeyond) return undefined;
  const name = side === 'SELL' ? 'PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE' : 'PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE';
  return {
    error: 'INVALID_LIMIT_PRICE',
    message: 'The limit price is on the wrong side of the stop price',
    preview: name,
  };
}

function postOnlyProblem(
  { postOnly, limitPrice }: Terms,
  side: 'BUY' | 'SELL',
  quote: Quote | undefined,
): Failure | undefined {
  const opposite = side === 'BUY' ? quote?.ask : quote?.bid;
  if (!postOnly || limitPrice === undefined || opposite === undefined) return undefined;
  const limit = decimal(limitPrice);
  const takes = side === 'BUY' ? limit.atLeast(decimal(opposite)) : limit.atMost(decimal(opposite));
  return takes
    ? { error: 'INVALID_LIMIT_PRICE_POST_ONLY', message: 'A post-only order would take liquidity' }
    : undefined;
}

function sizeOf({ baseSize, quoteSize }: Terms, quote: Quote | undefined, { base }: Steps): Decimal | undefined {
  if (baseSize !== undefined) return decimal(baseSize);
  if (quoteSize === undefined || quote?.ask === undefined) return undefined;
  const money = decimal(quoteSize).roundedToTick(MONEY, 'down');
  return money.dividedBy(decimal(quote.ask), 8, 'down').roundedToTick(base, 'down');
}

/** Coinbase's message for a refusal of the exchange. */
export function refusalFailure({ code, message }: Refusal, side: 'BUY' | 'SELL'): Failure {
  if (code === 'insufficient_funds' || code === 'oversold') {
    return {
      error: 'INSUFFICIENT_FUND',
      message: 'Insufficient balance in source account',
      preview: 'PREVIEW_INSUFFICIENT_FUND',
    };
  }
  if (code === 'stop_through_market') {
    const preview = `PREVIEW_STOP_PRICE_${side === 'SELL' ? 'ABOVE' : 'BELOW'}_LAST_TRADE_PRICE`;
    return { error: preview, message: 'The stop price is on the wrong side of the last trade', preview };
  }
  if (code === 'market_closed') return { error: 'INVALID_NO_LIQUIDITY', message: 'No liquidity' };
  if (code === 'refused') return { error: 'COMMANDER_REJECTED_NEW_ORDER', message: 'The order was rejected' };
  return { error: 'INVALID_REQUEST', message };
}

/** The configuration with an edited size and prices. */
export function editedConfiguration(
  configuration: Configuration,
  {
    size,
    price,
    stopPrice,
  }: { size: DecimalString; price: DecimalString | undefined; stopPrice: DecimalString | undefined },
): Configuration {
  const [[kind, members] = ['', {}]] = Object.entries(configuration);
  const changed = {
    ...members,
    base_size: size,
    ...(price !== undefined && { limit_price: price }),
    ...(stopPrice !== undefined && { stop_price: stopPrice }),
  };
  return { [kind]: changed };
}
