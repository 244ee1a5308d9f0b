import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BrokerLoginFacts,
  type BrokerLoginState,
  LIVE_BROKERS,
  loginDueAfter,
  upkeepOf,
} from '../../src/domain/broker-login.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Tuesday, 3 March 2026, 10:00 in New York. */
const now = Date.parse('2026-03-03T15:00:00Z');

const active = (facts: Partial<BrokerLoginFacts>): BrokerLoginFacts => ({
  broker: 'schwab',
  state: 'active',
  ...facts,
});
const hoursLeft = (facts: Partial<BrokerLoginFacts>, at = now) => upkeepOf(active(facts), at).warning?.hoursLeft;

describe('a refresh', () => {
  it('is due five minutes ahead of the end', () => {
    const expiresAt = now + 30 * MINUTE;
    expect(upkeepOf(active({ expiresAt }), now)).toMatchObject({ refresh: false, nextAt: now + 25 * MINUTE });
    expect(upkeepOf(active({ expiresAt }), now + 25 * MINUTE).refresh).toBe(true);
  });

  it('is due when the login is, so that the provider says that it is over', () => {
    const [expiresAt, loginDueAt] = [now + 2 * HOUR, now + MINUTE];
    expect(upkeepOf(active({ broker: 'etrade', expiresAt, loginDueAt }), loginDueAt).refresh).toBe(true);
  });

  it.each<BrokerLoginState>(['refreshing', 'error'])('that was not answered is tried again: %s', (state) => {
    expect(upkeepOf(active({ state, expiresAt: now + DAY }), now)).toMatchObject({ refresh: true });
  });

  it.each<BrokerLoginState>(['reauth_required', 'disconnected'])('is of no use any more: %s', (state) => {
    fc.assert(
      fc.property(fc.constantFrom(...LIVE_BROKERS), fc.integer({ min: -DAY, max: DAY }), (broker, offset) => {
        const facts = { broker, state, expiresAt: now + offset, loginDueAt: now + offset };
        expect(upkeepOf(facts, now).refresh).toBe(false);
      }),
    );
  });
});

describe('a login that will be due', () => {
  it.each([
    [49, undefined],
    [48, 48],
    [13, 48],
    [12, 12],
    [1.5, 12],
    [1, 1],
    [0.1, 1],
    [0, undefined],
  ])('in %d hours is announced at stage %s', (hours, stage) => {
    expect(hoursLeft({ loginDueAt: now + hours * HOUR })).toBe(stage);
  });

  it('at E*TRADE is announced an hour before the market opens, if there is none yet', () => {
    const open = Date.parse('2026-03-04T14:30:00Z');
    const missing = { broker: 'etrade', state: 'reauth_required' } as const;
    expect(hoursLeft(missing, open - HOUR - 1)).toBeUndefined();
    expect(upkeepOf(active(missing), open - HOUR - 1).nextAt).toBe(open - HOUR);
    expect(upkeepOf(active(missing), open - HOUR).warning).toMatchObject({ dueAt: open });
    expect(hoursLeft({ broker: 'etrade', loginDueAt: open }, open - HOUR)).toBeUndefined();
    // Friday's close to Monday's open.
    expect(hoursLeft(missing, Date.parse('2026-03-07T13:30:00Z'))).toBeUndefined();
  });
});

describe('a new login', () => {
  it('lasts a week at Schwab, and to midnight in New York at E*TRADE, also when clocks change', () => {
    expect(loginDueAfter('schwab', now)).toBe(now + 7 * DAY);
    expect(loginDueAfter('etrade', now)).toBe(Date.parse('2026-03-04T05:00:00Z'));
    expect(loginDueAfter('etrade', Date.parse('2026-03-08T05:00:00Z'))).toBe(Date.parse('2026-03-09T04:00:00Z'));
    expect(loginDueAfter('coinbase', now)).toBeUndefined();
  });
});

it('looks again within the hour, and never in the past, whatever the broker login', () => {
  const offset = fc.option(fc.integer({ min: -30 * DAY, max: 30 * DAY }), { nil: undefined });
  const state = fc.constantFrom<BrokerLoginState>('active', 'refreshing', 'reauth_required', 'error', 'disconnected');
  fc.assert(
    fc.property(fc.constantFrom(...LIVE_BROKERS), state, offset, offset, (broker, state, expiry, due) => {
      const facts = {
        ...{ broker, state },
        ...(expiry !== undefined && { expiresAt: now + expiry }),
        ...(due !== undefined && { loginDueAt: now + due }),
      };
      const { nextAt } = upkeepOf(facts, now);
      expect(nextAt).toBeGreaterThan(now);
      expect(nextAt).toBeLessThanOrEqual(now + HOUR);
    }),
  );
});
