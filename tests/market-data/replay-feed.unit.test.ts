import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReplayFeed } from '../../src/market-data/replay-feed.js';
import { quoteOf } from '../../src/matching/event.js';
import { rowTime, steadyRows, writeMarket } from '../support/market-files.js';

const QUOTE = { bid: '99.99', ask: '100.00' };
const AFTER_SPLIT = { bid: '14.27', ask: '14.29' };
const CONTRACT = 'SPY230901P00430000';

const folders: string[] = [];
let feed: ReplayFeed;

async function folder(...parameters: Parameters<typeof writeMarket> extends [string, ...infer Rest] ? Rest : never) {
  const directory = await mkdtemp(join(tmpdir(), 'arbion-replay-'));
  folders.push(directory);
  await writeMarket(directory, ...parameters);
  return directory;
}

beforeAll(async () => {
  feed = await ReplayFeed.open(
    await folder({
      'equity/AAPL': [
        { minute: '2013-10-08T08:00', ...QUOTE },
        { minute: '2013-10-08T13:30', ...QUOTE, last: '100', low: '99', high: '101', bidSize: '300', askSize: '200' },
        { minute: '2013-10-08T13:31', last: '100.5' },
        { minute: '2013-10-08T13:33', ...QUOTE },
        { minute: '2013-10-09T00:00', ...QUOTE },
        { minute: '2013-10-10T13:30', ...QUOTE, last: '102' },
      ],
      'crypto/BTC-USD': steadyRows('2013-10-09T23:58', 4, { bid: '120', ask: '121', last: '120' }),
      [`option/${CONTRACT}`]: [{ minute: '2013-10-08T13:30', bid: '2.25', ask: '2.27' }],
    }),
  );
});

afterAll(async () => {
  await Promise.all(folders.map((directory) => rm(directory, { recursive: true, force: true })));
});

