import { describe, expect, it } from 'vitest';
import {
  dayOrderEnd,
  isTradingDay,
  lastChance,
  lastOptionClose,
  newYorkMidnight,
  nextOpen,
  sessionAt,
  sessionClose,
  sessionOpen,
  tradingDay,
} from '../../src/domain/calendar.js';
import { decimal } from '../../src/domain/decimal.js';
import type { AssetClass, OptionContract } from '../../src/domain/instrument.js';

/** Weekdays on which the NYSE was or will be closed, as the exchange published them. */
const CLOSED: Record<number, string> = {
  2013: '01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25',
  2014: '01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25',
  2015: '01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25',
  2016: '01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26',
  2017: '01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25',
  2018: '01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25',
  2019: '01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25',
  2020: '01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25',
  2021: '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24',
  2022: '01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26',
  2023: '01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25',
  2024: '01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25',
  2025: '01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25',
  2026: '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25',
  2027: '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24',
  2028: '01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25',
};

/** Days that close at 13:00. */
const EARLY: Record<number, string> = {
  2013: '07-03 11-29 12-24',
  2014: '07-03 11-28 12-24',
  2015: '11-27 12-24',
  2016: '11-25',
  2017: '07-03 11-24',
  2018: '07-03 11-23 12-24',
  2019: '07-03 11-29 12-24',
  2020: '11-27 12-24',
  2021: '11-26',
  2022: '11-25',
  2023: '07-03 11-24',
  2024: '07-03 11-29 12-24',
  2025: '07-03 11-28 12-24',
  2026: '11-27 12-24',
  2027: '11-26',
  2028: '07-03 11-24',
};

