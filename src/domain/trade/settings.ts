/** What a trade was given at its start: how its broker works, and how the installation wants it to be watched. */
import type { DecimalString } from '../decimal.js';
import type { OrderType } from '../order.js';

export type StopType = Extract<OrderType, 'stop' | 'stop_limit' | 'trailing_stop'>;

/** What the broker of this trade can do, as far as the trade needs to know. */
export interface TradeCapabilities {
  /** the type of order that protects the position at the broker; `none`: the workflow watches the price itself */
  stopType: StopType | 'none';
  /** the largest share of a purchase that the broker takes out of what was bought */
  feeInKind?: DecimalString;
  /** `day` where the broker takes no stop of the asset class that is good till cancelled */
  stopTimeInForce?: 'day';
  stopBesideEntry: boolean;
  refusesRepeats: boolean;
  findsById: boolean;
  settleWindowMs: number;
  /** after which a good-till-cancelled order ends by itself; absent where it does not */
  gtcLifeMs?: number;
}

/** From which spread on a quote is wide. */
export interface WideQuoteSettings {
  /** of shares and coins: percent of the middle between bid and ask */
  percent: DecimalString;
  /** of options: the larger of these two, in percent of the middle and in dollars */
  optionPercent: DecimalString;
  optionDollars: DecimalString;
}

export interface TradeSettings {
  /** 60 s of market time, scaled with the market's speed */
  monitorIntervalMs: number;
  /** continue-as-new from so many history events on */
  continueAsNewEvents: number;
  /** absent: the defaults */
  wideQuotes?: WideQuoteSettings;
}
