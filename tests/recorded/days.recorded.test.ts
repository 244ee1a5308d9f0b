import { describe, expect, it } from 'vitest';
import { body, planned, replayRecorded } from './recorded.js';

type Terms = Record<string, unknown>;
const spy = (trade: Terms) => body({ symbol: 'SPY', assetClass: 'equity', ...trade });
const btc = (trade: Terms) =>
  body({ symbol: 'BTC-USD', assetClass: 'crypto', side: 'buy', timeInForce: 'gtc', ...trade });
const aapl = (trade: Terms) => body({ symbol: 'AAPL', assetClass: 'equity', ...trade });
const put = (trade: Terms) => body({ symbol: 'SPY230901P00430000', assetClass: 'option', side: 'buy', ...trade });
const at = (time: string, action: string) => [{ at: time, action }];

describe('SPY on 2013-10-08, a steady slide', () => {
  it('ends longs by stop, shorts by target and by trailing stop, and cancels what never filled', async () => {
    const limit = { orderType: 'limit', limitPrice: '160', stopLoss: { price: '158' } };
    const result = await replayRecorded(
      ['equity/SPY/2013-10-08'],
      [
        planned(
          '2013-10-08T14:00:00Z',
          spy({ side: 'buy', quantity: '10', stopLoss: { percent: '0.5' }, takeProfit: { percent: '2' } }),
        ),
        planned(
          '2013-10-08T14:00:00Z',
          spy({ side: 'sell_short', quantity: '20', stopLoss: { percent: '1' }, takeProfit: { percent: '0.8' } }),
        ),
        planned('2013-10-08T15:00:00Z', spy({ side: 'sell_short', quantity: '7', stopLoss: { trailPercent: '0.2' } })),
        planned(
          '2013-10-08T15:00:00Z',
          spy({ side: 'buy', quantity: '5', ...limit }),
          at('2013-10-08T16:00:00Z', 'cancel'),
        ),
        planned(
          '2013-10-08T16:30:00Z',
          spy({ side: 'buy', quantity: '3', stopLoss: { percent: '3' }, exitAt: '2013-10-08T19:45:00Z' }),
        ),
      ],
    );
    expect(result.disagreements).toEqual([]);
    expect(result.trades.map(({ status, exitReason }) => [status, exitReason])).toEqual([
      ['closed', 'stop'],
      ['closed', 'target'],
      ['closed', 'trailing'],
      ['cancelled', null],
      ['closed', 'time'],
    ]);
  });
});

describe('BTC-USD on 2018-04-04', () => {
  it('closes a jumped stop-limit itself, once, within a minute of the breach (S12)', async () => {
    const result = await replayRecorded(
      ['crypto/BTC-USD/2018-04-04'],
      [
        planned('2018-04-04T08:00:00Z', btc({ quantity: '0.5', stopLoss: { price: '7200', limitOffset: '10' } })),
        planned(
          '2018-04-04T08:00:00Z',
          btc({ quantity: '0.1', stopLoss: { percent: '3' }, takeProfit: { percent: '1.5' } }),
        ),
        planned('2018-04-04T10:00:00Z', btc({ quantity: '0.2', stopLoss: { trailPercent: '2' } })),
      ],
    );
    expect(result.disagreements).toEqual([]);
    expect(result.trades.every(({ status }) => status === 'closed')).toBe(true);
    expect(result.trades[0]).toMatchObject({ exitReason: 'stop', filledQuantity: '0.5', openQuantity: '0' });
    expect(result.ledger.orders.filter(({ side }) => side === 'buy')).toHaveLength(3);
  });

  it('guards by the quote through the hours in which nothing traded (S13)', async () => {
    const result = await replayRecorded(
      ['crypto/BTC-USD/2018-04-04'],
      [planned('2018-04-04T16:40:00Z', btc({ quantity: '0.1', stopLoss: { percent: '20' } }))],
    );
    expect(result.disagreements).toEqual([]);
    expect(result.trades[0]).toMatchObject({ status: 'open', stopKind: 'broker', reason: null });
  });
});

describe('an option contract on 2023-08-03', () => {
  it('fills and closes at its quotes, a hundred shares a contract', async () => {
    const result = await replayRecorded(
      ['option/SPY___230901P00430000/2023-08-03'],
      [
        planned(
          '2023-08-03T14:00:00Z',
          put({ quantity: '2', stopLoss: { percent: '30' } }),
          at('2023-08-03T18:00:00Z', 'close'),
        ),
        planned(
          '2023-08-03T14:30:00Z',
          put({ quantity: '1', stopLoss: { percent: '5' }, takeProfit: { percent: '5' } }),
        ),
      ],
    );
    expect(result.disagreements).toEqual([]);
    expect(result.trades[0]).toMatchObject({ status: 'closed', exitReason: 'manual', filledQuantity: '2' });
    expect(['stop', 'target']).toContain(result.trades[1]?.exitReason);
  });
});

describe('AAPL across its split', () => {
  const days = ['equity/AAPL/2014-06-06', 'equity/AAPL/2014-06-09'];

  it('multiplies the quantity, divides the stop, and sells nothing (S14)', async () => {
    const trade = aapl({ side: 'buy', quantity: '10', stopLoss: { price: '613.29' } });
    const result = await replayRecorded(days, [planned('2014-06-06T19:50:00Z', trade)]);
    expect(result.disagreements).toEqual([]);
    const held = { status: 'open', filledQuantity: '70', openQuantity: '70', stopPrice: '87.61', stopKind: 'broker' };
    expect(result.trades[0]).toMatchObject(held);
    const sold = result.ledger.orders.filter(({ side }) => side === 'sell').flatMap(({ events }) => events);
    expect(sold.filter(({ kind }) => kind === 'fill')).toEqual([]);
  });

  it('covers a short the same way and closes it in new shares', async () => {
    const trade = aapl({ side: 'sell_short', quantity: '3', stopLoss: { percent: '10' } });
    const result = await replayRecorded(days, [
      planned('2014-06-06T19:50:00Z', trade, at('2014-06-09T18:00:00Z', 'close')),
    ]);
    expect(result.disagreements).toEqual([]);
    expect(result.trades[0]).toMatchObject({ status: 'closed', exitReason: 'manual', filledQuantity: '21' });
  });
});
