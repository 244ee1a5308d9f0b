/** What is peculiar to options: the grid of their class, the hours of their last day, their names in lists. */
import { expect } from 'vitest';
import { type Bench, type Change, SYMBOLS } from '../bench.js';
import { type Card, from, group, ifOffered, NOT_OFFERED, type Remark } from '../card.js';
import { ACCOUNT } from '../venues.js';

/** Three in the afternoon is five hours after the clock's start. */
const MINUTES_TO_CLOSE = 6 * 60;

interface Grid {
  what: string;
  symbol: string;
  asked: string;
  bought: string;
  sold: string;
  source: string;
}

const PENNY = 'Penny Interval Program (Cboe’s Penny Tick Type Report)';
const EVERYWHERE = 'Cboe Rule 5.4(a)';
const GRIDS: readonly Grid[] = [
  {
    what: 'of the penny programme below three',
    symbol: 'AAPL260618C00300000',
    asked: '1.234',
    bought: '1.23',
    sold: '1.24',
    source: PENNY,
  },
  {
    what: 'of the penny programme from three on',
    symbol: 'AAPL260618C00220000',
    asked: '5.03',
    bought: '5',
    sold: '5.05',
    source: PENNY,
  },
  {
    what: 'that is quoted in cents at every price',
    symbol: 'SPY260618C00500000',
    asked: '12.345',
    bought: '12.34',
    sold: '12.35',
    source: EVERYWHERE,
  },
  {
    what: 'of a class that nobody knows, below three',
    symbol: 'ZION260618C00060000',
    asked: '1.23',
    bought: '1.2',
    sold: '1.25',
    source: 'W6; Cboe Rule 5.4(a), the coarse grid',
  },
  {
    what: 'of a class that nobody knows, from three on',
    symbol: 'ZION260618C00050000',
    asked: '5.07',
    bought: '5',
    sold: '5.1',
    source: 'W6; Cboe Rule 5.4(a), the coarse grid',
  },
];

/** A purchase far below the market and a sale far above it, each between two steps. */
async function onGrid(bench: Bench, { symbol, asked, bought }: Grid): Promise<Remark> {
  await bench.simulator.market(symbol, '40', '41', { last: '40' });
  const entry = bench.entry({ symbol, assetClass: 'option', quantity: '2', timeInForce: 'day', limitPrice: asked });
  return ifOffered(bench, entry, async ({ limitPrice }) => {
    expect(limitPrice).toBe(bought);
    expect(await bench.ledger()).toMatchObject([{ symbol, limitPrice: bought }]);
    return undefined;
  });
}

/** Of a contract that is bought first. */
async function exitOnGrid(bench: Bench, { symbol, asked, sold }: Grid): Promise<Remark> {
  await bench.simulator.market(symbol, '0.5', '0.55', { last: '0.5' });
  const option = { symbol, assetClass: 'option', quantity: '2' } as const;
  return ifOffered(bench, bench.marketEntry(option), async () => {
    const exit = await bench.placed(bench.exit({ ...option, type: 'limit', limitPrice: asked }));
    expect(exit.limitPrice).toBe(sold);
    expect((await bench.ledger()).at(-1)).toMatchObject({ symbol, limitPrice: sold });
    return undefined;
  });
}

const purchases = GRIDS.map((grid) => {
  const card = from(grid.source, (bench: Bench) => onGrid(bench, grid));
  return [`an option ${grid.what} is bought at a price of its grid, never above what was asked`, card] as const;
});
const sales = GRIDS.map((grid) => {
  const card = from(grid.source, (bench: Bench) => exitOnGrid(bench, grid));
  return [`an option ${grid.what} is sold at a price of its grid, never below what was asked`, card] as const;
});

interface Hours {
  what: string;
  symbol: string;
  /** minutes after ten in the morning of 3 March 2026, a Tuesday */
  minutes: number;
  session: 'regular' | 'closed';
  source: string;
}

