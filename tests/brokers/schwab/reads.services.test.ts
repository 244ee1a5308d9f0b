import { describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { MARKET_HOURS } from '../../simulator/exchange-fixture.js';
import { ACCOUNT, atSchwab, held, limitBuy, OPTION, orderRequest, stopSell } from './schwab-fixture.js';

describe('an account at Schwab', () => {
  it('is listed by the name it has in paths, with the end of its number', async () => {
    const { broker, login } = await atSchwab();
    const accounts = await broker.accounts(ACCOUNT);
    expect(accounts).toEqual([{ key: login.key, label: expect.stringMatching(/^…\d{4}$/) }]);
  });

  it('shows its money and its positions in our symbols, short ones below zero', async () => {
    const { broker } = await atSchwab([held('AAPL', '40'), held('MSFT', '-5'), held(OPTION, '2')]);
    expect((await broker.positions(ACCOUNT)).rows).toEqual([
      { symbol: 'AAPL', quantity: '40', averagePrice: '100' },
      { symbol: 'MSFT', quantity: '-5', averagePrice: '100' },
      { symbol: OPTION, quantity: '2', averagePrice: '100' },
    ]);
    const { equity, cash, buyingPower } = await broker.accountSnapshot(ACCOUNT);
    // 100,000 and 40 at 149.95, 5 short at 100, 200 at 6.45
    expect({ equity, cash }).toEqual({ equity: '106788', cash: '100000' });
    expect(Number(buyingPower)).toBeGreaterThan(0);
  });

  it('shows shares with a class by our symbol, where Schwab writes a slash', async () => {
    const { broker, simulator, accepted } = await atSchwab([held('BRK.B', '40')]);
    await simulator.market('BRK.B', '480.10', '480.20', { last: '480.15' });
    expect((await broker.positions(ACCOUNT)).rows).toMatchObject([{ symbol: 'BRK.B', quantity: '40' }]);
    const stop = await accepted(stopSell('470', { symbol: 'BRK.B' }));
    const look = await broker.look(ACCOUNT, 'BRK.B', 'equity', [stop.orderId]);
    expect(look).toMatchObject({
      position: '40',
      quote: { symbol: 'BRK.B', bid: '480.1' },
      orders: [{ symbol: 'BRK.B' }],
    });
    expect(await broker.find(ACCOUNT, stopSell('470', { symbol: 'BRK.B' }), stop.placedAt, new Set())).toEqual(stop);
  });

  it('without positions shows none', async () => {
    const { broker } = await atSchwab();
    expect((await broker.positions(ACCOUNT)).rows).toEqual([]);
  });
});

describe('quotes at Schwab', () => {
  it('come together, in our symbols, without those that nobody knows', async () => {
    const { broker, simulator } = await atSchwab();
    const at = simulator.clock.now();
    expect(await broker.quotes(['AAPL', 'ZZZZZ', OPTION], ACCOUNT)).toEqual([
      { symbol: 'AAPL', bid: '149.9', ask: '150', last: '149.95', lastAt: at, at },
      { symbol: OPTION, bid: '6.4', ask: '6.5', last: '6.45', lastAt: at, at },
    ]);
    expect(await broker.quotes(['AAPL'], ACCOUNT)).toHaveLength(1);
    expect(await broker.quotes([], ACCOUNT)).toEqual([]);
  });

  it('are asked for in groups', async () => {
    const { broker, simulator } = await atSchwab();
    const symbols = Array.from({ length: 450 }, (_, index) => `ZZ${letters(index)}`);
    expect(await broker.quotes([...symbols, 'AAPL'], ACCOUNT)).toMatchObject([{ symbol: 'AAPL' }]);
    const { requests } = await simulator.ledger();
    expect(requests.filter(({ operation }: { operation: string }) => operation === 'quote')).toHaveLength(3);
  });

  it('may lack a side, or be old', async () => {
    const { broker, simulator } = await atSchwab();
    await simulator.fault('quote_missing_field', 'quote');
    const [quote] = await broker.quotes(['AAPL'], ACCOUNT);
    expect(quote).not.toHaveProperty('bid');
    await simulator.fault('quote_stale', 'quote');
    expect(await broker.quotes(['AAPL'], ACCOUNT)).toMatchObject([{ at: simulator.clock.now() - 60_000 }]);
  });

  it('show a halt, until trading resumes', async () => {
    const { broker, simulator } = await atSchwab();
    await simulator.fault('halt', '*', { count: 1, match: { symbol: 'AAPL' } });
    expect(await broker.quotes(['AAPL', OPTION], ACCOUNT)).toMatchObject([{ halted: true }, { symbol: OPTION }]);
    await simulator.fault('resume', '*', { count: 1, match: { symbol: 'AAPL' } });
    expect((await broker.quotes(['AAPL'], ACCOUNT))[0]).not.toHaveProperty('halted');
  });

  it('need a login', async () => {
    const { broker } = await atSchwab();
    await expect(broker.quotes(['AAPL'])).rejects.toThrow(BrokerUnavailable);
  });
});

describe('a look at Schwab', () => {
  it('shows market, orders and position together', async () => {
    const { broker, accepted, simulator } = await atSchwab([held('AAPL', '40')]);
    const stop = await accepted(stopSell());
    const look = await broker.look(ACCOUNT, 'AAPL', 'equity', [stop.orderId, '1']);
    expect(look).toMatchObject({
      ...{ marketTime: simulator.clock.now(), session: 'regular', position: '40' },
      quote: { bid: '149.9' },
      orders: [{ orderId: stop.orderId, stopPrice: '140' }],
    });
  });

  it('of many trades costs one list of orders, one of positions and one of quotes', async () => {
    const { broker, accepted, simulator } = await atSchwab([held('AAPL', '40')]);
    await simulator.market('MSFT', '410', '410.10');
    const [stop, entry] = [
      await accepted(stopSell()),
      await accepted(limitBuy('400', { symbol: 'MSFT', quantity: '1' })),
    ];
    const { requests: before } = await simulator.ledger();
    const looks = await Promise.all([
      broker.look(ACCOUNT, 'AAPL', 'equity', [stop.orderId]),
      broker.look(ACCOUNT, 'MSFT', 'equity', [entry.orderId]),
    ]);
    expect(looks).toMatchObject([{ orders: [{ symbol: 'AAPL' }] }, { orders: [{ symbol: 'MSFT' }] }]);
    const { requests } = await simulator.ledger();
    const operations = requests.slice(before.length).map(({ operation }: { operation: string }) => operation);
    expect(new Set(operations)).toEqual(new Set(['list_orders', 'positions', 'quote']));
    expect(operations).toHaveLength(3);
  });

  it('finds an order by itself that was entered long ago', async () => {
    const { broker, accepted, simulator, login } = await atSchwab([held('AAPL', '40')]);
    const { orderId } = await accepted(stopSell());
    simulator.clock.advance(40 * 86_400);
    await login.signIn();
    expect(await broker.look(ACCOUNT, 'AAPL', 'equity', [orderId])).toMatchObject({ orders: [{ orderId }] });
    const { requests } = await simulator.ledger();
    const reads = requests.filter(({ operation }: { operation: string }) => operation === 'get_order');
    // The first one is that of the placement.
    expect(reads).toHaveLength(2);
  });
});

describe('market data at Schwab', () => {
  it('has candles, exact to the last decimal', async () => {
    const { broker, simulator } = await atSchwab();
    simulator.clock.advance(600);
    const range = { from: MARKET_HOURS, to: MARKET_HOURS + 600_000, width: '5m' } as const;
    const candles = await broker.candles(ACCOUNT, 'AAPL', range);
    expect(candles[0]).toMatchObject({ at: MARKET_HOURS, open: '149.95', close: '149.95' });
    expect(await broker.candles(ACCOUNT, 'AAPL', { ...range, width: '1d' })).toBeInstanceOf(Array);
    await expect(broker.candles(ACCOUNT, 'ZZZZZ', range)).rejects.toThrow(BrokerUnavailable);
  });
});

describe('a login at Schwab', () => {
  it('is renewed once when the access token is over, and the order placed once', async () => {
    const { broker, login, simulator, orderCount } = await atSchwab();
    simulator.clock.advance(1_801);
    expect(await broker.place(ACCOUNT, limitBuy())).toMatchObject({ outcome: 'accepted' });
    expect(login.renewals).toBe(1);
    expect(await orderCount()).toBe(1);
  });

  it('that is over after seven days keeps orders from being placed, and reads from being made', async () => {
    const { broker, simulator, orderCount } = await atSchwab();
    simulator.clock.advance(7 * 86_400 + 1);
    expect(await broker.place(ACCOUNT, orderRequest())).toMatchObject({ outcome: 'not_placed' });
    await expect(broker.positions(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
    expect(await orderCount()).toBe(0);
  });
});

/** A word of letters for each number. */
function letters(index: number): string {
  return [...index.toString(10).padStart(3, '0')].map((digit) => 'ABCDEFGHIJ'[Number(digit)]).join('');
}