function daysOf(year: number): string[] {
  const days: string[] = [];
  for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

function isWeekday(day: string): boolean {
  return new Date(day).getUTCDay() % 6 !== 0;
}

function at(text: string): number {
  return Date.parse(text);
}

describe('exchange calendar', () => {
  it.each(Object.entries(CLOSED))('%s: closed on exactly the published weekdays', (year, expected) => {
    const closed = daysOf(Number(year)).filter((day) => isWeekday(day) && !isTradingDay('equity', day));
    expect(closed.map((day) => day.slice(5)).join(' ')).toBe(expected);
  });

  it.each(Object.entries(EARLY))('%s: closes early on exactly the published days', (year, expected) => {
    const early = daysOf(Number(year)).filter((day) => {
      const [open, close] = [sessionOpen('equity', day), sessionClose('equity', day)];
      return open !== undefined && close !== undefined && close - open === 3.5 * 3_600_000;
    });
    expect(early.map((day) => day.slice(5)).join(' ')).toBe(expected);
  });

  it('is closed at weekends', () => {
    expect(isTradingDay('equity', '2026-08-01')).toBe(false);
    expect(isTradingDay('option', '2026-08-02')).toBe(false);
    expect(isTradingDay('crypto', '2026-08-02')).toBe(true);
  });

  it.each([
    ['2026-03-06', '2026-03-06T14:30:00Z', 'the Friday before the clocks go forward'],
    ['2026-03-09', '2026-03-09T13:30:00Z', 'the Monday after'],
    ['2026-10-30', '2026-10-30T13:30:00Z', 'the Friday before they go back'],
    ['2026-11-02', '2026-11-02T14:30:00Z', 'the Monday after'],
    ['2027-03-15', '2027-03-15T13:30:00Z', '2027'],
    ['2028-11-06', '2028-11-06T14:30:00Z', '2028'],
    ['2006-04-03', '2006-04-03T13:30:00Z', 'under the act of 1986, spring'],
    ['2006-10-30', '2006-10-30T14:30:00Z', 'under the act of 1986, autumn'],
  ])('%s opens at %s (%s)', (day, open) => {
    expect(sessionOpen('equity', day)).toBe(at(open));
  });

  it.each([
    ['2013-10-08T07:59:59.999Z', 'closed'],
    ['2013-10-08T08:00:00Z', 'pre'],
    ['2013-10-08T13:29:59.999Z', 'pre'],
    ['2013-10-08T13:30:00Z', 'regular'],
    ['2013-10-08T19:59:59.999Z', 'regular'],
    ['2013-10-08T20:00:00Z', 'post'],
    ['2013-10-08T23:59:59.999Z', 'post'],
    ['2013-10-09T00:00:00Z', 'closed'],
    ['2013-11-29T17:59:59.999Z', 'regular'],
    ['2013-11-29T18:00:00Z', 'post'],
    ['2013-11-29T22:00:00Z', 'closed'],
    ['2013-11-28T15:00:00Z', 'closed'],
  ])('equities at %s: %s', (instant, session) => {
    expect(sessionAt('equity', at(instant))).toBe(session);
    expect(sessionAt('option', at(instant))).toBe(session === 'regular' ? 'regular' : 'closed');
    expect(sessionAt('crypto', at(instant))).toBe('regular');
  });

  it('a trading day is New York’s for equities and UTC’s for crypto', () => {
    expect(tradingDay('equity', at('2014-06-07T00:00:00Z'))).toBe('2014-06-06');
    expect(tradingDay('crypto', at('2014-06-07T00:00:00Z'))).toBe('2014-06-07');
    expect(newYorkMidnight('2014-06-09')).toBe(at('2014-06-09T04:00:00Z'));
    expect(newYorkMidnight('2026-11-01')).toBe(at('2026-11-01T04:00:00Z'));
    expect(newYorkMidnight('2026-03-08')).toBe(at('2026-03-08T05:00:00Z'));
  });

  it('the next open skips nights, weekends and holidays', () => {
    expect(nextOpen('equity', at('2013-10-08T13:29:59Z'))).toBe(at('2013-10-08T13:30:00Z'));
    expect(nextOpen('equity', at('2013-10-08T13:30:00Z'))).toBe(at('2013-10-09T13:30:00Z'));
    expect(nextOpen('option', at('2026-07-02T21:00:00Z'))).toBe(at('2026-07-06T13:30:00Z'));
    expect(nextOpen('equity', at('2026-07-02T21:00:00Z'), 'extended')).toBe(at('2026-07-06T08:00:00Z'));
    expect(nextOpen('crypto', 5)).toBe(5);
  });

  it('a day order ends with the session it may trade in', () => {
    expect(dayOrderEnd('equity', 'regular', at('2013-10-08T15:00:00Z'))).toBe(at('2013-10-08T20:00:00Z'));
    expect(dayOrderEnd('equity', 'regular', at('2013-10-08T20:00:00Z'))).toBe(at('2013-10-09T20:00:00Z'));
    expect(dayOrderEnd('equity', 'extended', at('2013-10-08T21:00:00Z'))).toBe(at('2013-10-09T00:00:00Z'));
    expect(dayOrderEnd('equity', 'regular', at('2013-11-29T12:00:00Z'))).toBe(at('2013-11-29T18:00:00Z'));
    expect(dayOrderEnd('crypto', 'regular', at('2017-09-04T23:59:00Z'))).toBe(at('2017-09-05T00:00:00Z'));
  });
});

function contract(root: string, expiry: string): OptionContract {
  return { root, expiry, right: 'call', strike: decimal('100') };
}

/**
 * Where the days come from: tastytrade's article 43000435289 on index options (SPX, NDX, RUT, DJX and VIX end the
 * day before, SPXW on the day), the quote of DJX 2023-12-15 in Schwab's documentation (`lastTradingDay` 1702602000000, which
 * is 2023-12-14 in New York), Cboe Rule 5.1(b)(2)(C) for 16:00 on the last day of PM options, Nasdaq's hours for 16:15.
 */
describe('the last close of an option', () => {
  it.each([
    ['AAPL', '2026-01-16', '2026-01-16T16:00-05:00', 'a share’s'],
    ['AAPL', '2026-04-03', '2026-04-02T16:00-04:00', 'on Good Friday'],
    ['AAPL', '2013-10-19', '2013-10-18T16:00-04:00', 'on a Saturday, as expiries once were'],
    ['AAPL', '2026-11-27', '2026-11-27T13:00-05:00', 'on a short day'],
    ['SPY', '2026-01-16', '2026-01-16T16:15-05:00', 'a broad fund’s'],
    ['SPY', '2026-11-27', '2026-11-27T13:15-05:00', 'a broad fund’s on a short day'],
    ['SPX', '2026-01-16', '2026-01-15T16:15-05:00', 'paid out by the opening prices'],
    ['NDX', '2026-01-16', '2026-01-15T16:15-05:00', 'paid out by the opening prices'],
    ['RUT', '2026-06-19', '2026-06-17T16:15-04:00', 'that a holiday has moved to Thursday'],
    ['SPX', '2026-11-27', '2026-11-25T16:15-05:00', 'after Thanksgiving'],
    ['SPX', '2013-10-19', '2013-10-17T16:15-04:00', 'on a Saturday, as expiries once were'],
    ['DJX', '2023-12-15', '2023-12-14T16:15-05:00', 'paid out by the opening prices'],
    ['VIX', '2026-01-21', '2026-01-20T16:15-05:00', 'on a Wednesday'],
    ['VIXW', '2026-01-28', '2026-01-27T16:15-05:00', 'weekly, and by the opening prices all the same'],
    ['SPXW', '2026-01-16', '2026-01-16T16:00-05:00', 'paid out by the closing prices'],
    ['NDXP', '2026-01-14', '2026-01-14T16:00-05:00', 'paid out by the closing prices'],
  ])('%s of %s is %s (%s)', (root, expiry, close) => {
    expect(new Date(lastOptionClose(contract(root, expiry))).toISOString()).toBe(new Date(close).toISOString());
  });
});

describe('the session of a contract', () => {
  it.each([
    ['AAPL260320C00200000', '2026-01-16T16:05-05:00', 'closed'],
    ['SPY260320C00600000', '2026-01-16T16:05-05:00', 'regular'],
    ['SPY260320C00600000', '2026-01-16T16:15-05:00', 'closed'],
    ['SPY260320C00600000', '2026-11-27T13:10-05:00', 'closed'],
    ['SPY261218C00600000', '2026-11-27T13:10-05:00', 'regular'],
    ['SPXW260116C06000000', '2026-01-15T16:05-05:00', 'regular'],
    ['SPXW260116C06000000', '2026-01-16T16:05-05:00', 'closed'],
    ['SPX260116C06000000', '2026-01-15T16:05-05:00', 'regular'],
    ['SPX260116C06000000', '2026-01-16T11:00-05:00', 'closed'],
    ['SPX260116C06000000', '2026-01-17T11:00-05:00', 'closed'],
  ])('%s at %s: %s', (symbol, instant, session) => {
    expect(sessionAt('option', at(instant), symbol)).toBe(session);
  });

  it('ends its day orders', () => {
    const noon = at('2026-01-15T12:00-05:00');
    expect(dayOrderEnd('option', 'regular', noon)).toBe(at('2026-01-15T16:00-05:00'));
    expect(dayOrderEnd('option', 'regular', noon, 'AAPL260320C00200000')).toBe(at('2026-01-15T16:00-05:00'));
    expect(dayOrderEnd('option', 'regular', noon, 'SPY260320C00600000')).toBe(at('2026-01-15T16:15-05:00'));
  });
});

describe('the last chance', () => {
  it.each<[AssetClass, string, string, string, string]>([
    ['equity', 'AAPL', '2026-01-14T12:00-05:00', '2026-01-14T12:00-05:00', 'a time within a session stays'],
    ['equity', 'AAPL', '2026-01-14T15:59:30-05:00', '2026-01-14T15:59-05:00', 'the last minute is needed to sell'],
    ['equity', 'AAPL', '2026-01-14T17:00-05:00', '2026-01-14T15:59-05:00', 'after the close'],
    ['equity', 'AAPL', '2026-01-14T05:00-05:00', '2026-01-13T15:59-05:00', 'before the open'],
    ['equity', 'AAPL', '2026-01-17T12:00-05:00', '2026-01-16T15:59-05:00', 'on a Saturday'],
    ['equity', 'AAPL', '2026-01-19T12:00-05:00', '2026-01-16T15:59-05:00', 'on a holiday'],
    ['equity', 'AAPL', '2026-11-27T15:00-05:00', '2026-11-27T12:59-05:00', 'on a short day'],
    ['option', 'AAPL261218C00200000', '2026-01-14T16:05-05:00', '2026-01-14T15:59-05:00', 'an option'],
    ['option', 'SPY261218C00600000', '2026-01-14T16:05-05:00', '2026-01-14T16:05-05:00', 'an option that closes late'],
    ['crypto', 'BTC-USD', '2026-01-17T12:00-05:00', '2026-01-17T12:00-05:00', 'coins never close'],
  ])('%s %s at %s: %s (%s)', (assetClass, symbol, asked, time) => {
    expect(new Date(lastChance(assetClass, at(asked), symbol)).toISOString()).toBe(new Date(time).toISOString());
  });
});
