/**
 * Wide quotes. A bid and an ask far apart say little about what a position is worth: the stop and the target then go by
 * trades alone.
 */
import { Decimal, type DecimalString, decimal } from '../decimal.js';
import type { AssetClass } from '../instrument.js';
import type { Quote } from '../market.js';
import { closingPriceOf } from '../unrealized-pnl.js';
import { alert } from './report.js';
import type { WideQuoteSettings } from './settings.js';
import { isLong, type TradeState } from './state.js';

export const DEFAULT_WIDE_QUOTES: WideQuoteSettings = {
  percent: '2' as DecimalString,
  optionPercent: '25' as DecimalString,
  optionDollars: '0.20' as DecimalString,
};

/** A person is alerted when so many looks in a row saw only wide quotes. */
const LOOKS_BEFORE_ALERT = 3;
/** Looks lie no further apart while a trade is watched. */
const RECENT_MS = 5 * 60_000;
const TWO = Decimal.ofInteger(2);
const HUNDRED = Decimal.ofInteger(100);

type TwoSided = Pick<Quote, 'bid' | 'ask'>;

export function isWide({ bid, ask }: TwoSided, assetClass: AssetClass, settings: WideQuoteSettings): boolean {
  if (bid === undefined || ask === undefined) return true;
  const spread = decimal(ask).minus(decimal(bid));
  const middle = decimal(ask).plus(decimal(bid)).dividedBy(TWO);
  const percent = (share: DecimalString) => middle.times(decimal(share)).dividedBy(HUNDRED);
  const limit =
    assetClass === 'option'
      ? percent(settings.optionPercent).max(decimal(settings.optionDollars))
      : percent(settings.percent);
  return spread.greaterThan(limit);
}

/**
 * The price that the stop and the target are judged by: the side at which the position closes; beside a wide quote only a
 * trade since the look before. Undefined when nothing is known that a decision may be based on.
 */
export function judgedPrice(state: TradeState, quote: Quote, before: Quote | undefined): Decimal | undefined {
  const { request, settings, monitor } = state;
  if (!isWide(quote, request.assetClass, settings.wideQuotes ?? DEFAULT_WIDE_QUOTES)) {
    delete monitor.wideLooks;
    return closingPriceOf(quote, isLong(state));
  }
  if (isNewTrade(quote, before)) {
    delete monitor.wideLooks;
    return quote.last === undefined ? undefined : decimal(quote.last);
  }
  countWideLook(state, quote);
  return undefined;
}

/**
 * By its time where the source has one; else a trade shows as another price than the look before had, a moment ago: after a
 * pause it may be of another session.
 */
function isNewTrade(quote: Quote, before: Quote | undefined): boolean {
  if (quote.last === undefined || before === undefined) return false;
  if (quote.lastAt !== undefined) {
    const isRecent = quote.at - quote.lastAt <= RECENT_MS;
    return isRecent && quote.lastAt > (before.lastAt ?? before.at);
  }
  return before.last !== undefined && before.last !== quote.last && quote.at - before.at <= RECENT_MS;
}

function countWideLook(state: TradeState, quote: Quote): void {
  const { monitor, request } = state;
  if (monitor.wideLooks?.at === quote.at) return;
  const { count, since } = monitor.wideLooks ?? { count: 0, since: quote.at };
  monitor.wideLooks = { count: count + 1, since, at: quote.at };
  if (monitor.wideLooks.count < LOOKS_BEFORE_ALERT) return;
  const message = `The last ${LOOKS_BEFORE_ALERT} quotes of ${request.symbol} were too wide to judge its stop by (${quote.bid} to ${quote.ask}). Arbion waits for a narrower quote or a trade. A stop that is at the broker keeps working.`;
  alert(state, 2, 'wide_quote', message, `${monitor.wideLooks.since}`);
}
