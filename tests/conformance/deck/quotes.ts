/** What is quoted: a side is there or absent, a price is exact, and its age is never made younger. */
import { expect } from 'vitest';
import type { Quote } from '../../../src/domain/market.js';
import { type Bench, SYMBOLS } from '../bench.js';
import { from, group, NOT_OFFERED } from '../card.js';
import { withQuote } from '../rewritten.js';
import { ACCOUNT } from '../venues.js';

const OPTION_QUOTES = 'F53, of thin options (inv)';

async function quoteOf(bench: Bench, symbol = bench.symbol): Promise<Quote> {
  const [quote] = await bench.broker.quotes([symbol], ACCOUNT);
  if (!quote) throw new Error(`${symbol} is not quoted`);
  return quote;
}

/** The quote with these sides, which it has or has not. */
async function shown(bench: Bench, bid: string | null, ask: string | null): Promise<Quote | undefined> {
  const broker = await withQuote(bench, { bid, ask });
  const [quote] = await broker.quotes([bench.symbol], ACCOUNT);
  return quote;
}

export const quotes = group('quotes', 'F53', {
  'a bid of nought is no bid': from('W16, Alpaca’s `bp: 0` (market data reference)', async (bench) => {
    const quote = await shown(bench, '0', '150');
    expect(quote).toMatchObject({ ask: '150' });
    expect(quote).not.toHaveProperty('bid');
    return undefined;
  }),
  'an ask of nought is no ask': from('W16, Alpaca’s `ap: 0` (market data reference)', async (bench) => {
    const quote = await shown(bench, '149.9', '0');
    expect(quote).toMatchObject({ bid: '149.9' });
    expect(quote).not.toHaveProperty('ask');
    return undefined;
  }),
  'a side that is null or an empty list is absent': from('W7, W16 (tests of public clients)', async (bench) => {
    const quote = await shown(bench, null, '150');
    expect(quote).toMatchObject({ ask: '150' });
    expect(quote).not.toHaveProperty('bid');
    return undefined;
  }),
  'a quote of neither side shows the last trade at most': from(OPTION_QUOTES, async (bench) => {
    const quote = await shown(bench, null, null);
    expect(quote).not.toHaveProperty('bid');
    expect(quote).not.toHaveProperty('ask');
    if (quote) expect(quote).toMatchObject({ last: '149.95' });
    return undefined;
  }),
  'a wide quote is shown as it is': from(OPTION_QUOTES, async (bench) => {
    await bench.market('100', '200');
    expect(await quoteOf(bench)).toMatchObject({ bid: '100', ask: '200', last: '100' });
    return undefined;
  }),
  'a crossed quote is shown as it is': async (bench) => {
    expect(await shown(bench, '151', '150')).toMatchObject({ bid: '151', ask: '150' });
    return undefined;
  },
  'prices of eight decimals are exact': from('W17 (products of 1e-8)', async (bench) => {
    expect(await shown(bench, '0.00001234', '0.00001235')).toMatchObject({ bid: '0.00001234', ask: '0.00001235' });
    return undefined;
  }),
  'the last trade is shown beside a quote that has moved away from it': async (bench) => {
    bench.advance(600);
    await bench.simulator.market(bench.symbol, '120', '120.1');
    expect(await quoteOf(bench)).toMatchObject({ bid: '120', ask: '120.1', last: '149.95' });
    return undefined;
  },
  'when the last trade was is shown where the broker shows it, and never later than the quote': from(
    'Schwab’s `tradeTime`, Alpaca’s `latestTrade.t` (their references)',
    async (bench) => {
      bench.advance(30);
      await bench.market('149', '149.1');
      const { at, lastAt } = await quoteOf(bench);
      if (lastAt === undefined) return 'not shown';
      expect(lastAt).toBeLessThanOrEqual(at);
      expect(Math.abs(lastAt - bench.now)).toBeLessThan(1_000);
      return undefined;
    },
  ),
  'a halted symbol is quoted as halted where the broker says so': from(
    'F50; Schwab’s `securityStatus`, Coinbase’s `trading_disabled` (their references)',
    async (bench) => {
      expect(await quoteOf(bench)).not.toHaveProperty('halted');
      await bench.simulator.fault('halt', '*', { count: 1, match: { symbol: bench.symbol } });
      const { halted } = await quoteOf(bench);
      await bench.simulator.fault('resume', '*', { count: 1, match: { symbol: bench.symbol } });
      expect(await quoteOf(bench)).not.toHaveProperty('halted');
      return halted ? undefined : 'not shown';
    },
  ),
  'a halt of another symbol is none of ours': from('F50', async (bench) => {
    await bench.simulator.fault('halt', '*', { count: 1, match: { symbol: 'SPY' } });
    expect(await quoteOf(bench)).not.toHaveProperty('halted');
    return undefined;
  }),
  'shares with a class are quoted by our name for them': from('W3 (BRK/B, four code bases)', async (bench) => {
    await bench.simulator.market('BRK.B', '480.1', '480.3', { last: '480.2' });
    if (bench.assetClass === 'crypto') return NOT_OFFERED;
    expect(await quoteOf(bench, 'BRK.B')).toMatchObject({ symbol: 'BRK.B', bid: '480.1', ask: '480.3' });
    return undefined;
  }),
  'an option is quoted by our name for it': from('OCC symbols; E*TRADE’s `AAPL:2026:6:18:CALL:210`', async (bench) => {
    if (bench.assetClass === 'crypto') return NOT_OFFERED;
    expect(await quoteOf(bench, SYMBOLS.option)).toMatchObject({ symbol: SYMBOLS.option, bid: '6.4', ask: '6.5' });
    return undefined;
  }),
  'sixty symbols are quoted at once, each by its own prices': from(
    'E*TRADE: 50 symbols a call (market API v1)',
    async (bench) => {
      const end = bench.assetClass === 'crypto' ? '-USD' : '';
      const letters = [...'ABCDEFGHIJ'];
      const names = letters.slice(0, 6).flatMap((one) => letters.map((two) => `Q${one}${two}${end}`));
      for (const [index, name] of names.entries()) await bench.simulator.market(name, `${index + 1}`, `${index + 2}`);
      const found = await bench.broker.quotes(names, ACCOUNT);
      expect(new Map(found.map(({ symbol, bid }) => [symbol, bid]))).toEqual(
        new Map(names.map((name, index) => [name, String(index + 1)])),
      );
      return undefined;
    },
  ),
});
