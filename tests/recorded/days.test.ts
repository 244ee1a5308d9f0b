import { describe, expect, it } from 'vitest';
import type { ReplayResult } from '../../src/replay/replay.js';
import { body, replayRecorded } from './recorded.js';

const spy = (trade: Record<string, unknown>) => body({ symbol: 'SPY', assetClass: 'equity', ...trade });
const btc = (trade: Record<string, unknown>) =>
  body({ symbol: 'BTC-USD', assetClass: 'crypto', timeInForce: 'gtc', ...trade });
const aapl = (trade: Record<string, unknown>) => body({ symbol: 'AAPL', assetClass: 'equity', ...trade });

/** The first fill of each order of a leg: `e` entry, `s` stop, `x` exit. */
function fills(result: ReplayResult, leg: 'e' | 's' | 'x') {
  const orders = result.ledger.orders.filter(({ clientOrderId }) => clientOrderId.includes(`-${leg}`));
  return orders.flatMap((order) => order.events.filter((event) => event.kind === 'fill'));
}

describe('SPY on 2013-10-08, a steady slide', () => {
  it('ends longs by stop, shorts by target and by trailing stop, and cancels what never filled', async () => {
    const result = await replayRecorded(
      ['equity/SPY/2013-10-08'],
      [
        {
          at: '2013-10-08T14:00:00Z',
          trade: spy({ side: 'buy', quantity: '10', stopLoss: { percent: '0.5' }, takeProfit: { percent: '2' } }),
        },
        {
          at: '2013-10-08T14:00:00Z',
          trade: spy({
            side: 'sell_short',
            quantity: '20',
            stopLoss: { percent: '1' },
            takeProfit: { percent: '0.8' },
          }),
        },
        {
          at: '2013-10-08T15:00:00Z',
          trade: spy({ side: 'sell_short', quantity: '7', stopLoss: { trailPercent: '0.2' } }),
        },
        {
          at: '2013-10-08T15:00:00Z',
          trade: spy({ side: 'buy', quantity: '5', orderType: 'limit', limitPrice: '160', stopLoss: { price: '158' } }),
          then: [{ at: '2013-10-08T16:00:00Z', action: 'cancel' }],
        },
        {
          at: '2013-10-08T16:30:00Z',
          trade: spy({ side: 'buy', quantity: '3', stopLoss: { percent: '3' }, exitAt: '2013-10-08T19:45:00Z' }),
        },
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
        {
          at: '2018-04-04T08:00:00Z',
          trade: btc({ side: 'buy', quantity: '0.5', stopLoss: { price: '7200', limitOffset: '10' } }),
        },
        {
          at: '2018-04-04T08:00:00Z',
          trade: btc({ side: 'buy', quantity: '0.1', stopLoss: { percent: '3' }, takeProfit: { percent: '1.5' } }),
        },
        { at: '2018-04-04T10:00:00Z', trade: btc({ side: 'buy', quantity: '0.2', stopLoss: { trailPercent: '2' } }) },
      ],
    );
    expect(result.disagreements).toEqual([]);
    expect(result.trades.every(({ status }) => status === 'closed')).toBe(true);
    const [jumped] = result.trades;
    expect(jumped).toMatchObject({ exitReason: 'stop', filledQuantity: '0.5', openQuantity: '0' });
    expect(result.ledger.orders.filter(({ side }) => side === 'buy')).toHaveLength(3);
  });

  it('guards by the quote through the hours in which nothing traded (S13)', async () => {
    const result = await replayRecorded(
      ['crypto/BTC-USD/2018-04-04'],
      [{ at: '2018-04-04T16:40:00Z', trade: btc({ side: 'buy', quantity: '0.1', stopLoss: { percent: '20' } }) }],
    );
    expect(result.disagreements).toEqual([]);
    expect(result.trades[0]).toMatchObject({ status: 'open', stopKind: 'broker', reason: null });
  });
});

describe('an option contract on 2023-08-03', () => {
  it('fills and closes at its quotes, a hundred shares a contract', async () => {
    const option = (trade: Record<string, unknown>) =>
      body({ symbol: 'SPY230901P00430000', assetClass: 'option', side: 'buy', ...trade });
    const result = await replayRecorded(
      ['option/SPY___230901P00430000/2023-08-03'],
      [
        {
          at: '2023-08-03T14:00:00Z',
          trade: option({ quantity: '2', stopLoss: { percent: '30' } }),
          then: [{ at: '2023-08-03T18:00:00Z', action: 'close' }],
        },
        {
          at: '2023-08-03T14:30:00Z',
          trade: option({ quantity: '1', stopLoss: { percent: '5' }, takeProfit: { percent: '5' } }),
        },
      ],
    );
    expect(result.disagreements).toEqual([]);
    expect(result.trades[0]).toMatchObject({ status: 'closed', exitReason: 'manual', filledQuantity: '2' });
    expect(['stop', 'target']).toContain(result.trades[1]?.exitReason);
  });
});

describe('AAPL across its split', () => {
  it('multiplies the quantity, divides the stop, and sells nothing (S14)', async () => {
    const result = await replayRecorded(
      ['equity/AAPL/2014-06-06', 'equity/AAPL/2014-06-09'],
      [{ at: '2014-06-06T19:50:00Z', trade: aapl({ side: 'buy', quantity: '10', stopLoss: { price: '613.29' } }) }],
    );
    expect(result.disagreements).toEqual([]);
    expect(result.trades[0]).toMatchObject({
      status: 'open',
      filledQuantity: '70',
      openQuantity: '70',
      stopPrice: '87.61',
      stopKind: 'broker',
    });
    expect(fills(result, 's').concat(fills(result, 'x'))).toEqual([]);
  });

  it('covers a short the same way and closes it in new shares', async () => {
    const result = await replayRecorded(
      ['equity/AAPL/2014-06-06', 'equity/AAPL/2014-06-09'],
      [
        {
          at: '2014-06-06T19:50:00Z',
          trade: aapl({ side: 'sell_short', quantity: '3', stopLoss: { percent: '10' } }),
          then: [{ at: '2014-06-09T18:00:00Z', action: 'close' }],
        },
      ],
    );
    expect(result.disagreements).toEqual([]);
    expect(result.trades[0]).toMatchObject({ status: 'closed', exitReason: 'manual', filledQuantity: '21' });
  });
});
