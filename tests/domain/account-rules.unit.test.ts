import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountWarnings, unsettledFunds } from '../../src/domain/account-rules.js';
import { decimal, decimalString } from '../../src/domain/decimal.js';
import type { AccountSnapshot } from '../../src/domain/market.js';

const text = decimalString;
const MARGIN: AccountSnapshot = { equity: text('24999.99'), cash: text('5000'), buyingPower: text('10000') };
const codes = (account: AccountSnapshot, notional = '4000') =>
  accountWarnings('equity', decimal(notional), account).map(({ code }) => code);

describe('settled cash', () => {
  it('pays for a trade up to the last cent, and a cent more is a violation in waiting', () => {
    const cents = fc
      .integer({ min: 0, max: 10_000_000 })
      .map((count) => decimal(`${Math.floor(count / 100)}.${String(count % 100).padStart(2, '0')}`));
    fc.assert(
      fc.property(cents, cents, (notional, settledCash) => {
        const found = unsettledFunds(notional, settledCash.toString());
        expect(found === undefined).toBe(notional.atMost(settledCash));
      }),
    );
    expect(unsettledFunds(decimal('1000.01'), text('1000'))).toMatchObject({ limit: '1000', attempted: '1000.01' });
  });

  it('that the broker does not show is no reason to warn', () => {
    expect(codes(MARGIN, '1000000')).toEqual([]);
  });
});

describe('day trades', () => {
  it('of coins do not count', () => {
    expect(accountWarnings('crypto', decimal('4000'), { ...MARGIN, dayTrades: 3, isDayTrader: true })).toEqual([]);
  });

  it.each<[what: string, account: Partial<AccountSnapshot>, warned: boolean]>([
    ['two in five days', { dayTrades: 2 }, false],
    ['three in five days', { dayTrades: 3 }, true],
    ['three, with the equity that the rule asks for', { dayTrades: 3, equity: text('25000') }, false],
    ['a day trader’s account', { dayTrades: 0, isDayTrader: true }, true],
    ['a day trader’s account with that equity', { isDayTrader: true, equity: text('25000') }, false],
    ['no count', {}, false],
  ])('%s', (_what, account, warned) => {
    expect(codes({ ...MARGIN, ...account })).toEqual(warned ? ['PATTERN_DAY_TRADER'] : []);
  });
});