describe('a replay', () => {
  it('knows what is in its folder and starts with the earliest row', () => {
    expect([...feed.symbols()].sort()).toEqual(['AAPL', 'BTC-USD', CONTRACT]);
    expect(feed.knows(CONTRACT)).toBe(true);
    expect(feed.knows('IBM')).toBe(false);
    expect(feed.startsAt).toBe(rowTime('2013-10-08T08:00'));
  });

  it('shows a row from the end of its minute on', async () => {
    expect(await feed.latest('AAPL', feed.startsAt - 1)).toBeUndefined();
    const event = await feed.latest('AAPL', rowTime('2013-10-08T13:30'));
    expect(event && quoteOf(event)).toEqual({
      ...{ symbol: 'AAPL', bid: '99.99', ask: '100', bidSize: '300', askSize: '200', last: '100' },
      at: Date.parse('2013-10-08T13:31:00Z'),
    });
    expect((await feed.latest('AAPL', rowTime('2013-10-08T13:31') - 1))?.at).toBe(rowTime('2013-10-08T13:30'));
  });

  it('quotes nothing in a minute without a quote, and carries the last trade on', async () => {
    const unquoted = await feed.latest('AAPL', rowTime('2013-10-08T13:31'));
    expect(unquoted?.bid).toBeUndefined();
    expect(unquoted?.last?.toString()).toBe('100.5');
    const untraded = await feed.latest('AAPL', rowTime('2013-10-08T13:33'));
    expect(untraded?.low).toBeUndefined();
    expect(untraded?.last?.toString()).toBe('100.5');
    expect((await feed.latest('AAPL', rowTime('2013-10-10T13:29')))?.last?.toString()).toBe('100.5');
  });

  it('gives the events after one time up to another, over the ends of days', async () => {
    const times = (await feed.events('AAPL', rowTime('2013-10-08T13:30'), rowTime('2013-10-10T13:30'))).map(
      ({ at }) => at,
    );
    const minutes = ['2013-10-08T13:31', '2013-10-08T13:33', '2013-10-09T00:00', '2013-10-10T13:30'];
    expect(times).toEqual(minutes.map(rowTime));
    const coins = await feed.events('BTC-USD', rowTime('2013-10-09T23:58'), rowTime('2013-10-10T00:00'));
    expect(coins.map(({ at }) => at)).toEqual([rowTime('2013-10-09T23:59'), rowTime('2013-10-10T00:00')]);
    expect(await feed.events('IBM', 0, Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it.each([
    ['equity', '2013-10-08T08:30', 'pre'],
    ['equity', '2013-10-08T15:00', 'regular'],
    ['equity', '2013-10-09T15:00', 'closed'],
    ['equity', '2013-10-10T13:30', 'regular'],
    ['equity', '2013-10-10T13:32', 'closed'],
    ['crypto', '2013-10-08T15:00', 'closed'],
    ['crypto', '2013-10-09T23:30', 'regular'],
    ['crypto', '2013-10-10T00:03', 'closed'],
    ['option', '2013-10-08T13:30', 'regular'],
    ['option', '2013-10-08T14:30', 'closed'],
  ] as const)('%s at %s: %s', (assetClass, minute, session) => {
    expect(feed.session(assetClass, Date.parse(`${minute}:30Z`))).toBe(session);
  });

  it('refuses a folder without market data, and names the row that cannot be read', async () => {
    const directory = await folder({});
    await expect(ReplayFeed.open(directory)).rejects.toThrow('no market data in');
    await writeMarket(directory, { 'equity/IBM': [{ minute: '2013-10-08T13:30', bid: 'cheap', ask: '1' }] });
    await expect(ReplayFeed.open(directory)).rejects.toThrow(/IBM.*row 1: bid is not a number/);
  });

  it('takes a price of zero for none, and refuses a file with other columns', async () => {
    const zero = await folder({ 'equity/IBM': [{ minute: '2013-10-08T13:30', bid: '0', ask: '0', last: '0' }] });
    const event = await (await ReplayFeed.open(zero)).latest('IBM', rowTime('2013-10-08T13:30'));
    expect([event?.bid, event?.ask, event?.low, event?.last]).toEqual([undefined, undefined, undefined, undefined]);
    await writeFile(join(zero, 'equity/IBM/2013-10-08.csv'), 'minute_utc,bid\n2013-10-08T13:30:00Z,1\n');
    await expect(ReplayFeed.open(zero)).rejects.toThrow('column open is missing');
  });
});

describe('splits', () => {
  const paths = {
    'equity/AAPL': [
      { minute: '2013-10-08T19:59', ...QUOTE, last: '100' },
      { minute: '2013-10-09T08:00', ...AFTER_SPLIT, last: '14.28', open: '100', high: '100' },
      { minute: '2013-10-09T13:30', ...AFTER_SPLIT, last: '14.28' },
      { minute: '2013-10-10T13:30', ...AFTER_SPLIT, last: '14.28' },
    ],
  };
  const jump = rowTime('2013-10-09T08:00');

  it('an announced split comes before the first row of its ex-date', async () => {
    const announced = await folder(paths, [{ symbol: 'AAPL', exDate: '2013-10-09', ratio: '7' }]);
    const replay = await ReplayFeed.open(announced);
    const events = await replay.events('AAPL', rowTime('2013-10-08T19:59'), jump);
    expect(events.map(({ kind }) => kind)).toEqual(['split', 'prices']);
    expect(replay.splits('AAPL', 0, jump)).toEqual([
      { symbol: 'AAPL', ratio: '7', at: Date.parse('2013-10-09T04:00:00Z') },
    ]);
    const event = await replay.latest('AAPL', jump);
    expect(event?.suspectedSplitAt).toBeUndefined();
  });

  it('a jump that looks like one is suspected from its row on, for as long as nobody explains it', async () => {
    const replay = await ReplayFeed.open(await folder(paths));
    const suspicions = await Promise.all(
      ['2013-10-08T19:59', '2013-10-09T08:00', '2013-10-09T13:30', '2013-10-10T13:30'].map(
        async (minute) => (await replay.latest('AAPL', rowTime(minute)))?.suspectedSplitAt,
      ),
    );
    expect(suspicions).toEqual([undefined, jump, jump, jump]);
  });

  it.each([
    ['a fall of 40 %', '60'],
    ['a rise of 20 %', '120'],
    ['a fall of 53.5 %', '46.5'],
  ])('%s over night is a price', async (_, price) => {
    const after = { bid: price, ask: price, last: price };
    const replay = await ReplayFeed.open(
      await folder({
        'equity/AAPL': [
          { minute: '2013-10-08T19:59', ...QUOTE, last: '100' },
          { minute: '2013-10-09T13:30', ...after },
        ],
      }),
    );
    expect((await replay.latest('AAPL', rowTime('2013-10-09T13:30')))?.suspectedSplitAt).toBeUndefined();
  });

  it.each([
    ['two for one, 2.9 % off', '51.4'],
    ['three for two', '66.67'],
    ['one for ten', '1000'],
  ])('%s is suspected', async (_, price) => {
    const replay = await ReplayFeed.open(
      await folder({
        'equity/AAPL': [
          { minute: '2013-10-08T19:59', ...QUOTE, last: '100' },
          { minute: '2013-10-09T13:30', bid: price, ask: price, last: price },
        ],
      }),
    );
    expect((await replay.latest('AAPL', rowTime('2013-10-09T13:30')))?.suspectedSplitAt).toBeDefined();
  });

  it('a fall by half during the day is a price', async () => {
    const replay = await ReplayFeed.open(
      await folder({
        'equity/AAPL': [
          { minute: '2013-10-08T19:59', ...QUOTE, last: '100' },
          { minute: '2013-10-09T13:30', ...QUOTE, last: '100' },
          { minute: '2013-10-09T13:31', bid: '50', ask: '50.1', last: '50' },
        ],
      }),
    );
    expect((await replay.latest('AAPL', rowTime('2013-10-09T13:31')))?.suspectedSplitAt).toBeUndefined();
  });
});
