import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '../../src/domain/decimal.js';
import {
  assetClassOf,
  contractMultiplier,
  isOnTick,
  isSymbol,
  parseOptionSymbol,
  priceTick,
  quantityStep,
} from '../../src/domain/instrument.js';

describe('an option symbol', () => {
  it('says what it is an option on', () => {
    const contract = parseOptionSymbol('SPY230901P00430500');
    expect(contract).toMatchObject({ root: 'SPY', expiry: '2023-09-01', right: 'put' });
    expect(contract?.strike.toString()).toBe('430.5');
  });

  it.each(['SPY   230901P00430000', 'SPY___230901P00430000'])('is read with its padding: %j', (padded) => {
    expect(parseOptionSymbol(padded)).toEqual(parseOptionSymbol('SPY230901P00430000'));
    expect(isSymbol(padded, 'option')).toBe(false);
  });

  it.each([
    'SPY230931P00430000',
    'SPY231301C00430000',
    'SPY230900C00430000',
    'spy230901P00430000',
    'SPY230901X00430000',
    'SPY230901P0043000',
    'TOOLONG230901P00430000',
  ])('is not %s', (symbol) => {
    expect(parseOptionSymbol(symbol)).toBeUndefined();
    expect(isSymbol(symbol, 'option')).toBe(false);
  });

  it('comes back from its parts, for every day and strike', () => {
    const days = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(
        days,
        fc.constantFrom('C', 'P'),
        fc.integer({ min: 1, max: 99_999_999 }),
        (date, right, thousandths) => {
          const expiry = date.toISOString().slice(0, 10);
          const symbol = `QQQ${expiry.slice(2).replaceAll('-', '')}${right}${String(thousandths).padStart(8, '0')}`;
          const contract = parseOptionSymbol(symbol);
          expect(contract).toMatchObject({ root: 'QQQ', expiry, right: right === 'C' ? 'call' : 'put' });
          expect(contract?.strike.times(decimal('1000')).toString()).toBe(`${thousandths}`);
        },
      ),
    );
  });
});

describe('a symbol', () => {
  it.each([
    ['AAPL', 'equity'],
    ['BRK.B', 'equity'],
    ['BTC-USD', 'crypto'],
    ['1INCH-USDC', 'crypto'],
    ['SPY230901P00430000', 'option'],
    ['aapl', undefined],
    ['AAPL ', undefined],
    ["AAPL';--", undefined],
    ['', undefined],
    ['BTC-XYZ', undefined],
  ])('%j is of class %s', (symbol, assetClass) => {
    expect(assetClassOf(symbol)).toBe(assetClass);
    for (const one of ['equity', 'option', 'crypto'] as const) expect(isSymbol(symbol, one)).toBe(one === assetClass);
  });
});

describe('what a class is counted in', () => {
  it.each([
    ['equity', 'IBM', '150', '1', '0.01', '1'],
    ['equity', 'IBM', '0.9999', '1', '0.0001', '1'],
    ['equity', 'IBM', '1', '1', '0.01', '1'],
    ['option', 'SPY230901P00430000', '0.5', '100', '0.01', '1'],
    ['crypto', 'BTC-USD', '64000', '1', '0.01', '0.00000001'],
    ['crypto', 'LTC-USD', '15.1', '1', '0.0001', '0.00000001'],
    ['crypto', 'ADA-USD', '0.5', '1', '0.000001', '0.00000001'],
    ['crypto', 'SHIB-USD', '0.00001', '1', '0.00000001', '0.00000001'],
    ['crypto', 'SHIB-USD', '0', '1', '0.00001', '0.00000001'],
  ] as const)('%s, %s at %s: multiplier %s, tick %s, step %s', (assetClass, symbol, price, multiplier, tick, step) => {
    expect(contractMultiplier(assetClass).toString()).toBe(multiplier);
    expect(priceTick({ symbol, assetClass }, decimal(price)).toString()).toBe(tick);
    expect(quantityStep(assetClass).toString()).toBe(step);
  });
});

/**
 * What chains showed of single classes: Robinhood's `min_ticks` of 2026-08-06 (AAPL, XLF, SPX, SPXW), its recorded answer for
 * ZEV (chain of 2021-06-18: below 0.05, above 0.10, from 3.00 on), Cboe's report of 2026-04-22 (CRDO and APP are not in it,
 * and brokers refused their prices with `required=0.1`), Cboe Rule 5.4(a) for SPY, QQQ and IWM.
 */
describe('the grid of an option', () => {
  it.each([
    ['SPY', '0.01', '0.01'],
    ['QQQ', '0.01', '0.01'],
    ['IWM', '0.01', '0.01'],
    ['AAPL', '0.01', '0.05'],
    ['XLF', '0.01', '0.05'],
    ['IBIT', '0.01', '0.05'],
    ['SPX', '0.05', '0.1'],
    ['SPXW', '0.05', '0.1'],
    ['ZEV', '0.05', '0.1'],
    ['CRDO', '0.05', '0.1'],
    ['APP', '0.05', '0.1'],
  ])('of %s: %s below 3.00, %s from there', (root, low, high) => {
    const option = { symbol: `${root}261218C00010000`, assetClass: 'option' } as const;
    const tick = (price: string) => priceTick(option, decimal(price)).toString();
    expect([tick('0.05'), tick('2.99'), tick('3'), tick('3.2'), tick('50')]).toEqual([low, low, high, high, high]);
  });

  it('of a class that nobody knows lies on every other one', () => {
    const [coarse, penny, spy] = ['ZEV', 'AAPL', 'SPY'].map((root) => {
      return { symbol: `${root}261218C00010000`, assetClass: 'option' } as const;
    });
    if (!coarse || !penny || !spy) throw new Error('three classes');
    for (let cents = 5; cents < 600; cents++) {
      const price = decimal((cents / 100).toFixed(2));
      if (!isOnTick(coarse, price)) continue;
      expect([isOnTick(penny, price), isOnTick(spy, price)]).toEqual([true, true]);
    }
  });
});
