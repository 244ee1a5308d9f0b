/** Maps Alpaca's orders to the matching engine's, and applies Alpaca's own rules (docs/brokers/alpaca.md, sections 5.2 and 6). */
import { newYorkMidnight, tradingDay } from '../../domain/calendar.js';
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { type AssetClass, type Instrument, isOnTick, priceTick } from '../../domain/instrument.js';
import type { OrderRequest, OrderSide } from '../../domain/order.js';
import type { NewOrder } from '../exchange/new-order.js';
import { badInput, type Problem, ruleBroken } from './answers.js';
import type { PlaceBody } from './order-body.js';

/** What Alpaca shows of an order and the engine does not know. */
export interface AlpacaDetails {
  type: PlaceBody['type'];
  timeInForce: PlaceBody['time_in_force'];
  orderClass: 'simple' | 'bracket' | 'oco' | 'oto';
  notional: string | null;
}

/** The circumstances in which the order arrives. */
export interface Setting {
  symbol: string;
  assetClass: AssetClass;
  position: Decimal;
  now: number;
}

type OrderTerms = Pick<PlaceBody, 'type' | 'limit_price' | 'stop_price' | 'trail_price' | 'trail_percent'>;

const DAY_MS = 86_400_000;
/** Alpaca's aged-order policy: a good-till-cancelled order expires after 90 calendar days, at about 16:15 New York time. */
const GTC_DAYS = 90;
const GTC_END_MS = (16 * 60 + 15) * 60_000;

/** Why Alpaca's own rules refuse an order, whatever the market is. */
export function ruleProblem(body: PlaceBody, setting: Setting): Problem | undefined {
  const { assetClass, symbol } = setting;
  if (body.order_class === 'mleg') return badInput('mleg orders are not simulated');
  if ((body.qty === undefined) === (body.notional === undefined)) return badInput('qty or notional is required');
  if (assetClass === 'crypto') return cryptoProblem(body, setting);
  if (body.notional !== undefined || !decimal(body.qty ?? '0').isMultipleOf(Decimal.one)) {
    return forbiddenFraction(symbol);
  }
  if (body.time_in_force === 'opg' || body.time_in_force === 'cls') return ruleBroken('opg and cls are not simulated');
  if (body.extended_hours && (body.type !== 'limit' || body.time_in_force !== 'day')) {
    return ruleBroken('extended hours order must be DAY limit orders');
  }
  if (assetClass === 'option') return optionProblem(body, setting);
  return priceProblem(body, setting) ?? classProblem(body);
}

function forbiddenFraction(symbol: string): Problem {
  return { status: 403, code: 40310000, message: `asset "${symbol}" is not fractionable` };
}

function cryptoProblem(body: PlaceBody, instrument: Instrument): Problem | undefined {
  if (body.time_in_force !== 'gtc' && body.time_in_force !== 'ioc') return ruleBroken('invalid crypto time_in_force');
  if (body.type === 'stop' || body.type === 'trailing_stop') return badInput('invalid order type for crypto order');
  if (isComplex(body)) return ruleBroken('crypto orders not allowed for advanced order_class: bracket');
  return priceProblem(body, instrument);
}

function optionProblem(body: PlaceBody, instrument: Instrument): Problem | undefined {
  if (body.type === 'trailing_stop') return ruleBroken('invalid order type for options trading');
  if (isComplex(body)) return ruleBroken('complex orders not supported for options trading');
  if (body.time_in_force !== 'day') return ruleBroken('order_time_in_force provided not supported for options trading');
  if (body.extended_hours) return ruleBroken('extended hours not supported for options trading');
  return priceProblem(body, instrument);
}

function isComplex({ order_class: orderClass = '' }: PlaceBody): boolean {
  return orderClass !== '' && orderClass !== 'simple';
}

const NEEDED: Readonly<Record<PlaceBody['type'], readonly (keyof OrderTerms)[]>> = {
  market: [],
  limit: ['limit_price'],
  stop: ['stop_price'],
  stop_limit: ['stop_price', 'limit_price'],
  trailing_stop: ['trail_percent'],
};

/** Missing prices, and prices that are no whole ticks, with Alpaca's messages (section 6.1). */
export function priceProblem(terms: OrderTerms, instrument: Instrument): Problem | undefined {
  if (terms.trail_price !== undefined) return ruleBroken('the simulator trails by trail_percent only');
  const missing = NEEDED[terms.type].find((name) => terms[name] === undefined);
  if (missing) return badInput(`${terms.type} orders require ${missing}`);
  for (const name of ['limit_price', 'stop_price'] as const) {
    const text = terms[name];
    if (text === undefined || isOnTick(instrument, decimal(text))) continue;
    return ruleBroken(`invalid ${name} ${text}. sub-penny increment does not fulfill minimum pricing criteria`);
  }
  return undefined;
}

