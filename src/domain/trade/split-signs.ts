/**
 * Splits at brokers that announce none. Three things change overnight: the quantity of the position by a usual ratio, the
 * price by its inverse, and the stop at the broker in quantity or price. Any of them holds every decision. All of them
 * together are a split; one alone, ten minutes into the session, was none (decision 15).
 */
import { newYorkMidnight, sessionOpen, tradingDay } from '../calendar.js';
import { type Decimal, type DecimalString, decimal } from '../decimal.js';
import type { MarketLook, Quote } from '../market.js';
import {
  isNearRatio,
  ratioOf,
  ratioOfPrices,
  ratiosOfQuantities,
  type SplitRatio,
  sameRatio,
} from '../split-ratios.js';
import type { SessionEnd } from './monitor.js';
import { note } from './report.js';
import { applySplit, endHold, holdForSplit } from './splits.js';
import { activeOrder, latestTaken, type TradeOrder, type TradeState, totals } from './state.js';

/** A split by its signs; each is absent where nothing shows it. */
interface Signs {
  /** all that would explain it */
  position?: SplitRatio[];
  price?: SplitRatio;
  /** the price is within 3 % of the ratio's, not only near it */
  isExact?: boolean;
  /** `gone`: the broker has cancelled the stop, as it does in a reverse split */
  stop?: SplitRatio[] | 'gone';
}

/** So long into the session a price alone may look like a split. */
const PRICE_ALONE_MS = 10 * 60_000;

/** Whether the look must stay without consequences, because it may show a split. A split that is certain is applied. */
export function isHeldForSplit(state: TradeState, look: MarketLook, othersOpen: DecimalString, now: number): boolean {
  const { monitor } = state;
  const before = monitor.sessionEnd;
  if (state.request.assetClass !== 'equity' || look.splits !== undefined) return false;
  if (before === undefined || before.day === dayOf(look)) return false;
  const signs = signsOf(state, before, look, othersOpen);
  const certain = certainRatio(state, signs);
  if (certain) {
    completeSplit(state, certain, look, now);
    return false;
  }
  const ratio = likeliest(signs);
  if (ratio) monitor.positionRatio = ratioOf(ratio).toString();
  else delete monitor.positionRatio;
  // A close under way goes on: only a split that is certain changes what it sells.
  if (state.closing) return false;
  const count = [signs.position, signs.price, isRatio(signs.stop) || undefined].filter(
    (sign) => sign !== undefined,
  ).length;
  const mayDismiss = look.session === 'regular' && (count === 0 || (count === 1 && isOver(look)));
  if (mayDismiss && (count === 1 || state.attention?.code === 'suspected_split')) dismiss(state, signs, now);
  if (count === 0 || mayDismiss) return false;
  holdForSplit(state, now);
  return true;
}

/** Taken at every good look of a regular session that no split is suspected in. */
export function rememberSession(state: TradeState, look: MarketLook, othersOpen: DecimalString): void {
  const { monitor } = state;
  if (state.request.assetClass !== 'equity' || look.splits !== undefined || look.session !== 'regular') return;
  // Only by a good quote of this look: a day whose prices were not compared yet is not the one to compare with.
  const price = look.quote && monitor.quote === look.quote ? middle(look.quote) : undefined;
  if (price === undefined || monitor.wideLooks !== undefined || state.attention?.code === 'suspected_split') return;
  const stop = activeOrder(state, 'stop');
  monitor.sessionEnd = {
    ...{ day: dayOf(look), price: price.toString(), position: look.position, othersOpen },
    fills: state.ledger.fills.length,
    ...(stop && { stop: standing(stop) }),
  };
}

/** A person has looked: where the position shows a ratio, it is the trade's from here on. */
export function acceptSplit(state: TradeState, now: number): void {
  const { monitor } = state;
  const { positionRatio, marketTime } = monitor;
  if (state.attention?.code !== 'suspected_split' || positionRatio === undefined || marketTime === undefined) return;
  delete monitor.positionRatio;
  delete monitor.sessionEnd;
  applySplit(
    state,
    { symbol: state.request.symbol, ratio: positionRatio, at: newYorkMidnight(tradingDay('equity', marketTime)) },
    now,
  );
}

