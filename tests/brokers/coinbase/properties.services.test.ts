import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionsInAllPairs } from '../../../src/brokers/coinbase/accounts.js';
import { brokerOrder, readOrder } from '../../../src/brokers/coinbase/broker-order.js';
import type { Increments } from '../../../src/brokers/coinbase/increments.js';
import { inIncrements, orderBody } from '../../../src/brokers/coinbase/order-body.js';
import { anyOrder, fillPage, fillRow, walletPage } from '../../../src/brokers/coinbase/schemas.js';
import { Decimal, decimal } from '../../../src/domain/decimal.js';
import { assetClassOf } from '../../../src/domain/instrument.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import { parseLosslessly } from '../../../src/wire/json.js';
import { entry, exit, stop } from './coinbase-fixture.js';

const NOW = Date.parse('2026-03-03T14:31:07Z');

/** Any amount above zero of at most so many decimals, in the form that Coinbase pads it to. */
function amountText(decimals: number): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.bigInt({ min: 1n, max: 10n ** 15n }),
      fc.integer({ min: 0, max: decimals }),
      fc.integer({ min: 0, max: 25 }),
    )
    .map(([units, scale, zeros]) => {
      const digits = units.toString().padStart(scale + 1, '0');
      const whole = digits.slice(0, digits.length - scale);
      return `${whole}.${digits.slice(digits.length - scale)}${'0'.repeat(zeros + 1)}`;
    });
}

/** The same value, without any of our code. */
function withoutZeros(amount: string): string {
  return amount.replace(/0+$/, '').replace(/\.$/, '');
}

const increment = fc
  .integer({ min: 0, max: 8 })
  .map((places) => decimal(places === 0 ? '1' : `0.${'0'.repeat(places - 1)}1`));
const someIncrements = fc.tuple(increment, increment).map(([base, price]): Increments => {
  return { base_increment: base.toString(), price_increment: price.toString() };
});
const price = amountText(10).map((amount) => decimal(withoutZeros(amount)).toString());
const request = fc
  .tuple(fc.constantFrom(entry, exit, stop), fc.constantFrom('buy' as const, 'sell' as const), price, price, price)
  .chain(([make, side, quantity, limitPrice, stopPrice]) => {
    const terms = { side, quantity, limitPrice, stopPrice };
    return fc.constantFrom<OrderRequest>(
      make({ ...terms, type: 'limit' }),
      make({ ...terms, type: 'stop_limit' }),
      make({ ...terms, type: 'limit', timeInForce: 'gtc' }),
      make({ ...terms, type: 'stop_limit', timeInForce: 'gtc' }),
    );
  });

function row(configuration: object, more: object = {}) {
  const shown = {
    ...{ order_id: 'o-1', client_order_id: 'c-1', product_id: 'BTC-USD', side: 'BUY', status: 'OPEN' },
    ...{ order_configuration: configuration, created_time: '2026-03-03T14:31:07.120Z', ...more },
  };
  return readOrder(anyOrder.parse(shown));
}

describe('amounts', () => {
  it('are read as they are written, as texts or as numbers', () => {
    fc.assert(
      fc.property(amountText(18), amountText(8), fc.boolean(), (limit, size, asNumber) => {
        const quoted = (amount: string) => (asNumber ? amount : `"${amount}"`);
        const text = `{"limit_limit_gtc":{"base_size":${quoted(size)},"limit_price":${quoted(limit)}}}`;
        const { quantity, limitPrice } = brokerOrder(row(parseLosslessly(text) as object), []);
        expect([quantity, limitPrice]).toEqual([withoutZeros(size), withoutZeros(limit)]);
      }),
    );
  });

  it('of fills add up to what is filled, each counted once', () => {
    const fills = fc.array(fc.tuple(amountText(8), amountText(8), amountText(18)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fills, (amounts) => {
        const rows = amounts.map(([size, paid, commission], index) => ({
          ...{ entry_id: `e-${index}`, order_id: 'o-1', trade_time: '2026-03-03T14:31:08Z', trade_type: 'FILL' },
          ...{ price: paid, size, commission, size_in_quote: false },
        }));
        const parsed = fillPage.parse({ fills: rows, cursor: '' }).fills;
        const total = Decimal.sum(amounts.map(([size]) => decimal(withoutZeros(size))));
        const order = brokerOrder(row({ limit_limit_gtc: { base_size: total.toString(), limit_price: '1' } }), parsed);
        expect(order.filledQuantity).toBe(total.toString());
        expect(order.executions.map(({ fee }) => fee)).toEqual(amounts.map(([, , fee]) => withoutZeros(fee)));
      }),
    );
  });

  it.each(['', 'NaN', 'Infinity', '1,5', '0x1', '--1', '1.', '.5', ' 1', 'e5'])('are never made out of %j', (size) => {
    const configuration = { limit_limit_gtc: { base_size: '1', limit_price: '1' } };
    const fill = {
      ...{ entry_id: 'e', order_id: 'o-1', trade_time: '2026-03-03T14:31:08Z', trade_type: 'FILL' },
      ...{ price: '1', size, commission: '0' },
    };
    expect(fillRow.safeParse(fill).success).toBe(false);
    if (size !== '') expect(() => row(configuration, { filled_size: size })).toThrow();
  });
});