/** Which exits each class needs (section 6.3). */
function classProblem(body: PlaceBody): Problem | undefined {
  const { order_class: orderClass = '', take_profit: target, stop_loss: stop } = body;
  if (orderClass === '' || orderClass === 'simple') return undefined;
  if (body.extended_hours) return ruleBroken('extended hours not supported for complex orders');
  if (body.time_in_force !== 'day' && body.time_in_force !== 'gtc')
    return ruleBroken('complex orders must be day or gtc');
  if (orderClass === 'bracket' && !(target && stop))
    return badInput('bracket orders require take_profit and stop_loss');
  if (orderClass === 'oto' && !target === !stop) return badInput('oto orders require take_profit or stop_loss');
  if (orderClass !== 'oco') return undefined;
  if (!target) return badInput('oco orders require take_profit.limit_price');
  if (!stop || body.type !== 'limit') return badInput('oco orders must be limit orders with stop_loss');
  return undefined;
}

/** Selling closes a long position or else opens a short one; buying closes a short position or else opens a long one. */
export function sideOf(side: 'buy' | 'sell', position: Decimal): OrderSide {
  if (side === 'buy') return position.isNegative() ? 'buy_to_cover' : 'buy';
  return position.isPositive() ? 'sell' : 'sell_short';
}

/** The order for the exchange; `quantity` has been computed from qty or notional. */
export function toNewOrder(
  body: PlaceBody,
  setting: Setting,
  clientOrderId: string,
  quantity: DecimalString,
): NewOrder {
  const { symbol, assetClass, position, now } = setting;
  // Crypto and options cannot be sold short here: the engine refuses the sale as oversold.
  const side = assetClass === 'equity' ? sideOf(body.side, position) : body.side;
  const { time_in_force: timeInForce } = body;
  const request: OrderRequest = {
    ...{ clientOrderId, symbol, assetClass, side, quantity },
    ...engineTerms(body, body.side, setting),
    timeInForce: engineTimeInForce(timeInForce),
    session: body.extended_hours ? 'extended' : 'regular',
  };
  return {
    request,
    details: detailsOf(body),
    uniqueClientId: true,
    ...(isImmediate(timeInForce) && { lifetime: timeInForce }),
    ...endOf(timeInForce, assetClass, now),
  };
}

export function engineTimeInForce(timeInForce: PlaceBody['time_in_force']): OrderRequest['timeInForce'] {
  return timeInForce === 'day' || timeInForce === 'opg' ? 'day' : 'gtc';
}

/** When a good-till-cancelled order for shares ends. */
export function endOf(
  timeInForce: PlaceBody['time_in_force'],
  assetClass: AssetClass,
  now: number,
): { expiresAt?: number } {
  return timeInForce === 'gtc' && assetClass === 'equity' ? { expiresAt: gtcEnd(now) } : {};
}

function isImmediate(timeInForce: string): timeInForce is 'ioc' | 'fok' {
  return timeInForce === 'ioc' || timeInForce === 'fok';
}

function detailsOf({ type, time_in_force: timeInForce, order_class: orderClass, notional }: PlaceBody): {
  readonly [Name in keyof AlpacaDetails]: AlpacaDetails[Name];
} {
  const named = orderClass === 'bracket' || orderClass === 'oco' || orderClass === 'oto' ? orderClass : 'simple';
  return { type, timeInForce, orderClass: named, notional: notional ?? null };
}

const LOW_PRICED = decimal('50');

/** Type and prices for the engine. A buy stop becomes a stop-limit: 4 % above the stop below $50, else 2.5 % (6.1). */
export function engineTerms(
  terms: OrderTerms,
  side: 'buy' | 'sell',
  instrument: Instrument,
): Pick<OrderRequest, 'type' | 'limitPrice' | 'stopPrice' | 'trailPercent'> {
  const { type, limit_price: limitPrice, stop_price: stopPrice, trail_percent: trailPercent } = terms;
  if (type === 'stop' && side === 'buy' && instrument.assetClass === 'equity' && stopPrice !== undefined) {
    const stop = decimal(stopPrice);
    const factor = stop.lessThan(LOW_PRICED) ? decimal('1.04') : decimal('1.025');
    const limit = stop.times(factor).roundedToTick(priceTick(instrument, stop), 'up');
    return { type: 'stop_limit', stopPrice, limitPrice: limit.toString() };
  }
  return {
    type,
    ...(NEEDED[type].includes('limit_price') && limitPrice !== undefined && { limitPrice }),
    ...(NEEDED[type].includes('stop_price') && stopPrice !== undefined && { stopPrice }),
    ...(trailPercent !== undefined && { trailPercent }),
  };
}

function gtcEnd(now: number): number {
  const lastDay = tradingDay('equity', now + GTC_DAYS * DAY_MS);
  return newYorkMidnight(lastDay) + GTC_END_MS;
}
