import { type Broker, BrokerUnavailable } from '../../broker-port/broker.js';
import { lookWithQuote } from '../../broker-port/market-facts.js';
import { Decimal, decimal } from '../../domain/decimal.js';
import { DependencyUnavailable, type FieldError, Refused, ValidationFailed } from '../../domain/errors.js';
import { type Instrument, priceTick } from '../../domain/instrument.js';
import type { MarketLook, Quote } from '../../domain/market.js';
import { exitTime, LONGEST_AHEAD_MS } from '../../domain/trade/exit-time.js';
import { whyEnded, whyNotTraded } from '../../domain/trade/not-traded.js';
import type { TradePlan } from '../../domain/trade/request.js';
import { exitsOnWrongSide } from './trade-body.js';

const HUNDRED = Decimal.ofInteger(100);

/**
 * Refuses what only the market shows to be wrong: unknown symbols, expired contracts, times in the past of the market,
 * exits on the wrong side of its price. The risk check, inside the trade, checks the limits. Answers what the market
 * shows, and at which price the trade is expected to enter: undefined when there is none.
 */
export async function checkAgainstMarket(
  broker: Broker,
  trade: TradePlan,
): Promise<{ look: MarketLook; entry?: Decimal }> {
  const look = await lookAt(broker, trade);
  const { marketTime, quote } = look;
  if (trade.entryExpiresAt !== undefined && trade.entryExpiresAt <= marketTime) {
    throw new Refused('risk-denied', {
      code: 'EXPIRE_TIME_IN_PAST',
      message: 'The entry would already have expired: entryExpiresAt is in the past.',
      limit: new Date(marketTime).toISOString(),
      attempted: new Date(trade.entryExpiresAt).toISOString(),
    });
  }
  const ended = whyEnded(trade, marketTime);
  if (ended) throw new Refused('validation-failed', ended);
  const errors = [...timeErrors(trade, marketTime), ...(quote ? priceErrors(trade, quote) : unknownSymbol(trade))];
  if (errors.length > 0) throw new ValidationFailed(errors);
  const entry = quote && expectedEntry(trade, quote);
  return { look, ...(entry && { entry }) };
}

/** Refuses what Arbion does not trade anywhere. */
export function refuseUnlessTraded(instrument: Instrument): void {
  const reason = whyNotTraded(instrument);
  if (reason) throw new Refused('validation-failed', reason);
}

/** An entry needs a broker that answers now. */
async function lookAt(broker: Broker, trade: TradePlan): Promise<MarketLook> {
  try {
    return await lookWithQuote(broker, trade);
  } catch (error) {
    if (error instanceof BrokerUnavailable) throw new DependencyUnavailable('broker', { cause: error });
    throw error;
  }
}

function* timeErrors(trade: TradePlan, marketTime: number): Generator<FieldError> {
  if (trade.exitAt !== undefined && trade.exitAt <= marketTime) yield { field: 'exitAt', message: 'is in the past' };
  else if ((exitTime(trade) ?? marketTime + 1) <= marketTime) {
    yield {
      field: 'exitAt',
      message: 'comes before the market opens again: there is no session to close the trade in',
    };
  }
  for (const field of ['exitAt', 'entryExpiresAt'] as const) {
    const time = trade[field];
    if (time !== undefined && time > marketTime + LONGEST_AHEAD_MS)
      yield { field, message: 'is more than a year from now' };
  }
}

function unknownSymbol(trade: TradePlan): FieldError[] {
  return [{ field: 'symbol', message: `has no quote at ${trade.broker}` }];
}

/** A market order enters at the market; a limit order at its limit, or better if the market is there already. */
function* priceErrors(trade: TradePlan, quote: Quote): Generator<FieldError> {
  const entry = expectedEntry(trade, quote);
  if (entry === undefined) return;
  const exits = trade.limitPrice === undefined ? trade : { side: trade.side, stopLoss: trade.stopLoss };
  for (const { path, message } of exitsOnWrongSide(exits, entry, `the market price ${entry}`)) {
    yield { field: path.join('.'), message };
  }
  yield* stopBelowPrices(trade, entry);
}

/** A stop of a percentage under a cheap option can come out below the lowest price that there is. */
function* stopBelowPrices(trade: TradePlan, entry: Decimal): Generator<FieldError> {
  const { side, stopLoss } = trade;
  if (side !== 'buy' || 'price' in stopLoss) return;
  const [part, percent] =
    'percent' in stopLoss ? ['percent', stopLoss.percent] : ['trailPercent', stopLoss.trailPercent];
  const stop = entry.minus(entry.times(decimal(percent)).dividedBy(HUNDRED));
  const lowest = priceTick(trade, stop);
  if (stop.atLeast(lowest)) return;
  yield { field: `stopLoss.${part}`, message: `puts the stop below ${lowest}, the lowest price of ${trade.symbol}` };
}

function expectedEntry({ side, limitPrice }: TradePlan, { bid, ask, last }: Quote): Decimal | undefined {
  const shown = (side === 'buy' ? ask : bid) ?? last;
  if (shown === undefined) return undefined;
  const market = decimal(shown);
  if (limitPrice === undefined) return market;
  const limit = Decimal.parse(limitPrice);
  return side === 'buy' ? limit.min(market) : limit.max(market);
}
