import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, callsOf, entry, openStage, resting, type Stage, stop, taken, text } from './coinbase-fixture.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.simulator.close());

const look = (symbol: string, orderIds: string[] = []) => stage.broker.look(ACCOUNT, symbol, 'crypto', orderIds);

describe('a look', () => {
  it('shows market, orders and position together', async () => {
    const bought = taken(await stage.broker.place(ACCOUNT, entry()));
    const resting = taken(await stage.broker.place(ACCOUNT, stop()));
    const now = stage.simulator.clock.now();
    expect(await look('BTC-USD', [bought.orderId, resting.orderId, 'nobody'])).toEqual({
      ...{ marketTime: now, session: 'regular', staleAfterMs: 15_000, position: '0.01' },
      quote: {
        ...{ symbol: 'BTC-USD', bid: '68000', ask: '68010', last: '68005', bidSize: '1', askSize: '1', at: now },
      },
      orders: [bought, resting],
    });
  });

  it('sees one coin in each of its pairs', async () => {
    await stage.simulator.market('BTC-EUR', '60000', '60010');
    await stage.broker.place(ACCOUNT, entry());
    expect(await look('BTC-EUR')).toMatchObject({ position: '0.01', quote: { symbol: 'BTC-EUR', bid: '60000' } });
    expect(await look('ETH-USD')).toMatchObject({ position: '0' });
  });

  it('shares its reads with others', async () => {
    const stops = [];
    await stage.broker.place(ACCOUNT, entry({ quantity: text('1') }));
    for (let number = 0; number < 5; number++) stops.push(taken(await stage.broker.place(ACCOUNT, stop())).orderId);
    const before = await callsOf(stage, 'list_orders');
    const looks = await Promise.all(stops.map((orderId) => look('BTC-USD', [orderId])));
    expect(looks.map(({ orders }) => orders[0]?.orderId)).toEqual(stops);
    expect(await callsOf(stage, 'list_orders')).toBe(before + 1);
    expect(await callsOf(stage, 'positions')).toBe(1);
  });
});

describe('quotes', () => {
  it.each([
    ['with an account', ACCOUNT],
    ['without one', undefined],
  ])('come for all that is known, %s', async (_how, account) => {
    await stage.simulator.market('ETH-USD', '2000', '2001', { last: '2000.5' });
    const quotes = await stage.broker.quotes(['BTC-USD', 'NONE-USD', 'ETH-USD', 'AAPL'], account);
    expect(quotes).toMatchObject([
      { symbol: 'BTC-USD', bid: '68000', ask: '68010', last: '68005' },
      { symbol: 'ETH-USD', bid: '2000', ask: '2001', last: '2000.5' },
    ]);
  });

  it('report a halt, until trading resumes', async () => {
    await stage.simulator.fault('halt', '*', { count: 1, match: { symbol: 'BTC-USD' } });
    expect((await look('BTC-USD')).quote).toMatchObject({ halted: true });
    await stage.simulator.fault('resume', '*', { count: 1, match: { symbol: 'BTC-USD' } });
    expect((await stage.broker.quotes(['BTC-USD'], ACCOUNT))[0]).not.toHaveProperty('halted');
  });

  it('of nothing ask nobody', async () => {
    expect(await stage.broker.quotes(['AAPL'], ACCOUNT)).toEqual([]);
    expect(await callsOf(stage, 'quote')).toBe(0);
  });
});

describe('the account', () => {
  it('is one, of the key’s portfolio', async () => {
    expect(await stage.broker.accounts(ACCOUNT)).toEqual([{ key: stage.owner, label: 'Coinbase' }]);
  });

  it('counts coins at what they would fetch, and what orders have promised as held', async () => {
    await stage.broker.place(ACCOUNT, entry({ quantity: text('0.1') }));
    await stage.broker.place(ACCOUNT, stop({ quantity: text('0.1') }));
    await stage.broker.place(ACCOUNT, resting());
    const held = { symbol: 'BTC-USD', quantity: '0.1', averagePrice: '68010' };
    expect((await stage.broker.positions(ACCOUNT)).rows).toEqual([held]);
    const cash = '93171.796';
    expect(await stage.broker.accountSnapshot(ACCOUNT)).toMatchObject({
      cash,
      equity: '99971.796',
      buyingPower: '92571.796',
    });
  });
});

describe('candles', () => {
  it('come oldest first, over several answers', async () => {
    const to = stage.simulator.clock.now();
    const candles = await stage.broker.candles(ACCOUNT, 'BTC-USD', {
      granularity: 'ONE_MINUTE',
      from: to - 400 * 60_000,
      to,
    });
    expect(candles).toHaveLength(400);
    expect(candles[0]?.at).toBe(to - 400 * 60_000);
    expect(candles.map(({ at }) => at)).toEqual(candles.map(({ at }) => at).sort((a, b) => a - b));
    expect(await callsOf(stage, 'quote')).toBe(2);
  });
});

it('reads a product once for many orders', async () => {
  for (let orders = 0; orders < 3; orders++) await stage.broker.place(ACCOUNT, entry());
  expect(await callsOf(stage, 'quote')).toBe(1);
});
