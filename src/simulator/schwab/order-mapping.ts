/** Maps Schwab's orders to the matching engine's, and applies Schwab's own rules (docs/brokers/schwab.md, section 5). */
import type { OrderRequest, OrderSide, OrderType } from '../../domain/order.js';
import type { Duration, Instruction, OrderFields, SchwabOrderType } from './order-body.js';
import { assetTypeOf, fromSchwabSymbol, type SchwabAssetType } from './symbols.js';

const EQUITY_SIDES: Partial<Readonly<Record<Instruction, OrderSide>>> = {
  BUY: 'buy',
  SELL: 'sell',
  SELL_SHORT: 'sell_short',
  BUY_TO_COVER: 'buy_to_cover',
};

const OPTION_SIDES: Partial<Readonly<Record<Instruction, OrderSide>>> = {
  BUY_TO_OPEN: 'buy',
  SELL_TO_CLOSE: 'sell',
  SELL_TO_OPEN: 'sell_short',
  BUY_TO_CLOSE: 'buy_to_cover',
};

const SIDES: Readonly<Record<SchwabAssetType, Partial<Readonly<Record<Instruction, OrderSide>>>>> = {
  EQUITY: EQUITY_SIDES,
  OPTION: OPTION_SIDES,
};

/** The order types that the simulated exchange supports; the others are refused by name. */
const TYPES: Partial<Readonly<Record<SchwabOrderType, OrderType>>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP: 'stop',
  STOP_LIMIT: 'stop_limit',
  TRAILING_STOP: 'trailing_stop',
};

const DURATIONS_TRADED: readonly Duration[] = ['DAY', 'GOOD_TILL_CANCEL', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL'];

/** The request for the engine, or why Schwab's rules refuse the order. `clientOrderId` is the simulator's own. */
export function toOrderRequest(order: OrderFields, clientOrderId: string): OrderRequest | { problem: string } {
  const [leg, ...more] = order.orderLegCollection;
  const type = TYPES[order.orderType];
  if (leg === undefined || more.length > 0) return { problem: 'The simulator trades orders of one leg only' };
  if (type === undefined) return { problem: `The simulator does not trade orderType ${order.orderType}` };
  const symbol = fromSchwabSymbol(leg.instrument.symbol);
  const side = SIDES[leg.instrument.assetType][leg.instruction];
  if (symbol === undefined || assetTypeOf(symbol) !== leg.instrument.assetType) return { problem: 'Invalid symbol' };
  if (side === undefined) return { problem: `${leg.instruction} is not for ${leg.instrument.assetType}` };
  const problem = ruleProblem(order, type);
  if (problem !== undefined) return { problem };
  return {
    ...{ clientOrderId, symbol, side, type, quantity: leg.quantity },
    assetClass: leg.instrument.assetType === 'OPTION' ? 'option' : 'equity',
    timeInForce: order.duration === 'GOOD_TILL_CANCEL' ? 'gtc' : 'day',
    session: order.session === 'NORMAL' ? 'regular' : 'extended',
    ...pricesOf(order, type),
  };
}

function ruleProblem(order: OrderFields, type: OrderType): string | undefined {
  if (order.session !== 'NORMAL' && type !== 'limit') return 'Only limit orders are allowed outside of normal hours';
  if (!DURATIONS_TRADED.includes(order.duration)) return `The simulator does not keep duration ${order.duration}`;
  if (order.specialInstruction?.startsWith('ALL_OR_NONE')) return 'The simulator does not keep ALL_OR_NONE orders';
  if (type === 'market' && order.price !== undefined) return 'price is not allowed for a market order';
  if (type === 'trailing_stop' && order.stopPriceLinkType !== 'PERCENT') return 'The simulator trails by PERCENT only';
  return undefined;
}

function pricesOf({ price, stopPrice, stopPriceOffset }: OrderFields, type: OrderType): Partial<OrderRequest> {
  return {
    ...(price !== undefined && { limitPrice: price }),
    ...(stopPrice !== undefined && type !== 'trailing_stop' && { stopPrice }),
    ...(stopPriceOffset !== undefined && type === 'trailing_stop' && { trailPercent: stopPriceOffset }),
  };
}