describe('bodies', () => {
  it('come back as the order that was sent', () => {
    fc.assert(
      fc.property(request, someIncrements, (wanted, increments) => {
        const sent = inIncrements(wanted, increments);
        if ('refusal' in sent) return;
        const { side, client_order_id, order_configuration } = JSON.parse(JSON.stringify(orderBody(sent, NOW)));
        const order = brokerOrder(row(order_configuration, { side, client_order_id }), []);
        const { clientOrderId, type, quantity, limitPrice, timeInForce } = sent;
        expect(order).toMatchObject({ clientOrderId, side: sent.side, type, quantity, limitPrice, timeInForce });
        if (type === 'stop_limit') expect(order.stopPrice).toBe(sent.stopPrice);
      }),
    );
  });

  it('are the same all day long', () => {
    const midnight = Date.parse('2026-03-03T00:00:00Z');
    fc.assert(
      fc.property(request, fc.integer({ min: 0, max: 86_399_999 }), (wanted, later) => {
        expect(orderBody(wanted, midnight + later)).toEqual(orderBody(wanted, midnight));
      }),
    );
  });

  it('keep quantities, and round prices by less than a tick, to the side that is never worse', () => {
    fc.assert(
      fc.property(request, someIncrements, (wanted, increments) => {
        const tick = decimal(increments.price_increment);
        const sent = inIncrements(wanted, increments);
        if ('refusal' in sent) {
          expect(sent.refusal.code).toBe('invalid_order');
          return;
        }
        expect(sent.quantity).toBe(wanted.quantity);
        expect(decimal(sent.quantity).isMultipleOf(decimal(increments.base_increment))).toBe(true);
        const isUp = (wanted.type === 'stop_limit') === (wanted.side === 'buy');
        for (const name of ['limitPrice', 'stopPrice'] as const) {
          const [before, after] = [decimal(wanted[name] ?? '1'), decimal(sent[name] ?? '1')];
          expect(after.isMultipleOf(tick)).toBe(true);
          expect(after.minus(before).absolute().lessThan(tick)).toBe(true);
          expect(isUp ? after.atLeast(before) : after.atMost(before)).toBe(true);
        }
      }),
    );
  });
});

describe('symbols', () => {
  it('of holdings are pairs of ours, dollars first', () => {
    const currency = fc.stringMatching(/^[A-Z0-9]{2,10}$/).filter((name) => name !== 'USD' && name !== 'USDC');
    fc.assert(
      fc.property(currency, amountText(8), amountText(8), (name, available, hold) => {
        const money = (value: string) => ({ value, currency: name });
        const wallet = {
          currency: name,
          type: 'ACCOUNT_TYPE_CRYPTO',
          available_balance: money(available),
          hold: money(hold),
        };
        const { accounts } = walletPage.parse({ accounts: [wallet], has_next: false, cursor: '' });
        const quantity = decimal(withoutZeros(available))
          .plus(decimal(withoutZeros(hold)))
          .toString();
        const positions = positionsInAllPairs(accounts).rows;
        expect(positions[0]).toMatchObject({ symbol: `${name}-USD`, quantity });
        const pairs = positions.map(({ symbol }) => symbol);
        expect(pairs).toHaveLength(5);
        expect(pairs.map(assetClassOf)).toEqual(pairs.map(() => 'crypto'));
      }),
    );
  });
});