const LISTS = 'Firstrade’s list of 2026-02-10, Nasdaq’s “Options Market Hours”';
const HOURS: readonly Hours[] = [
  {
    what: 'an option on a share is closed at 16:05',
    symbol: 'AAPL260618C00220000',
    minutes: 5,
    session: 'closed',
    source: 'Cboe Rule 5.1',
  },
  {
    what: 'an option on a broad fund trades at 16:10',
    symbol: 'SPY260618C00500000',
    minutes: 10,
    session: 'regular',
    source: LISTS,
  },
  {
    what: 'an option on a broad fund is closed at 16:15',
    symbol: 'SPY260618C00500000',
    minutes: 15,
    session: 'closed',
    source: LISTS,
  },
  {
    what: 'a PM option of an index trades at 16:10 before its last day',
    symbol: 'SPXW260304C06000000',
    minutes: 10,
    session: 'regular',
    source: 'Cboe Rule 5.1(b)(2)(C)',
  },
  {
    what: 'a PM option of an index is closed at 16:05 on its last day',
    symbol: 'SPXW260303C06000000',
    minutes: 5,
    session: 'closed',
    source: 'Cboe Rule 5.1(b)(2)(C)',
  },
  {
    what: 'an AM option of an index is over on the day of its expiry',
    symbol: 'SPX260303C06000000',
    minutes: -120,
    session: 'closed',
    source: 'tastytrade’s specifications (43000435289)',
  },
  {
    what: 'an AM option of an index trades on the day before its expiry',
    symbol: 'SPX260304C06000000',
    minutes: -120,
    session: 'regular',
    source: 'tastytrade’s specifications (43000435289)',
  },
];

const hours = HOURS.map(({ what, symbol, minutes, session, source }) => {
  const play: Card['play'] = async (bench) => {
    if (bench.capabilities.orderTypes.option.length === 0) return NOT_OFFERED;
    await bench.simulator.market(symbol, '6.4', '6.5', { last: '6.45' });
    bench.advance((MINUTES_TO_CLOSE + minutes) * 60);
    expect(await bench.broker.look(ACCOUNT, symbol, 'option', [], 0)).toMatchObject({ session, position: '0' });
    return undefined;
  };
  return [`a look shows that ${what}`, from(source, play)] as const;
});

/** An order for two contracts. */
const contracts = (change: Change = {}): Change => ({
  ...{ symbol: SYMBOLS.option, assetClass: 'option', quantity: '2', timeInForce: 'day' },
  ...change,
});

export const options = group('options', 'W11, W14; OCC symbols in the brokers’ references', {
  ...Object.fromEntries([...purchases, ...sales, ...hours]),
  'a stop for an option lives to the end of its day at least': from('W11 (Alpaca’s users)', (bench) => {
    const stop = bench.stop(contracts({ type: 'stop', stopPrice: '5' }));
    return ifOffered(bench, stop, async ({ orderId }) => {
      bench.advance(5 * 3_600);
      expect(await bench.order(orderId)).toMatchObject({ status: 'working', filledQuantity: '0' });
      bench.advance(5 * 3_600);
      expect(await bench.order(orderId)).toMatchObject({ status: 'expired' });
      return undefined;
    });
  }),
  'an order for an option whose answer is lost is found by the contract, and exists once': async (bench) => {
    const other = bench.entry(contracts({ symbol: 'AAPL260618C00220000', limitPrice: '5' }));
    await bench.simulator.market('AAPL260618C00220000', '6.4', '6.5', { last: '6.45' });
    return ifOffered(bench, other, async (theirs) => {
      await bench.fault('timeout_after', 'place_entry');
      const ours = await bench.placed(bench.entry(contracts({ limitPrice: '5' })));
      expect(ours.symbol).toBe(SYMBOLS.option);
      expect(await bench.ledger()).toMatchObject([{ orderId: theirs.orderId }, { orderId: ours.orderId }]);
      return undefined;
    });
  },
  'what is held of an option and of its share are two positions': (bench) =>
    ifOffered(bench, bench.marketEntry(contracts()), async () => {
      const { rows } = await bench.broker.positions(ACCOUNT);
      expect(rows).toContainEqual(expect.objectContaining({ symbol: SYMBOLS.option, quantity: '102' }));
      expect(rows).toContainEqual(expect.objectContaining({ symbol: SYMBOLS.equity, quantity: '100' }));
      const look = await bench.broker.look(ACCOUNT, SYMBOLS.option, 'option', [], 0);
      expect(look).toMatchObject({ position: '102', quote: { symbol: SYMBOLS.option } });
      return undefined;
    }),
});
