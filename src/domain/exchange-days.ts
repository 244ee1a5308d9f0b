/**
 * Days and hours of New York's exchanges from published rules alone: opening hours, holidays and early closes of the NYSE,
 * and the daylight-saving rules of the United States.
 *
 * Own arithmetic because the sandbox must not depend on a time-zone database that differs between machines.
 */
export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Minutes after midnight, New York. */
const PRE_OPEN = 4 * 60;
const OPEN = 9 * 60 + 30;
const CLOSE = 16 * 60;
const EARLY_CLOSE = 13 * 60;
/** Between two sessions there are never more days without one. */
const LONGEST_PAUSE_DAYS = 7;
const POST_MINUTES = 4 * 60;

/** Closings that no rule foresees. */
const SPECIAL_CLOSINGS: ReadonlySet<string> = new Set([
  '2001-09-11',
  '2001-09-12',
  '2001-09-13',
  '2001-09-14',
  '2004-06-11',
  '2007-01-02',
  '2012-10-29',
  '2012-10-30',
  '2018-12-05',
  '2025-01-09',
]);

export interface ExchangeHours {
  /** midnight UTC of the date */
  day: number;
  preOpen: number;
  open: number;
  close: number;
  postClose: number;
}

/** The hours of the first trading day whose `instant` is later than `atMs`. */
export function nextHours(atMs: number, instant: (hours: ExchangeHours) => number): ExchangeHours {
  const today = newYorkDay(atMs);
  // the longest closing of the exchange in modern times was five days
  for (let ahead = 0; ahead <= 14; ahead++) {
    const hours = hoursOf(today + ahead * DAY_MS);
    if (hours && instant(hours) > atMs) return hours;
  }
  throw new RangeError(`no trading day within two weeks of ${new Date(atMs).toISOString()}`);
}

/** The hours of a day, or of the last trading day before it. */
export function hoursUpTo(day: number): ExchangeHours {
  for (let back = 0; back < LONGEST_PAUSE_DAYS; back++) {
    const hours = hoursOf(day - back * DAY_MS);
    if (hours) return hours;
  }
  throw new RangeError(`no trading day in the week before ${dayText(day)}`);
}

/** Days are handled as midnight UTC of their date; `hoursOf` answers undefined on a day without trading. */
export function hoursOf(day: number): ExchangeHours | undefined {
  if (isWeekend(day) || isHoliday(day)) return undefined;
  const close = isEarlyClose(day) ? EARLY_CLOSE : CLOSE;
  return {
    day,
    preOpen: newYorkInstant(day, PRE_OPEN),
    open: newYorkInstant(day, OPEN),
    close: newYorkInstant(day, close),
    postClose: newYorkInstant(day, close + POST_MINUTES),
  };
}

function isHoliday(day: number): boolean {
  return SPECIAL_CLOSINGS.has(dayText(day)) || rulesOf(new Date(day).getUTCFullYear()).holidays.has(day);
}

interface YearRules {
  holidays: ReadonlySet<number>;
  thanksgiving: number;
  /** from 02:00 standard to 02:00 daylight time, as instants */
  daylightSaving: { start: number; end: number };
}

/** Kept because a catch-up asks for the session of each of its events. */
const rulesByYear = new Map<number, YearRules>();

function rulesOf(year: number): YearRules {
  const known = rulesByYear.get(year);
  if (known) return known;
  const thanksgiving = nthWeekday(year, 11, THURSDAY, 4);
  const holidays = new Set([...computeHolidays(year), thanksgiving]);
  const rules = { holidays, thanksgiving, daylightSaving: computeDaylightSaving(year) };
  rulesByYear.set(year, rules);
  return rules;
}

function computeHolidays(year: number): number[] {
  const newYear = date(year, 1, 1);
  const days = [
    // NYSE rule 7.2: a New Year's Day on a Saturday is not made up for, since Friday ends the year's accounts
    weekday(newYear) === SATURDAY ? newYear : observed(newYear),
    nthWeekday(year, 1, MONDAY, 3),
    nthWeekday(year, 2, MONDAY, 3),
    easterSunday(year) - 2 * DAY_MS,
    lastWeekday(year, 5, MONDAY),
    observed(date(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    observed(date(year, 12, 25)),
  ];
  if (year >= 2022) days.push(observed(date(year, 6, 19)));
  return days;
}

/** The day before Independence Day and Christmas Eve, on Monday to Thursday, and the day after Thanksgiving. */
function isEarlyClose(day: number): boolean {
  const text = dayText(day).slice(5);
  if (text === '07-03' || text === '12-24') return weekday(day) !== FRIDAY;
  return day === rulesOf(new Date(day).getUTCFullYear()).thanksgiving + DAY_MS;
}

/** A holiday on a Saturday is kept on Friday, one on a Sunday on Monday. */
function observed(day: number): number {
  if (weekday(day) === SATURDAY) return day - DAY_MS;
  return weekday(day) === SUNDAY ? day + DAY_MS : day;
}

const SUNDAY = 0;
const MONDAY = 1;
const THURSDAY = 4;
const FRIDAY = 5;
const SATURDAY = 6;

function isWeekend(day: number): boolean {
  return weekday(day) === SATURDAY || weekday(day) === SUNDAY;
}

function weekday(day: number): number {
  return new Date(day).getUTCDay();
}

function date(year: number, month: number, dayOfMonth: number): number {
  return Date.UTC(year, month - 1, dayOfMonth);
}

function nthWeekday(year: number, month: number, wanted: number, nth: number): number {
  const first = date(year, month, 1);
  return first + (((wanted - weekday(first) + 7) % 7) + (nth - 1) * 7) * DAY_MS;
}

function lastWeekday(year: number, month: number, wanted: number): number {
  const last = date(year, month + 1, 0);
  return last - ((weekday(last) - wanted + 7) % 7) * DAY_MS;
}

/** The Gregorian computus (Meeus, Jones, Butcher). */
function easterSunday(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearOfCentury = year % 100;
  const correction = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(yearOfCentury / 4) - epact - (yearOfCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451);
  const marchDays = epact + toSunday - 7 * late + 114;
  return date(year, Math.floor(marchDays / 31), (marchDays % 31) + 1);
}

/** The date in New York at an instant, as midnight UTC of that date. */
export function newYorkDay(atMs: number): number {
  return utcDay(atMs - newYorkOffset(atMs));
}

export function utcDay(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

export function dayText(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

/** The instant of `minutes` after midnight in New York; the exchange's hours are never in the hour that changes. */
export function newYorkInstant(day: number, minutes: number): number {
  const local = day + minutes * MINUTE_MS;
  return local + newYorkOffset(local + 5 * HOUR_MS);
}

/** How far New York is behind UTC. */
function newYorkOffset(atMs: number): number {
  const { start, end } = rulesOf(new Date(atMs).getUTCFullYear()).daylightSaving;
  return atMs >= start && atMs < end ? 4 * HOUR_MS : 5 * HOUR_MS;
}

/** Since 2007 by the Energy Policy Act of 2005, before it by the act of 1986. */
function computeDaylightSaving(year: number): { start: number; end: number } {
  const startDay = year >= 2007 ? nthWeekday(year, 3, SUNDAY, 2) : nthWeekday(year, 4, SUNDAY, 1);
  const endDay = year >= 2007 ? nthWeekday(year, 11, SUNDAY, 1) : lastWeekday(year, 10, SUNDAY);
  return { start: startDay + 7 * HOUR_MS, end: endDay + 6 * HOUR_MS };
}
