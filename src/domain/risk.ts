import { unsettledFunds } from './account-rules.js';
import { Decimal, type DecimalString, decimal } from './decimal.js';
import { type AssetClass, contractMultiplier } from './instrument.js';
import type { MarketSession, Quote } from './market.js';
import type { TradeRequest } from './trade/request.js';
import type { Reason } from './trade/status.js';

/** Everything the risk check of one start is made on. Dollars; absent means unknown, and unknown is refused. */
export interface RiskFacts {
  quote: Quote | undefined;
  session: MarketSession;
  equity: DecimalString;
  buyingPower: DecimalString;
  /** of an account without margin, where the broker shows it */
  settledCash?: DecimalString;
  /** signed quantity held at the broker in the symbol */
  position: DecimalString;
  halted: boolean;
  /** where the broker refuses orders of opposite sides: what works, or may work, in the symbol already */
  opposite?: string;
  /** that the strategy asked for in the last minute, this one included; 0 for a trade of none */
  strategyStarts: number;
  limits: {
    perTrade: DecimalString;
    daily: DecimalString;
    concentrationPercent: DecimalString;
    dailyLoss: DecimalString | null;
    /** an entry that settled cash does not cover is refused */
    avoidGoodFaithViolations: boolean;
  };
  /** of the user's trading day, this trade not included */
  usedToday: Decimal;
  /** reserved or open in the account and symbol by other trades */
  symbolExposure: Decimal;
  /** realised since the day began, fees deducted; negative is a loss */
  realizedToday: Decimal;
}

/** Most units of one order, whatever the limits say: it catches typing errors. */
const MAXIMUM_QUANTITY: Record<AssetClass, Decimal> = {
  equity: decimal('100000'),
  option: decimal('1000'),
  crypto: decimal('1000000'),
};
/** A strategy that starts more trades in a minute is taken for faulty, whatever each is worth. */
const STRATEGY_STARTS_PER_MINUTE = 20;
/** What such a start is refused with. */
export const STRATEGY_RUNAWAY = 'STRATEGY_RUNAWAY';
/** A limit order may pay so much more than the market asks, and stand so far behind it. */
const AGGRESSIVE_COLLAR = decimal('0.05');
const PASSIVE_COLLAR = decimal('0.5');
const HUNDRED = Decimal.ofInteger(100);

/** The price a trade is counted with: its limit, else what the market asks of it now. */
export function referencePrice(trade: TradeRequest, quote: Quote | undefined): Decimal | undefined {
  if (trade.limitPrice !== undefined) return decimal(trade.limitPrice);
  const price = trade.side === 'buy' ? quote?.ask : quote?.bid;
  return price === undefined ? undefined : decimal(price);
}

/** Quantity × multiplier × price, in dollars. */
export function notionalOf(trade: TradeRequest, price: Decimal): Decimal {
  return decimal(trade.quantity).times(contractMultiplier(trade.assetClass)).times(price);
}

/** The first limit that a start breaks, or undefined when it may go ahead. */
export function denyStart(trade: TradeRequest, facts: RiskFacts): Reason | undefined {
  if (facts.halted)
    return reason('TRADING_HALTED', 'The kill switch is on: no new trades are started until it is released.');
  if (facts.strategyStarts > STRATEGY_STARTS_PER_MINUTE) return runaway(facts.strategyStarts);
  if (facts.quote?.halted) return reason('SYMBOL_HALTED', `Trading in ${trade.symbol} is halted.`);
  if (trade.onMarketClosed === 'reject' && !entersIn(facts.session, trade)) {
    return reason(
      'MARKET_CLOSED',
      'The market is closed. To let the order wait for the open, set onMarketClosed to queue.',
    );
  }
  const maximum = MAXIMUM_QUANTITY[trade.assetClass];
  if (decimal(trade.quantity).greaterThan(maximum)) {
    return breach(
      'QUANTITY_EXCEEDS_MAXIMUM',
      `The order is for ${trade.quantity} units; an order may hold at most ${maximum}.`,
      maximum,
      Decimal.zero,
      decimal(trade.quantity),
    );
  }
  const price = referencePrice(trade, facts.quote);
  if (price === undefined)
    return reason(
      'QUOTE_UNAVAILABLE',
      `There is no quote of ${trade.symbol}, so the trade's value cannot be checked. Try again later.`,
    );
  return (
    denyPrice(trade, price, facts.quote) ??
    denyNotional(notionalOf(trade, price), facts, price, trade.assetClass) ??
    denyBeside(trade, facts)
  );
}

/** Refused starts count as well: the strategy is halted until it has been quiet. Its open trades go on. */
function runaway(starts: number): Reason {
  const text = `The strategy asked for ${starts} trades in a minute; ${STRATEGY_STARTS_PER_MINUTE} are allowed. Its new trades are refused until it slows down.`;
  return { ...reason(STRATEGY_RUNAWAY, text), limit: String(STRATEGY_STARTS_PER_MINUTE), attempted: String(starts) };
}

/** After it was filled, neither its stop nor its exit might be taken. */
function denyBeside({ broker, symbol }: TradeRequest, { opposite }: RiskFacts): Reason | undefined {
  if (opposite === undefined) return undefined;
  const text = `${broker} refuses orders of opposite sides in one symbol, and ${opposite} works in ${symbol}: the stop of this trade could be refused. Wait until it has ended, or cancel it.`;
  return reason('opposite_order_working', text);
}

/** Before and after the regular session only limit orders trade, and only those that ask for it. */
function entersIn(market: MarketSession, { session, orderType }: TradeRequest): boolean {
  return market === 'regular' || (market !== 'closed' && session === 'extended' && orderType === 'limit');
}