function signsOf(state: TradeState, before: SessionEnd, look: MarketLook, othersOpen: DecimalString): Signs {
  const isOursAlone = before.fills === state.ledger.fills.length && before.othersOpen === othersOpen;
  const position = isOursAlone
    ? ratiosOfQuantities(decimal(before.position).absolute(), decimal(look.position).absolute())
    : [];
  const priceBefore = decimal(before.price);
  const prices = look.session === 'regular' ? pricesOf(look.quote) : [];
  const exact = ratioOfPrices(priceBefore, prices);
  const price = exact ?? position.find((ratio) => isNearRatio(priceBefore, prices, ratio));
  const stop = before.stop && signOfStop(state, before.stop);
  return {
    ...(position.length > 0 && { position }),
    ...(price && { price, isExact: exact !== undefined }),
    ...(stop && { stop }),
  };
}

function signOfStop(state: TradeState, before: NonNullable<SessionEnd['stop']>): Signs['stop'] {
  const stop = latestTaken(state, 'stop');
  if (stop?.request.clientOrderId !== before.clientOrderId) return undefined;
  if (stop.status === 'cancelled' && !stop.endedByUs) return 'gone';
  const byQuantity = ratiosOfQuantities(decimal(before.quantity), decimal(stop.quantity));
  if (byQuantity.length > 0) return byQuantity;
  if (before.stopPrice === undefined || stop.stopPrice === undefined) return undefined;
  const byPrice = ratioOfPrices(decimal(before.stopPrice), [decimal(stop.stopPrice)]);
  return byPrice && [byPrice];
}

/** The ratio that all signs agree on; a trade without a stop at the broker has two of them. */
function certainRatio(state: TradeState, { position, price, isExact, stop }: Signs): SplitRatio | undefined {
  const { entered, exited } = totals(state);
  // The stop has sold more than there was: it did so in new shares.
  if (exited.greaterThan(entered) && stop !== 'gone' && stop?.[0]) return stop[0];
  if (!price || !position?.some((ratio) => sameRatio(ratio, price))) return undefined;
  const isShownByStop = stop !== 'gone' && stop?.some((ratio) => sameRatio(ratio, price));
  if (isShownByStop) return price;
  // Beside the position alone a price must be exact: somebody may have bought half as much again before a gap.
  const hadStop = state.monitor.sessionEnd?.stop !== undefined && !state.closing;
  return isExact && (!hadStop || stop === 'gone') ? price : undefined;
}

/** The ratio of the position that a person may accept: the price or the stop shows it as well. */
function likeliest({ position = [], price, stop }: Signs): SplitRatio | undefined {
  const byStop = stop === 'gone' || stop === undefined ? [] : stop;
  return position.find((ratio) => [...byStop, ...(price ? [price] : [])].some((other) => sameRatio(ratio, other)));
}

/** Quantity, stop, target and average in new shares; a fraction of one is paid out at the new price. */
function completeSplit(state: TradeState, ratio: SplitRatio, look: MarketLook, now: number): void {
  const { monitor } = state;
  const price = look.quote && middle(look.quote);
  delete monitor.sessionEnd;
  delete monitor.positionRatio;
  applySplit(
    state,
    {
      ...{ symbol: state.request.symbol, ratio: ratioOf(ratio).toString(), at: newYorkMidnight(dayOf(look)) },
      ...(price && { price: price.toString() }),
    },
    now,
  );
  endHold(state);
}

function dismiss(state: TradeState, signs: Signs, now: number): void {
  const { monitor } = state;
  delete monitor.sessionEnd;
  delete monitor.positionRatio;
  delete monitor.splitsBefore;
  const seen = signs.price ? 'the price alone' : 'no more than one of position and stop';
  endHold(state);
  note(state, now, 'attention_cleared', `${state.moves}:suspected_split`, {
    code: 'suspected_split',
    message: `No split: ${seen} changed, ten minutes into the session.`,
  });
}

function isOver(look: MarketLook): boolean {
  const open = sessionOpen('equity', dayOf(look));
  return look.session === 'regular' && open !== undefined && look.marketTime >= open + PRICE_ALONE_MS;
}

function isRatio(stop: Signs['stop']): boolean {
  return stop !== undefined && stop !== 'gone';
}

function standing({ request, quantity, stopPrice }: TradeOrder): NonNullable<SessionEnd['stop']> {
  return { clientOrderId: request.clientOrderId, quantity, ...(stopPrice !== undefined && { stopPrice }) };
}

function pricesOf(quote: Quote | undefined): Decimal[] {
  if (quote?.bid === undefined || quote.ask === undefined) return [];
  return [decimal(quote.bid), decimal(quote.ask)];
}

function middle(quote: Quote): Decimal | undefined {
  const [bid, ask] = pricesOf(quote);
  return bid && ask && bid.plus(ask).dividedBy(decimal('2'));
}

function dayOf({ marketTime }: MarketLook): string {
  return tradingDay('equity', marketTime);
}
