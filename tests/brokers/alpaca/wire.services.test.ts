/** The examples of Alpaca's contract, read and written; and what no example shows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { accountSnapshot, position } from '../../../src/brokers/alpaca/accounts.js';
import { contentOf } from '../../../src/brokers/alpaca/answers.js';
import { brokerOrder, executionOf, receivedOrder } from '../../../src/brokers/alpaca/broker-order.js';
import { notOffered, placeBody } from '../../../src/brokers/alpaca/order-body.js';
import {
  alpacaAccount,
  alpacaOrder,
  alpacaPosition,
  alpacaStatus,
  fillActivity,
  snapshot,
  stockSnapshots,
} from '../../../src/brokers/alpaca/schemas.js';
import { signingHeaders } from '../../../src/brokers/alpaca/signing.js';
import { fromAlpacaSymbol, toAlpacaSymbol } from '../../../src/brokers/alpaca/symbols.js';
import { Decimal, decimal, decimalString } from '../../../src/domain/decimal.js';
import { priceTick, quantityStep } from '../../../src/domain/instrument.js';
import { isBuying, type OrderRequest } from '../../../src/domain/order.js';
import { UnexpectedAnswer } from '../../../src/wire/answers.js';
import { order } from './alpaca-fixture.js';

const d = decimalString;
const read = <Content>(text: string, schema: z.ZodType<Content>) =>
  contentOf({ status: 200, headers: new Headers(), text }, schema);

const ORDER = `{
  "id": "61e69015-0000-4000-8000-000000000003", "client_order_id": "arb-01J8ZK3M7Q-entry-1",
  "created_at": "2026-03-03T14:31:07.120282Z", "updated_at": "2026-03-03T14:31:07.120282Z", "submitted_at": "2026-03-03T14:31:07.118734Z",
  "filled_at": null, "expired_at": null, "expires_at": "2026-03-03T21:00:00Z", "canceled_at": null, "failed_at": null, "replaced_at": null, "replaced_by": null, "replaces": null,
  "asset_id": "904837e3-0000-4000-8000-000000000002", "symbol": "AAPL", "asset_class": "us_equity", "notional": null, "qty": "40",
  "filled_qty": "0", "filled_avg_price": null, "order_class": "", "order_type": "limit", "type": "limit", "side": "buy", "position_intent": "buy_to_open",
  "time_in_force": "day", "limit_price": "212.35", "stop_price": null, "status": "pending_new", "extended_hours": false, "legs": null,
  "trail_percent": null, "trail_price": null, "hwm": null, "subtag": null, "source": null
}`;
const ACCOUNT = `{
  "id": "0a1b2c3d-0000-4000-8000-000000000001", "account_number": "PA3DEMO00001", "status": "ACTIVE", "currency": "USD",
  "cash": "25000.00", "portfolio_value": "33480.60", "equity": "33480.60", "last_equity": "33444.20", "buying_power": "58480.60",
  "regt_buying_power": "58480.60", "non_marginable_buying_power": "25000.00", "options_buying_power": "25000.00", "multiplier": "2",
  "initial_margin": "4240.30", "maintenance_margin": "2544.18", "last_maintenance_margin": "2530.00", "long_market_value": "8480.60", "short_market_value": "0",
  "accrued_fees": "0", "sma": "0", "shorting_enabled": true, "trading_blocked": false, "transfers_blocked": false, "account_blocked": false,
  "trade_suspended_by_user": false, "options_approved_level": 2, "options_trading_level": 2, "created_at": "2025-06-12T22:47:07.99658Z"
}`;
const POSITION = `{ "asset_id": "904837e3-0000-4000-8000-000000000002", "symbol": "AAPL", "exchange": "NASDAQ", "asset_class": "us_equity", "asset_marginable": true,
  "qty": "40", "qty_available": "0", "side": "long", "avg_entry_price": "211.105", "market_value": "8480.6", "cost_basis": "8444.2",
  "unrealized_pl": "36.4", "unrealized_plpc": "0.0043", "unrealized_intraday_pl": "36.4", "unrealized_intraday_plpc": "0.0043",
  "current_price": "212.015", "lastday_price": "211.1", "change_today": "0.0043" }`;
const FILL = `{"id":"20260303143107123::8a7f0000-0000-4000-8000-000000000009","activity_type":"FILL","transaction_time":"2026-03-03T14:31:09.12Z","type":"partial_fill","price":"212.34","qty":"15","side":"buy","symbol":"AAPL","leaves_qty":"25","order_id":"61e69015-0000-4000-8000-000000000003","cum_qty":"15","order_status":"partially_filled"}`;
const SNAPSHOTS = `{"AAPL":{"latestTrade":{"t":"2026-03-03T14:31:07.651613184Z","x":"V","p":212.35,"s":100,"c":["@"],"i":39884,"z":"C"},"latestQuote":{"t":"2026-03-03T14:31:07.651613184Z","ax":"V","ap":212.4,"as":300,"bx":"V","bp":212.3,"bs":200,"c":["R"],"z":"C"}}}`;

const withMembers = (members: object) => JSON.stringify({ ...JSON.parse(ORDER), ...members });

describe('what Alpaca shows', () => {
  it('an order', () => {
    expect(receivedOrder(read(ORDER, alpacaOrder))).toEqual({
      ...{ orderId: '61e69015-0000-4000-8000-000000000003', clientOrderId: 'arb-01J8ZK3M7Q-entry-1', symbol: 'AAPL' },
      ...{ side: 'buy', type: 'limit', quantity: '40', filledQuantity: '0', limitPrice: '212.35', timeInForce: 'day' },
      ...{ status: 'submitted', triggered: false, executions: [], placedAt: Date.parse('2026-03-03T14:31:07.118Z') },
    });
  });

  it('a stop with its members left out as in the example', () => {
    const stop = withMembers({
      ...{ id: '61e69015-0000-4000-8000-000000000005', client_order_id: 'arb-01J8ZK3M7Q-stop-1' },
      ...{ type: 'stop', order_type: 'stop', side: 'sell', position_intent: 'sell_to_close', time_in_force: 'gtc' },
      ...{ limit_price: null, stop_price: '198.4', status: 'new' },
    });
    expect(brokerOrder(read(stop, alpacaOrder), [])).toMatchObject({
      ...{ type: 'stop', side: 'sell', stopPrice: '198.4', timeInForce: 'gtc', status: 'working' },
      triggered: false,
    });
  });

  it('account, position, fill, prices and hours', () => {
    const account = read(ACCOUNT, alpacaAccount);
    expect(accountSnapshot(account)).toEqual({ equity: '33480.6', cash: '25000', buyingPower: '58480.6' });
    // alpacahq/alpaca-py (TradeAccount): both fields, which are being removed.
    const counted = ACCOUNT.replace('"cash"', '"daytrade_count": 3, "pattern_day_trader": true, "cash"');
    expect(accountSnapshot(read(counted, alpacaAccount))).toMatchObject({ dayTrades: 3, isDayTrader: true });
    for (const blocked of [{ trading_blocked: true }, { status: 'ONBOARDING' }, { trade_suspended_by_user: true }]) {
      expect(accountSnapshot({ ...account, ...blocked }).buyingPower).toBe('0');
    }
    const held = read(POSITION, alpacaPosition);
    expect(position(held)).toEqual({ symbol: 'AAPL', quantity: '40', averagePrice: '211.105' });
    expect(position({ ...held, qty: d('-40'), side: 'short' }).quantity).toBe('-40');
    expect(executionOf(read(FILL, fillActivity))).toEqual({
      ...{ executionId: '8a7f0000-0000-4000-8000-000000000009', quantity: '15', price: '212.34', fee: '0' },
      at: Date.parse('2026-03-03T14:31:09.120Z'),
    });
    expect(snapshot.parse(read(SNAPSHOTS, stockSnapshots).AAPL).latestQuote).toMatchObject({
      ...{ ap: '212.4', bp: '212.3', as: '300', bs: '200', t: Date.parse('2026-03-03T14:31:07.651Z') },
    });
  });

  it.each([
    ['status', 'pending_magic'],
    ['type', 'iceberg'],
    ['side', 'sell_short'],
    ['time_in_force', 'gtd'],
    ['asset_class', 'fx'],
    ['position_intent', 'flat'],
    ['filled_qty', 'many'],
    ['created_at', 'yesterday'],
    ['qty', undefined],
    ['id', ''],
  ])('nothing is taken from an order whose %s is %s', (member, word) => {
    expect(() => read(withMembers({ [member]: word }), alpacaOrder)).toThrow(UnexpectedAnswer);
  });

  it('an order for an amount of money has no quantity to go by', () => {
    expect(() => receivedOrder(read(withMembers({ qty: null, notional: '500' }), alpacaOrder))).toThrow(
      UnexpectedAnswer,
    );
  });

  it('an open order with a fill is filled in part, and a final one keeps its end', () => {
    const executions = [executionOf(read(FILL, fillActivity))];
    const final = {
      filled: 'filled',
      canceled: 'cancelled',
      replaced: 'cancelled',
      expired: 'expired',
      rejected: 'rejected',
    };
    for (const status of alpacaStatus.options) {
      const shown = read(withMembers({ status, filled_qty: '15' }), alpacaOrder);
      const expected = Object.entries(final).find(([word]) => word === status)?.[1] ?? 'partially_filled';
      expect(brokerOrder(shown, executions)).toMatchObject({ status: expected, filledQuantity: '15', executions });
      // the answer to a placement does not carry the executions yet
      expect(receivedOrder(shown)).toMatchObject({ status: 'submitted', filledQuantity: '0', executions: [] });
    }
  });
});

const increments = (request: OrderRequest) => ({
  price: (near: Decimal) => priceTick(request, near),
  quantity: quantityStep(request.assetClass),
});
const bodyOf = (changes: Partial<OrderRequest>) => {
  const request = order(changes);
  return placeBody(request, increments(request));
};

describe('what we send', () => {
  const id = (clientOrderId: string) => ({ clientOrderId });

  it('is what the examples show, with what a sale of shares is for', () => {
    expect(
      bodyOf({ ...id('arb-01J8ZK3M7Q-entry-1'), type: 'limit', limitPrice: d('212.35'), timeInForce: 'day' }),
    ).toEqual({
      ...{ symbol: 'AAPL', qty: '40', side: 'buy', type: 'limit', limit_price: '212.35', time_in_force: 'day' },
      ...{ client_order_id: 'arb-01J8ZK3M7Q-entry-1', position_intent: 'buy_to_open' },
    });
    expect(bodyOf({ ...id('arb-01J8ZK3M7Q-stop-1'), side: 'sell', type: 'stop', stopPrice: d('198.40') })).toEqual({
      ...{ symbol: 'AAPL', qty: '40', side: 'sell', type: 'stop', stop_price: '198.4', time_in_force: 'gtc' },
      ...{ client_order_id: 'arb-01J8ZK3M7Q-stop-1', position_intent: 'sell_to_close' },
    });
    const option = { symbol: 'AAPL260618C00210000', assetClass: 'option', quantity: d('2') } as const;
    const terms = { type: 'limit', limitPrice: d('6.45'), timeInForce: 'day' } as const;
    expect(bodyOf({ ...option, ...terms, ...id('arb-01J8ZK3M7R-entry-1') })).toEqual({
      ...{ symbol: 'AAPL260618C00210000', qty: '2', side: 'buy', type: 'limit', limit_price: '6.45' },
      ...{ time_in_force: 'day', position_intent: 'buy_to_open', client_order_id: 'arb-01J8ZK3M7R-entry-1' },
    });
    const coin = { symbol: 'BTC-USD', assetClass: 'crypto', side: 'sell', quantity: d('0.009975') } as const;
    const prices = { type: 'stop_limit', stopPrice: d('65000'), limitPrice: d('63700') } as const;
    expect(bodyOf({ ...coin, ...prices, ...id('arb-01J8ZK3M7S-stop-1') })).toEqual({
      ...{ symbol: 'BTC/USD', qty: '0.009975', side: 'sell', type: 'stop_limit', stop_price: '65000' },
      ...{ limit_price: '63700', time_in_force: 'gtc', client_order_id: 'arb-01J8ZK3M7S-stop-1' },
    });
  });

  it('fills a market order for coins at once, whatever it was good for', () => {
    const exit = { symbol: 'BTC-USD', assetClass: 'crypto', side: 'sell', timeInForce: 'day' } as const;
    expect(notOffered(order(exit))).toBeUndefined();
    expect(bodyOf(exit)).toMatchObject({ type: 'market', time_in_force: 'gtc' });
  });

  it('is signed by keys or by a token, and by nothing else', () => {
    expect(signingHeaders({ kind: 'keys', keyId: 'PKDEMO0000000000', secret: 'demo-secret' })).toEqual({
      'APCA-API-KEY-ID': 'PKDEMO0000000000',
      'APCA-API-SECRET-KEY': 'demo-secret',
    });
    expect(signingHeaders({ kind: 'bearer', accessToken: 't' })).toEqual({ Authorization: 'Bearer t' });
    const oauth1 = { consumerKey: 'c', consumerSecret: 's', token: 't', tokenSecret: 'x' };
    expect(() => signingHeaders({ kind: 'oauth1', ...oauth1 })).toThrow(TypeError);
  });

  const anyPrice = fc
    .tuple(fc.bigInt(1n, 10n ** 9n), fc.integer({ min: 0, max: 6 }))
    .map(([units, places]) => Decimal.ofInteger(units).dividedBy(decimal(`1${'0'.repeat(places)}`)));

  it('has prices at the tick, within one tick of what was decided, on the side of the rule', () => {
    fc.assert(
      fc.property(anyPrice, fc.constantFrom('buy', 'sell', 'sell_short', 'buy_to_cover'), (price, side) => {
        const tick = priceTick({ symbol: 'AAPL', assetClass: 'equity' }, price);
        const stop = bodyOf({ side, type: 'stop', stopPrice: price.toString() }).stop_price;
        const limit = bodyOf({ side, type: 'limit', limitPrice: price.toString() }).limit_price;
        if (stop === undefined || limit === undefined) throw new Error('a price is missing');
        for (const sent of [decimal(stop), decimal(limit)]) {
          expect(sent.isMultipleOf(tick)).toBe(true);
          expect(sent.minus(price).absolute().lessThan(tick)).toBe(true);
        }
        expect(isBuying(side) ? decimal(stop).atLeast(price) : decimal(stop).atMost(price)).toBe(true);
        expect(isBuying(side) ? decimal(limit).atMost(price) : decimal(limit).atLeast(price)).toBe(true);
      }),
    );
  });
});

describe('amounts and symbols', () => {
  it('come back as they were sent, as numbers or as text', () => {
    const amount = fc.tuple(fc.bigInt(0n, 10n ** 15n), fc.bigInt(0n, 10n ** 9n - 1n));
    fc.assert(
      fc.property(amount, fc.boolean(), ([whole, part], isText) => {
        const plain = `${whole}.${part.toString().padStart(9, '0')}`;
        const json = ORDER.replace('"qty": "40"', `"qty": ${isText ? `"${plain}"` : plain}`);
        expect(read(json, alpacaOrder).qty).toBe(d(plain));
      }),
    );
  });

  it('pairs are the same in orders and positions, in our form', () => {
    const coin = fc.stringMatching(/^[A-Z]{3,6}$/).filter((text) => !text.endsWith('USD'));
    fc.assert(
      fc.property(coin, fc.constantFrom('USD', 'USDC', 'USDT'), (base, quote) => {
        const symbol = `${base}-${quote}`;
        expect(toAlpacaSymbol(symbol)).toBe(`${base}/${quote}`);
        expect(fromAlpacaSymbol(`${base}/${quote}`, true)).toBe(symbol);
        expect(fromAlpacaSymbol(base + quote, true)).toBe(symbol);
      }),
    );
    expect(toAlpacaSymbol('BRK.B')).toBe('BRK.B');
    expect(fromAlpacaSymbol('AAPL260618C00210000', false)).toBe('AAPL260618C00210000');
  });
});
