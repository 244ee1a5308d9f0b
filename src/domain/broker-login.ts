/** A user's login at a broker, and the upkeep that it needs over time. */
import { newYorkMidnight, nextOpen, tradingDay } from './calendar.js';

export const LIVE_BROKERS = ['schwab', 'coinbase', 'etrade', 'alpaca'] as const;
export type LiveBroker = (typeof LIVE_BROKERS)[number];

export type BrokerLoginState =
  /** the credential works as far as is known */
  | 'active'
  /** a newer credential has been asked for, and the answer is not known yet */
  | 'refreshing'
  /** only a person's login helps; trades wait, their stops rest at the broker */
  | 'reauth_required'
  /** the provider could not be asked, or did not know; what we hold may still work, and it is tried again */
  | 'error'
  /** the user ended it */
  | 'disconnected';

/** States in which the broker may be asked: whether the credential works is for the broker to say. */
export function mayBeUsed(state: BrokerLoginState): boolean {
  return state === 'active' || state === 'refreshing' || state === 'error';
}

/** Times are epoch milliseconds; an absent one never comes. */
export interface BrokerLoginFacts {
  broker: LiveBroker;
  state: BrokerLoginState;
  expiresAt?: number;
  loginDueAt?: number;
}

/** A person must log in. `key` makes the alert be raised once. */
export interface LoginWarning {
  key: string;
  dueAt: number;
  hoursLeft: number;
}

export interface Upkeep {
  refresh: boolean;
  warning?: LoginWarning;
  /** when to look again */
  nextAt: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Ahead of its end, so that no call meets an expired credential and a provider may be away for minutes. */
const REFRESH_AHEAD_MS = 5 * MINUTE_MS;
/** Schwab's login lasts a week, whatever is refreshed; the nearest of these that has been passed is announced. */
const WEEKLY_WARNING_HOURS = [1, 12, 48];
const OPEN_WARNING_HOURS = 1;
const WEEK_MS = 7 * DAY_MS;
const TRY_AGAIN_MS = 20_000;
/** Whatever was missed is made good after this. */
const LONGEST_REST_MS = HOUR_MS;

/** What the broker login needs now. */
export function upkeepOf(brokerLogin: BrokerLoginFacts, now: number): Upkeep {
  if (brokerLogin.state === 'disconnected') return { refresh: false, nextAt: now + LONGEST_REST_MS };
  const warning = warningOf(brokerLogin, now);
  const refreshAt = refreshTime(brokerLogin, now);
  const refresh = refreshAt !== undefined && refreshAt <= now;
  const nexts = [refresh ? now + TRY_AGAIN_MS : refreshAt, nextWarningAt(brokerLogin, now), now + LONGEST_REST_MS];
  return {
    refresh,
    ...(warning && { warning }),
    nextAt: Math.min(...nexts.filter((at) => at !== undefined)),
  };
}

/** When a login that is made now must be made again, as far as the broker says beforehand. */
export function loginDueAfter(broker: LiveBroker, now: number): number | undefined {
  if (broker === 'schwab') return now + WEEK_MS;
  return broker === 'etrade' ? nextMidnight(now) : undefined;
}

/** E*TRADE ends every login at night: nobody is woken for that; the warning comes an hour before it matters. */
export function endsEveryNight(broker: LiveBroker): boolean {
  return broker === 'etrade';
}

/** A login that has run out is refused by the provider, not by our clock: so it is asked once more then. */
function refreshTime({ state, expiresAt, loginDueAt }: BrokerLoginFacts, now: number): number | undefined {
  if (state === 'refreshing' || state === 'error') return now;
  if (state !== 'active') return undefined;
  const times = [expiresAt === undefined ? undefined : expiresAt - REFRESH_AHEAD_MS, loginDueAt];
  const known = times.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function warningOf({ broker, state, loginDueAt }: BrokerLoginFacts, now: number): LoginWarning | undefined {
  if (endsEveryNight(broker)) return state === 'reauth_required' ? openWarning(now) : undefined;
  if (state === 'reauth_required' || loginDueAt === undefined || now >= loginDueAt) return undefined;
  const hoursLeft = WEEKLY_WARNING_HOURS.find((hours) => now >= loginDueAt - hours * HOUR_MS);
  return hoursLeft === undefined
    ? undefined
    : { key: `login_due:${loginDueAt}:${hoursLeft}`, dueAt: loginDueAt, hoursLeft };
}

function openWarning(now: number): LoginWarning | undefined {
  const open = nextOpen('equity', now);
  if (now < open - OPEN_WARNING_HOURS * HOUR_MS) return undefined;
  return { key: `login_due:${open}`, dueAt: open, hoursLeft: OPEN_WARNING_HOURS };
}

function nextWarningAt({ broker, state, loginDueAt }: BrokerLoginFacts, now: number): number | undefined {
  if (endsEveryNight(broker)) {
    return state === 'reauth_required' ? later(nextOpen('equity', now) - OPEN_WARNING_HOURS * HOUR_MS, now) : undefined;
  }
  if (state === 'reauth_required' || loginDueAt === undefined) return undefined;
  const times = WEEKLY_WARNING_HOURS.map((hours) => loginDueAt - hours * HOUR_MS).filter((at) => at > now);
  return times.length === 0 ? undefined : Math.min(...times);
}

function later(at: number, now: number): number | undefined {
  return at > now ? at : undefined;
}

/** In New York. */
function nextMidnight(now: number): number {
  const tomorrow = new Date(Date.parse(tradingDay('equity', now)) + DAY_MS).toISOString().slice(0, 10);
  return newYorkMidnight(tomorrow);
}
