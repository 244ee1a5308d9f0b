/**
 * What the exchanges have decided for single classes of options, by the root of the symbol. Each table names its source
 * and holds only what that source shows: a class that is in none of them gets the answer that is right for every class.
 */
import { type Decimal, decimal } from './decimal.js';

/** Cboe Rule 5.4(a), MIAX alert of 2020-06-30: SPY, QQQ and IWM are quoted in cents at every price. */
const CENTS_EVERYWHERE = roots('SPY QQQ IWM');

/**
 * The Penny Interval Program: cents below 3.00, five cents from there. OCC publishes the list and changes it in January and
 * April. A class that left it refuses a finer price, so only roots are listed whose membership others recorded in 2026:
 * - Alpaca's `ppind: true` on 2026-08-28 (memon1987/agentic_options_wheel, src/strategy/limit_pricing.py),
 * - Robinhood's `min_ticks` on 2026-08-06 (AAPL, NVDA, MSFT, META, COST, CAT, PANW, XLF, XLE, XLK),
 * - Cboe's Penny Tick Type Report of 2026-04-22 (victor-huang/alpha_tech_tracker; not those that it later contradicted)
 *   and of 2026-09-04 (GLD, IBIT), at www.cboe.com/us/options/market_statistics/penny_tick_type.
 */
const PENNY_PROGRAM = roots(
  'AAPL AMD AMZN CAT COIN COST CRWV CVNA F GLD GOOGL IBIT KMI META MRVL MSFT MSTR MU NVDA PANW PFE PLTR SHOP UNH VZ XLE XLF XLK',
);

/**
 * AM options: paid out by the opening prices of the expiry day, and so traded for the last time on the session before. By
 * tastytrade's specifications of index options (support article 43000435289: SPX, NDX, RUT, DJX; of VIX the weekly ones,
 * too), Cboe's of SIXM, and the quote of DJX in Schwab's documentation, whose `lastTradingDay` is the day before its expiry.
 */
const AM_OPTIONS = roots('SPX NDX RUT VIX VIXW DJX SIXM');

/** PM options of an index: traded until 16:00 on the expiry day itself, and until 16:15 before. Cboe Rule 5.1(b)(2)(C), Firstrade's list of 2026-02-10. */
const PM_OPTIONS = roots('SPXW NDXP RUTW MRUT XSP OEX XEO');

/**
 * Indices, funds and notes whose options trade until 16:15: the lists of Nasdaq ("Options Market Hours") and Firstrade (2026-02-10) as
 * userFRM/hourskit compares them (crates/hourskit/examples/seed_data.rs), without what only one data vendor has; IBIT by
 * Nasdaq's notice 2025-52. SPY is in our own recorded days, too: its quotes of 2023-08-03 end at 16:15.
 */
const UNTIL_1615 = roots(
  'SPX NDX RUT VIX VIXW DJX DBA DBB DBC DBO DIA EEM EFA GLD IBIT IWM IWN IWO IWV KBE KRE MDY MOO OEF QQQ SPY SVXY UNG UUP UVIX UVXY VIXM VIXY VXX VXZ XHB XLB XLE XLF XLI XLK XLP XLU XLV XLY XME XRT',
);

function roots(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

const THREE = decimal('3');
const CENT = decimal('0.01');
const NICKEL = decimal('0.05');
const DIME = decimal('0.1');

/** The price increment of a class at a price. The coarse grid lies on every finer one, so it is right where nobody knows. */
export function optionTick(root: string, price: Decimal): Decimal {
  if (CENTS_EVERYWHERE.has(root)) return CENT;
  const isLow = price.lessThan(THREE);
  if (PENNY_PROGRAM.has(root)) return isLow ? CENT : NICKEL;
  return isLow ? NICKEL : DIME;
}

/** Whether the class is traded for the last time on the session before its expiry. */
export function endsTheDayBefore(root: string): boolean {
  return AM_OPTIONS.has(root);
}

/** Whether the class trades for a quarter of an hour longer than shares, on a day that is or is not its last one. */
export function closesLate(root: string, isLastDay: boolean): boolean {
  if (PM_OPTIONS.has(root)) return !isLastDay;
  return UNTIL_1615.has(root);
}
