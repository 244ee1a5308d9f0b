/** What a trade remembers of its looks at the market and the account. */
import type { DecimalString } from '../decimal.js';
import type { MarketSession, Quote } from '../market.js';
import type { Reason } from './status.js';

/** How things stood at the last look of a session: what those of the next one are compared with. */
export interface SessionEnd {
  /** `YYYY-MM-DD` */
  day: string;
  price: DecimalString;
  /** of the whole account, signed, and what of it other trades hold */
  position: DecimalString;
  othersOpen: DecimalString;
  /** how much the trade had been filled in all */
  fills: number;
  stop?: { clientOrderId: string; quantity: DecimalString; stopPrice?: DecimalString };
}

export interface Monitor {
  nextLookAt: number;
  /** present wait between looks while an order works; grows while nothing changes */
  pollMs: number;
  lookWanted: boolean;
  /** of the look under way, or else of the last one: nothing that it shows was read before */
  lookBegunAt?: number;
  lastLookAt?: number;
  /** what the account held of the trade's shares at the last look, as far as other trades leave it */
  held?: DecimalString;
  /** the broker was asked for the other trades' orders as well: what they hold was known when `held` was read */
  heldIsCertain?: boolean;
  marketTime?: number;
  session?: MarketSession;
  /** at the last look, where the broker says so */
  halted?: boolean;
  /** the last good one */
  quote?: Quote;
  /** a quote too far from the last good one to be believed before another one confirms it */
  doubtful?: Quote;
  /** a person has set the stop after a jump that looked like a split: prices count again */
  jumpAccepted?: boolean;
  /** where the broker announces no splits */
  sessionEnd?: SessionEnd;
  /** while a split is suspected: by which ratio the position changed */
  positionRatio?: DecimalString;
  /** splits that were known when one was suspected, and what a person was asked then */
  splitsBefore?: number;
  attentionBefore?: Reason;
  /** first good quote of the present breach, market and workflow time */
  breachedSince?: { marketTime: number; at: number };
  /** looks in a row that saw only wide quotes, since the first one's market time */
  wideLooks?: { count: number; since: number; at: number };
  /** since when no usable quote was seen while one was needed, market and workflow time */
  quietSince?: { marketTime: number; at: number };
  /** workflow time since which the broker could not be asked */
  unreachableSince?: number;
  /** workflow time at which the last fill of the entry was reported */
  enteredAt?: number;
  /** a position that our fills do not explain, seen once, and what other trades held then */
  unexplained?: { quantity: DecimalString; othersOpen: DecimalString; since: number };
}
