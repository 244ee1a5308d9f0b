/** In quotes null is absent, and what cannot be read of one symbol hides no other (W7). */
import { describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { ACCOUNT, OPTION } from './alpaca-fixture.js';
import { alpacaAnswering } from './wire-server.js';

const TRADE = { t: '2026-03-03T14:31:07.651613184Z', x: 'V', p: 212.35, s: 100, c: ['@'], i: 39884, z: 'C' };
const QUOTE = {
  ...{ t: '2026-03-03T14:31:07.651613184Z', ax: 'V', ap: 212.4, as: 300, bx: 'V', bp: 212.3, bs: 200 },
  ...{ c: ['R'], z: 'C' },
};
const AT = Date.parse('2026-03-03T14:31:07.651Z');
const SHOWN = { latestTrade: TRADE, latestQuote: QUOTE, minuteBar: null, dailyBar: null, prevDailyBar: null };

const STOCKS = '/v2/stocks/snapshots';

describe('snapshots', () => {
  // alpacahq/alpaca-py issue 157: `null` for KUBTY beside AAPL.
  it('of a symbol without data are null', async () => {
    const broker = await alpacaAnswering({ [STOCKS]: { AAPL: SHOWN, KUBTY: null } });
    const quotes = await broker.quotes(['AAPL', 'KUBTY'], ACCOUNT);
    expect(quotes).toMatchObject([{ symbol: 'AAPL', bid: '212.3', ask: '212.4', last: '212.35', at: AT }]);
  });

  it.each([
    ['coins', '/v1beta3/crypto/us/snapshots', ['BTC-USD', 'ETH-USD'], { 'BTC/USD': SHOWN, 'ETH/USD': null }],
    [
      'options',
      '/v1beta1/options/snapshots',
      [OPTION, 'AAPL260618C00220000'],
      { [OPTION]: SHOWN, AAPL260618C00220000: null },
    ],
  ])('of %s likewise', async (_class, path, symbols, snapshots) => {
    const broker = await alpacaAnswering({ [path]: { snapshots, next_page_token: null } });
    expect(await broker.quotes(symbols, ACCOUNT)).toMatchObject([{ symbol: symbols[0], bid: '212.3' }]);
    const none = await alpacaAnswering({ [path]: { snapshots: null } });
    expect(await none.quotes(symbols, ACCOUNT)).toEqual([]);
  });

  const SIZES = { bidSize: '200', askSize: '300' };
  it.each<[string, object, object[]]>([
    ['no quote', { latestQuote: null }, [{ last: '212.35', lastAt: AT, at: AT }]],
    ['no trade', { latestTrade: null }, [{ bid: '212.3', ask: '212.4', ...SIZES, at: AT }]],
    ['neither', { latestQuote: null, latestTrade: null }, []],
    [
      'no sizes',
      { latestQuote: { ...QUOTE, as: null, bs: null } },
      [{ bid: '212.3', ask: '212.4', last: '212.35', lastAt: AT, at: AT }],
    ],
    [
      'no bid',
      { latestQuote: { ...QUOTE, bp: null, bs: null } },
      [{ ask: '212.4', askSize: '300', last: '212.35', lastAt: AT, at: AT }],
    ],
    ['a quote of no time', { latestQuote: { ...QUOTE, t: null } }, [{ last: '212.35', lastAt: AT, at: AT }]],
  ])('with %s', async (_name, changed, expected) => {
    const broker = await alpacaAnswering({ [STOCKS]: { AAPL: { ...SHOWN, ...changed } } });
    const quotes = await broker.quotes(['AAPL'], ACCOUNT);
    expect(quotes).toEqual(expected.map((quote) => ({ symbol: 'AAPL', ...quote })));
  });

  it('that cannot be read hide no other, and are an error when none can be', async () => {
    const unreadable = { latestTrade: { ...TRADE, p: 'high' } };
    const broker = await alpacaAnswering({ [STOCKS]: { AAPL: SHOWN, MSFT: unreadable } });
    expect(await broker.quotes(['AAPL', 'MSFT'], ACCOUNT)).toMatchObject([{ symbol: 'AAPL' }]);
    const changed = await alpacaAnswering({ [STOCKS]: { MSFT: unreadable } });
    await expect(changed.quotes(['AAPL', 'MSFT'], ACCOUNT)).rejects.toThrow(BrokerUnavailable);
  });
});
