/** Maps E*TRADE's orders to the matching engine's, and applies E*TRADE's own rules (docs/brokers/etrade.md, section 5.2). */
import type { OrderRequest, OrderSide, OrderType } from '../../domain/order.js';
import type { EtradeOrder, OrderAction, PriceType } from './order-body.js';

const SIDES: Readonly<Record<OrderAction, OrderSide>> = {
  BUY: 'buy',
  SELL: 'sell',
  SELL_SHORT: 'sell_short',
  BUY_TO_COVER: 'buy_to_cover',
  BUY_OPEN: 'buy',
  SELL_CLOSE: 'sell',
  SELL_OPEN: 'sell_short',
  BUY_CLOSE: 'buy_to_cover',
};

const OPTION_ACTIONS: readonly OrderAction[] = ['BUY_OPEN', 'SELL_CLOSE', 'SELL_OPEN', 'BUY_CLOSE'];

/** The price types that the simulated exchange supports; the others are refused by name. */
const TYPES: Partial<Readonly<Record<PriceType, OrderType>>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP: 'stop',
  STOP_LIMIT: 'stop_limit',
  TRAILING_STOP_PRCT: 'trailing_stop',
};

/** The request for the engine, or why E*TRADE's rules refuse the order. */
export function toOrderRequest(order: EtradeOrder, clientOrderId: string): OrderRequest | { problem: string } {
  const type = TYPES[order.priceType];
  if (order.symbol === undefined) return { problem: 'The symbol you entered is invalid.' };
  if (type === undefined) return { problem: `The simulator does not trade priceType ${order.priceType}.` };
  const problem = ruleProblem(order, type);
  if (problem !== undefined) return { problem };
  return {
    ...{ clientOrderId, symbol: order.symbol, type, quantity: order.quantity },
    assetClass: order.orderType === 'OPTN' ? 'option' : 'equity',
    side: SIDES[order.orderAction],
    timeInForce: order.orderTerm === 'GOOD_UNTIL_CANCEL' ? 'gtc' : 'day',
    session: order.marketSession === 'EXTENDED' ? 'extended' : 'regular',
    ...pricesOf(order, type),
  };
}

function ruleProblem(order: EtradeOrder, type: OrderType): string | undefined {
  if (OPTION_ACTIONS.includes(order.orderAction) !== (order.orderType === 'OPTN')) {
    return `Order action ${order.orderAction} is not for orderType ${order.orderType}.`;
  }
  if (order.orderTerm === 'GOOD_TILL_DATE') return 'The simulator does not keep GOOD_TILL_DATE orders.';
  if (lifetimeOf(order) !== undefined && type !== 'limit') return `${order.orderTerm} is for limit orders only.`;
  if (order.marketSession === 'EXTENDED' && type !== 'limit') return 'Only limit orders trade in extended hours.';
  if (order.allOrNone) return 'The simulator does not keep all-or-none orders.';
  return undefined;
}

/** The terms that end an order which does not fill on arrival. */
export function lifetimeOf({ orderTerm }: EtradeOrder): 'ioc' | 'fok' | undefined {
  if (orderTerm === 'IMMEDIATE_OR_CANCEL') return 'ioc';
  return orderTerm === 'FILL_OR_KILL' ? 'fok' : undefined;
}

/** The percentage of a trailing stop is in `stopPrice` (unconfirmed, section 5.4). */
function pricesOf({ limitPrice, stopPrice }: EtradeOrder, type: OrderType): Partial<OrderRequest> {
  const limited = type === 'limit' || type === 'stop_limit';
  const stopped = type === 'stop' || type === 'stop_limit';
  return {
    ...(limited && limitPrice !== undefined && { limitPrice }),
    ...(stopped && stopPrice !== undefined && { stopPrice }),
    ...(type === 'trailing_stop' && stopPrice !== undefined && { trailPercent: stopPrice }),
  };
}
