import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokerOrder, readOrder } from '../../../src/brokers/etrade/broker-order.js';
import { clientOrderIdOf } from '../../../src/brokers/etrade/order-body.js';
import { hasTerms, termsOf } from '../../../src/brokers/etrade/order-terms.js';
import { productOf, quoteName, symbolOf } from '../../../src/brokers/etrade/symbols.js';
import { decimal, decimalString } from '../../../src/domain/decimal.js';
import { isSymbol } from '../../../src/domain/instrument.js';
import { parseLosslessly } from '../../../src/wire/json.js';
import { amount, CALL, limitBuy, stopSell } from './etrade-fixture.js';

const root = fc.stringMatching(/^[A-Z]{1,6}$/);
const day = fc.date({ min: new Date('2024-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
const option = fc
  .tuple(root, day, fc.constantFrom('C', 'P'), fc.integer({ min: 1, max: 99_999_999 }))
  .map(([name, date, right, strike]) => {
    const expiry = date.toISOString().slice(2, 10).replaceAll('-', '');
    return `${name}${expiry}${right}${String(strike).padStart(8, '0')}`;
  });

/** What E*TRADE shows of a product that it was sent, numbers as numbers. */
function shown(product: Record<string, string>): unknown {
  const text = Object.entries(product).map(([name, value]) => {
    const isNumber = ['expiryYear', 'expiryMonth', 'expiryDay', 'strikePrice'].includes(name);
    return `"${name}":${isNumber ? value : JSON.stringify(value)}`;
  });
  return parseLosslessly(`{${text.join(',')}}`);
}

describe('symbols', () => {
  it('come back as they were sent, by their fields or by their id', () => {
    fc.assert(
      fc.property(option, (symbol) => {
        expect(isSymbol(symbol, 'option')).toBe(true);
        const product = productOf(symbol);
        const underlying = symbol.slice(0, -15);
        const found = { symbol, assetClass: 'option' };
        expect(symbolOf(shown(product) as Parameters<typeof symbolOf>[0])).toEqual(found);
        const id = underlying.padEnd(6, '-') + symbol.slice(underlying.length);
        const byId = { symbol: underlying, securityType: 'OPTN', productId: { symbol: id } };
        expect(symbolOf(byId)).toEqual(found);
      }),
    );
  });

  it('of shares stay as they are', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{1,6}(\.[A-Z]{1,2})?$/), (symbol) => {
        expect(productOf(symbol)).toEqual({ securityType: 'EQ', symbol });
        expect(symbolOf({ symbol, securityType: 'EQ' })).toEqual({ symbol, assetClass: 'equity' });
        expect(quoteName(symbol)).toBe(symbol);
      }),
    );
  });

  it('are quoted with colons', () => {
    expect(quoteName(CALL)).toBe('AAPL:2026:6:18:CALL:210');
    expect(quoteName('SPY230901P00430500')).toBe('SPY:2023:9:1:PUT:430.5');
  });

  it('of other kinds are unrelated, and unreadable ones are reported', () => {
    expect(symbolOf({ symbol: 'VFINX', securityType: 'MF' })).toBeUndefined();
    expect(() => symbolOf({ symbol: 'AAPL', securityType: 'OPTN' })).toThrow(/cannot be read/);
    for (const symbol of ['BAC.PR.L', '912828XX5', 'AAPL1']) {
      expect(symbolOf({ symbol, securityType: 'EQ' })).toBeUndefined();
      expect(symbolOf({ symbol, securityType: 'OPTN' })).toBeUndefined();
    }
  });
});

const cents = fc
  .integer({ min: 100, max: 100_000_000 })
  .map((units) => decimal(String(units)).dividedBy(decimal('100')));

describe('amounts', () => {
  it('of an order are read to the last digit', () => {
    fc.assert(
      fc.property(cents, fc.nat(1_000_000), fc.bigInt({ min: 1n, max: 10n ** 18n - 1n }), (price, ordered, average) => {
        const text = `{ "orderId": 9007199254740993, "orderType": "EQ", "OrderDetail": [ {
          "placedTime": 1772548263987, "status": "OPEN", "orderTerm": "GOOD_FOR_DAY", "priceType": "LIMIT",
          "limitPrice": ${price}, "marketSession": "REGULAR", "Instrument": [ { "orderAction": "BUY",
          "orderedQuantity": ${ordered + 1}.0, "filledQuantity": 1.00, "averageExecutionPrice": 0.${average},
          "Product": { "symbol": "AAPL", "securityType": "EQ" } } ] } ] }`;
        const listed = parseLosslessly(text) as Parameters<typeof readOrder>[0];
        const order = brokerOrder(readOrder(listed), 0);
        expect(order).toMatchObject({ orderId: '9007199254740993', quantity: String(ordered + 1) });
        expect(order.limitPrice).toBe(price.toString());
        expect(order.fillsInTotal?.price).toBe(decimalString(`0.${average}`));
      }),
    );
  });

  it('are sent with at least two decimals, never beyond the tick, and on the safe side', () => {
    const price = fc
      .integer({ min: 1, max: 99_999_999 })
      .map((units) => decimal(String(units)).dividedBy(decimal('10000')));
    fc.assert(
      fc.property(price, fc.constantFrom('sell', 'buy_to_cover'), (exact, side) => {
        const stop = termsOf(stopSell(exact.toString(), { side })).stopPrice;
        expect(stop).toMatch(exact.lessThan(decimal('1')) ? /^\d+\.\d{2,3}$/ : /^\d+\.\d\d$/);
        const moved = decimal(stop).minus(exact);
        expect(side === 'sell' ? moved.isPositive() : moved.isNegative()).toBe(false);
        expect(moved.absolute().lessThan(decimal('0.01'))).toBe(true);
        const limit = decimal(termsOf(limitBuy(exact.toString(), { side })).limitPrice).minus(exact);
        expect(side === 'sell' ? limit.isNegative() : limit.isPositive()).toBe(false);
      }),
    );
  });
});

describe('an order as it is listed', () => {
  it('has the terms it was sent with, however its prices are written', () => {
    const request = limitBuy('212.30');
    const listed = (limitPrice: string) =>
      parseLosslessly(`{ "orderId": 1, "orderType": "EQ", "OrderDetail": { "placedTime": 1, "status": "OPEN",
        "orderTerm": "GOOD_FOR_DAY", "priceType": "LIMIT", "limitPrice": ${limitPrice}, "stopPrice": 0, "marketSession": "REGULAR",
        "Instrument": { "orderAction": "BUY", "orderedQuantity": 40.0, "filledQuantity": 0.0,
        "Product": { "symbol": "AAPL", "securityType": "EQ" } } } }`) as Parameters<typeof readOrder>[0];
    for (const same of ['212.3', '212.30', '212.3000']) {
      expect(hasTerms(readOrder(listed(same)), termsOf(request))).toBe(true);
    }
    expect(hasTerms(readOrder(listed('212.31')), termsOf(request))).toBe(false);
    expect(hasTerms(readOrder(listed('212.3')), termsOf({ ...request, quantity: amount('41') }))).toBe(false);
  });
});

describe('ids', () => {
  it('of the client are twenty letters and digits, always the same, and never those of another', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(clientOrderIdOf(one)).toMatch(/^[A-Z0-9]{20}$/);
        expect(clientOrderIdOf(one)).toBe(clientOrderIdOf(one));
        if (one !== other) expect(clientOrderIdOf(one)).not.toBe(clientOrderIdOf(other));
      }),
    );
  });
});
