import type { DecimalString } from './decimal.js';
import type { BrokerOrder } from './order.js';

/**
 * What a market shows of a symbol at an instant. Prices are dollars; `at` is market time in epoch milliseconds.
 * A side that is not quoted is absent: it is never zero.
 */
export interface Quote {
  symbol: string;
  bid?: DecimalString;
  ask?: DecimalString;
  bidSize?: DecimalString;
  askSize?: DecimalString;
  last?: DecimalString;
  /** of the last trade, where the source shows it */
  lastAt?: number;
  at: number;
  /** the market opened at a price that looks like a split nobody announced: nothing may be sold on this price */
  suspectedSplit?: boolean;
  /** trading is halted, at a broker that says so: nothing fills until it resumes */
  halted?: boolean;
}

/** A split: one old share became `ratio` new ones (7 for a 7-for-1) at the first trade of the ex-date. */
export interface Split {
  symbol: string;
  ratio: DecimalString;
  /** epoch milliseconds of the ex-date's start, market time */
  at: number;
  /** dollars for one new share, at which a fraction of one is paid out */
  price?: DecimalString;
}

/** `regular` covers crypto around the clock. */
export type MarketSession = 'regular' | 'pre' | 'post' | 'closed';

export interface AccountSnapshot {
  equity: DecimalString;
  cash: DecimalString;
  buyingPower: DecimalString;
  /** dollars; of an account without margin, where the broker shows it: what may be spent and sold again at once */
  settledCash?: DecimalString;
  /** where the broker counts them: positions of an account with margin that were opened and closed within one day, of five days */
  dayTrades?: number;
  /** the broker takes the account for a pattern day trader's */
  isDayTrader?: true;
}

/** Quantity is negative for a short position. */
export interface Position {
  symbol: string;
  quantity: DecimalString;
  /** absent where the broker does not report what was paid */
  averagePrice?: DecimalString;
}

/** Everything one look at a trade's account and symbol needs, read together. */
export interface MarketLook {
  /** the market's time, epoch milliseconds */
  marketTime: number;
  session: MarketSession;
  /** quotes older than this are stale */
  staleAfterMs: number;
  quote?: Quote;
  /** the orders asked for that the broker knows; one it does not know is absent */
  orders: BrokerOrder[];
  /** signed position in the symbol; `'0'` when flat */
  position: DecimalString;
  /** splits since the time asked for; absent at brokers that announce none */
  splits?: Split[];
}
