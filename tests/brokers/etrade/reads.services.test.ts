import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { ACCOUNT, amount, CALL, EtradeWorld, limitBuy, marketBuy, stopSell } from './etrade-fixture.js';

let world: EtradeWorld;
beforeEach(async () => {
  world = await EtradeWorld.start();
});
afterEach(() => world.close());

describe('what an account shows', () => {
  it('its key and a label for a person', async () => {
    const [{ account }] = (await world.simulator.call('GET', '/control/accounts')).body.items;
    expect(await world.broker.accounts(ACCOUNT)).toEqual([
      { key: world.access.key, label: `Simulated …${account.slice(-4)}` },
    ]);
  });

  it('its money', async () => {
    await world.placed(marketBuy({ quantity: amount('10') }));
    // 100 MSFT at 410, 5 calls at 6.45 and 10 AAPL, which cost 2,124, at 212.35
    expect(await world.broker.accountSnapshot(ACCOUNT)).toEqual({
      equity: '144224.5',
      cash: '97876',
      buyingPower: '97876',
    });
  });

  it('its positions in our symbols, a short one negative', async () => {
    await world.placed(marketBuy({ side: 'sell_short', quantity: amount('10') }));
    const positions = (await world.broker.positions(ACCOUNT)).rows;
    expect(positions).toHaveLength(3);
    expect(positions).toEqual(
      expect.arrayContaining([
        { symbol: 'MSFT', quantity: '100', averagePrice: '400' },
        { symbol: CALL, quantity: '5', averagePrice: '6.45' },
        { symbol: 'AAPL', quantity: '-10', averagePrice: '212.3' },
      ]),
    );
  });

  it('every page of its positions', async () => {
    const positions = Array.from({ length: 120 }, (_, index) => ({
      symbol: `Q${String.fromCharCode(65 + Math.floor(index / 26), 65 + (index % 26))}`,
      ...{ quantity: '3', averagePrice: '10' },
    }));
    await world.simulator.open('etrade', { positions });
    const [, large] = await world.broker.accounts(ACCOUNT);
    world.access.key = large?.key ?? '';
    const shown = (await world.broker.positions(ACCOUNT)).rows;
    expect(new Set(shown.map(({ symbol }) => symbol))).toEqual(new Set(positions.map(({ symbol }) => symbol)));
  });

  it('nothing where nothing is', async () => {
    await world.simulator.open('etrade');
    const [, empty] = await world.broker.accounts(ACCOUNT);
    world.access.key = empty?.key ?? '';
    expect((await world.broker.positions(ACCOUNT)).rows).toEqual([]);
    expect((await world.broker.openOrders(ACCOUNT)).rows).toEqual([]);
    expect(await world.broker.find(ACCOUNT, limitBuy('200'), world.now, new Set())).toBeUndefined();
  });

  it('its open orders only', async () => {
    const [limit, stop] = [await world.placed(limitBuy('200')), await world.placed(stopSell('398.40'))];
    await world.placed(marketBuy());
    const gone = await world.placed(limitBuy('199'));
    await world.broker.cancel(ACCOUNT, gone.orderId);
    const open = (await world.broker.openOrders(ACCOUNT)).rows;
    expect(new Set(open.map(({ orderId }) => orderId))).toEqual(new Set([limit.orderId, stop.orderId]));
    await world.fault('fill_after_cancel_ack', 'cancel', { seconds: 5 });
    await world.broker.cancel(ACCOUNT, stop.orderId);
    expect((await world.broker.openOrders(ACCOUNT)).rows).toHaveLength(2);
  });
});

describe('quotes', () => {
  it('come for shares and options in one call, and not for what is unknown', async () => {
    const quotes = await world.broker.quotes(['AAPL', CALL, 'ZZZZZ', 'BTC-USD'], ACCOUNT);
    expect(quotes).toEqual([
      { symbol: 'AAPL', bid: '212.3', ask: '212.4', last: '212.35', at: world.now },
      { symbol: CALL, bid: '6.4', ask: '6.5', last: '6.45', at: world.now },
    ]);
    expect(await world.broker.quotes(['ZZZZZ'], ACCOUNT)).toEqual([]);
  });

  it('are asked for fifty at a time', async () => {
    const symbols = Array.from(
      { length: 60 },
      (_, index) => `Q${String.fromCharCode(65 + (index % 26), 65 + index / 26)}`,
    );
    for (const symbol of symbols) await world.simulator.market(symbol, '10', '11');
    expect(await world.broker.quotes(symbols, ACCOUNT)).toHaveLength(60);
    const { requests } = await world.simulator.ledger();
    expect(requests.filter(({ operation }: { operation: string }) => operation === 'quote')).toHaveLength(2);
  });

  it('outside of the session are the current ones, not the closing ones', async () => {
    await world.simulator.control('clock', { now: '2026-03-03T22:00:00Z' });
    await world.simulator.market('AAPL', '215.00', '215.20', { last: '215.10' });
    expect(await world.broker.quotes(['AAPL'], ACCOUNT)).toMatchObject([{ bid: '215', ask: '215.2', last: '215.1' }]);
  });

  it('need a login', async () => {
    await expect(world.broker.quotes(['AAPL'])).rejects.toThrow(BrokerUnavailable);
  });
});

describe('a look', () => {
  it('shows quote, orders and position together', async () => {
    const stop = await world.placed(stopSell('398.40'));
    const look = await world.broker.look(ACCOUNT, 'MSFT', 'equity', [stop.orderId, '99999']);
    expect(look).toMatchObject({
      ...{ marketTime: world.now, session: 'regular', position: '100' },
      quote: { symbol: 'MSFT', bid: '410', ask: '410.1' },
      orders: [stop],
    });
  });

  it('of many trades costs as few calls as one', async () => {
    const stop = await world.placed(stopSell('398.40'));
    const before = (await world.simulator.ledger()).requests.length;
    const looks = ['MSFT', 'AAPL', 'MSFT'].map((symbol) =>
      world.broker.look(ACCOUNT, symbol, 'equity', [stop.orderId]),
    );
    await Promise.all(looks);
    const { requests } = await world.simulator.ledger();
    const made = requests.slice(before).map(({ operation }: { operation: string }) => operation);
    expect(made.sort()).toEqual(['list_orders', 'positions', 'quote']);
  });

  it('reads an order by itself that the list does not show yet', async () => {
    const stop = await world.placed(stopSell('398.40'));
    world.simulator.clock.advance(2);
    await world.fault('stale_read', 'list_orders', { seconds: 60 });
    const look = await world.broker.look(ACCOUNT, 'MSFT', 'equity', [stop.orderId]);
    expect(look.orders).toMatchObject([{ orderId: stop.orderId, status: 'working' }]);
  });
});