/** The limits that count dollars; also for what a changed entry adds. */
export function denyNotional(
  notional: Decimal,
  facts: Omit<RiskFacts, 'halted'>,
  price: Decimal,
  assetClass: AssetClass,
): Reason | undefined {
  const { limits, usedToday, realizedToday } = facts;
  const perTrade = decimal(limits.perTrade);
  if (notional.greaterThan(perTrade)) {
    const text = `This trade is worth ${dollars(notional)}; your limit per trade is ${dollars(perTrade)}.`;
    return breach('PER_TRADE_LIMIT', text, perTrade, Decimal.zero, notional);
  }
  const daily = decimal(limits.daily);
  if (usedToday.plus(notional).greaterThan(daily)) {
    const text = `This trade is worth ${dollars(notional)}; of your daily limit of ${dollars(daily)}, ${dollars(usedToday)} is used.`;
    return breach('DAILY_LIMIT', text, daily, usedToday, notional);
  }
  const loss = limits.dailyLoss === null ? undefined : decimal(limits.dailyLoss);
  if (loss !== undefined && realizedToday.negated().atLeast(loss)) {
    const lost = realizedToday.negated();
    const text = `You have lost ${dollars(lost)} today; your daily loss limit is ${dollars(loss)}.`;
    return breach('DAILY_LOSS_LIMIT', text, loss, lost, notional);
  }
  return denyAccount(notional, facts, price, assetClass);
}

function denyAccount(
  notional: Decimal,
  facts: Omit<RiskFacts, 'halted'>,
  price: Decimal,
  assetClass: AssetClass,
): Reason | undefined {
  const { most, inSymbol } = concentration(facts, price, assetClass);
  if (inSymbol.plus(notional).greaterThan(most)) {
    const text = `With this trade ${dollars(inSymbol.plus(notional))} would be in one symbol; your limit is ${facts.limits.concentrationPercent} % of the account's equity, ${dollars(most)}.`;
    return breach('CONCENTRATION_LIMIT', text, most, inSymbol, notional);
  }
  const power = decimal(facts.buyingPower);
  if (notional.greaterThan(power)) {
    const text = `This trade is worth ${dollars(notional)}; the account's buying power is ${dollars(power)}.`;
    return breach('BUYING_POWER', text, power, Decimal.zero, notional);
  }
  return facts.limits.avoidGoodFaithViolations ? unsettledFunds(notional, facts.settledCash) : undefined;
}

/** Dollars that may be in one symbol, and that are in it already. */
export function concentration(
  facts: Omit<RiskFacts, 'halted'>,
  price: Decimal,
  assetClass: AssetClass,
): { most: Decimal; inSymbol: Decimal } {
  const held = decimal(facts.position)
    .absolute()
    .times(worth(facts) ?? price)
    .times(contractMultiplier(assetClass));
  return {
    most: decimal(facts.equity).times(decimal(facts.limits.concentrationPercent)).dividedBy(HUNDRED),
    inSymbol: held.max(facts.symbolExposure),
  };
}

/** What one unit held is worth now; a far limit price of a new trade says nothing about that. */
function worth({ position, quote }: Pick<RiskFacts, 'position' | 'quote'>): Decimal | undefined {
  const price = decimal(position).isNegative() ? quote?.ask : quote?.bid;
  return price === undefined ? undefined : decimal(price);
}

function denyPrice(trade: TradeRequest, price: Decimal, quote: Quote | undefined): Reason | undefined {
  const bid = quote?.bid === undefined ? undefined : decimal(quote.bid);
  const ask = quote?.ask === undefined ? undefined : decimal(quote.ask);
  if (bid === undefined || ask === undefined) return undefined;
  return denyCollar(trade, price, bid, ask) ?? denyStop(trade, bid, ask);
}

function denyCollar(trade: TradeRequest, price: Decimal, bid: Decimal, ask: Decimal): Reason | undefined {
  if (trade.limitPrice === undefined) return undefined;
  const long = trade.side === 'buy';
  const upper = ask.times(Decimal.one.plus(long ? AGGRESSIVE_COLLAR : PASSIVE_COLLAR));
  const lower = bid.times(Decimal.one.minus(long ? PASSIVE_COLLAR : AGGRESSIVE_COLLAR));
  const limit = price.greaterThan(upper) ? upper : price.lessThan(lower) ? lower : undefined;
  if (limit === undefined) return undefined;
  const market = long ? ask : bid;
  const text = `The limit price ${price} is too far from the market, which is at ${market}.`;
  return breach('PRICE_COLLAR', text, limit, market, price);
}

/** A stop that the market is through already would sell at once. */
function denyStop(trade: TradeRequest, bid: Decimal, ask: Decimal): Reason | undefined {
  if (!('price' in trade.stopLoss) || trade.orderType === 'limit') return undefined;
  const stop = decimal(trade.stopLoss.price);
  const long = trade.side === 'buy';
  if (long ? stop.lessThan(bid) : stop.greaterThan(ask)) return undefined;
  const market = long ? bid : ask;
  const text = `The market is at ${market}: a stop at ${stop} would be triggered at once.`;
  return breach('STOP_THROUGH_MARKET', text, market, market, stop);
}

/** For people: $1,059.75. */
function dollars(amount: Decimal): string {
  const [whole = '', cents = ''] = amount.absolute().roundedTo(2, 'half_even').toString().split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = amount.isNegative() ? '-' : '';
  return `${sign}$${grouped}${cents === '' ? '' : `.${cents.padEnd(2, '0')}`}`;
}

function reason(code: string, message: string): Reason {
  return { code, message };
}

function breach(code: string, message: string, limit: Decimal, value: Decimal, attempted: Decimal): Reason {
  return { code, message, limit: limit.toString(), value: value.toString(), attempted: attempted.toString() };
}
