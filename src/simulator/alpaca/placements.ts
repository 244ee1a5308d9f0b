/** Turns a placement into the exchange's orders: a single order, an entry with its exits, or a pair of exits. */
import { randomUUID } from 'node:crypto';
import { type Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { quantityStep } from '../../domain/instrument.js';
import { isBuying, type OrderRequest } from '../../domain/order.js';
import type { Exchange } from '../exchange/exchange.js';
import type { NewOrder } from '../exchange/new-order.js';
import { type ExchangeOrder, isOver } from '../exchange/orders.js';
import { badInput, forbidden, isProblem, type Problem, ruleBroken } from './answers.js';
import type { PlaceBody } from './order-body.js';
import { priceProblem, ruleProblem, type Setting, sideOf, toNewOrder } from './order-mapping.js';
import { detailsOf } from './order-views.js';

export type Placement = { order: NewOrder; pair?: never } | { pair: readonly [NewOrder, NewOrder]; order?: never };

/** The least value, in dollars, of a purchase of a USD-quoted pair (section 6.2). */
const SMALLEST_CRYPTO_COST = decimal('10');
const QUANTITY_DECIMALS = 9;

export async function plan(
  exchange: Exchange,
  body: PlaceBody,
  setting: Setting,
  clientOrderId: string,
): Promise<Placement | Problem> {
  const broken = ruleProblem(body, setting) ?? intentProblem(body, setting);
  if (broken) return broken;
  const quote = await exchange.quote(setting.symbol);
  const price = body.limit_price ?? (body.side === 'buy' ? quote?.ask : quote?.bid);
  const quantity = quantityOf(body, price);
  if (quantity === undefined) return ruleBroken(`no quote for ${body.symbol} to compute the notional value`);
  const cost = price === undefined ? undefined : quantity.times(decimal(price));
  if (setting.assetClass === 'crypto' && body.side === 'buy' && cost?.lessThan(SMALLEST_CRYPTO_COST)) {
    return forbidden('cost basis must be >= minimal amount of order 10');
  }
  const entry = toNewOrder(body, setting, clientOrderId, quantity.toString());
  return withExits(body, setting, entry);
}

/** An order for shares that states its position intent must match it (seen at Alpaca, alpacahq/Alpaca-API issue 250). */
function intentProblem({ side, position_intent: specified }: PlaceBody, { assetClass, position }: Setting) {
  if (specified === undefined || assetClass !== 'equity') return undefined;
  const engineSide = sideOf(side, position);
  const inferred = `${side}_to_${engineSide === 'buy' || engineSide === 'sell_short' ? 'open' : 'close'}`;
  if (inferred === specified) return undefined;
  return ruleBroken(`position intent mismatch, inferred: ${inferred}, specified: ${specified}`);
}

function quantityOf({ qty, notional }: PlaceBody, price: string | undefined): Decimal | undefined {
  if (qty !== undefined) return decimal(qty);
  if (notional === undefined || price === undefined) return undefined;
  return decimal(notional)
    .dividedBy(decimal(price), QUANTITY_DECIMALS, 'down')
    .roundedToTick(quantityStep('crypto'), 'down');
}

function withExits(body: PlaceBody, setting: Setting, entry: NewOrder): Placement | Problem {
  const exits = exitsOf(body, setting, entry.request.quantity);
  const problem = exits.find(isProblem);
  if (problem) return problem;
  const orders = exits.filter((exit): exit is NewOrder => 'request' in exit);
  const [stop] = orders.slice(-1);
  if (body.order_class === 'oco') return stop ? { pair: [entry, stop] } : badInput('oco orders require stop_loss');
  return { order: { ...entry, children: orders, oneCancelsOther: orders.length > 1 } };
}

/** Target and stop, on the opposite side of the entry. The body of an oco is the target itself, so only the stop is added. */
function exitsOf(body: PlaceBody, setting: Setting, quantity: DecimalString): (NewOrder | Problem)[] {
  const { take_profit: target, stop_loss: stop, order_class: orderClass } = body;
  const shared = { symbol: body.symbol, qty: quantity, time_in_force: body.time_in_force, order_class: orderClass };
  const side = orderClass === 'oco' ? body.side : body.side === 'buy' ? 'sell' : 'buy';
  const bodies: PlaceBody[] = [];
  if (target && orderClass !== 'oco') bodies.push({ ...shared, side, type: 'limit', limit_price: target.limit_price });
  if (stop) {
    const type = stop.limit_price === undefined ? 'stop' : 'stop_limit';
    bodies.push({ ...shared, side, type, ...stop });
  }
  const closing = closingSide(body, setting);
  return bodies.map((leg) => {
    const made = toNewOrder(leg, setting, randomUUID(), quantity);
    return priceProblem(leg, setting) ?? { ...made, request: { ...made.request, side: closing } };
  });
}

/** An exit closes what its entry opens, whatever the account holds now. */
function closingSide({ side, order_class: orderClass }: PlaceBody, { position }: Setting): OrderRequest['side'] {
  const isEntry = orderClass !== 'oco';
  if (isEntry) return side === 'buy' ? 'sell' : 'buy_to_cover';
  return position.isNegative() ? 'buy_to_cover' : 'sell';
}

/**
 * Alpaca refuses an order that could trade against another of its account (section 6.1); complex and trailing orders are
 * exempt. Source: the table in docs.alpaca.markets, "User Protection".
 */
export function washTradeProblem(
  body: PlaceBody,
  orders: readonly ExchangeOrder[],
  symbol: string,
): Problem | undefined {
  if (isExempt(body.type, body.order_class)) return undefined;
  const isBuy = body.side === 'buy';
  const opposite = orders.filter((order) => {
    return order.state.symbol === symbol && !isOver(order) && isBuying(order.state.side) !== isBuy;
  });
  const other = opposite.find((order) => couldMeet(body, order));
  if (other === undefined) return undefined;
  const kind = hasLimit(detailsOf(other).type) ? 'limit' : 'market/stop';
  return forbidden('potential wash trade detected. use complex orders', {
    ...{ existing_order_id: other.orderId, reject_reason: `opposite side ${kind} order exists` },
  });
}

function isExempt(type: PlaceBody['type'], orderClass = ''): boolean {
  return type === 'trailing_stop' || (orderClass !== '' && orderClass !== 'simple');
}

/** Of two orders with limits, only those that cross; any other two always. */
function couldMeet(body: PlaceBody, other: ExchangeOrder): boolean {
  const { type, orderClass } = detailsOf(other);
  if (isExempt(type, orderClass)) return false;
  const { limitPrice } = other.state;
  if (!hasLimit(body.type) || !hasLimit(type) || body.limit_price === undefined || limitPrice === undefined)
    return true;
  const price = decimal(body.limit_price);
  return body.side === 'buy' ? price.atLeast(limitPrice) : price.atMost(limitPrice);
}

function hasLimit(type: PlaceBody['type']): boolean {
  return type === 'limit' || type === 'stop_limit';
}
