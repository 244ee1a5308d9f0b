/** The whole path of a trade, from the entry until nothing is held, through what once left shares behind at a live broker. */
import { expect } from 'vitest';
import type { TradeView } from '../../src/domain/trade/view.js';
import { stopType } from '../support/expected.js';
import type { PriceRow } from '../support/market-files.js';
import { aapl, at, day, minute } from '../support/prices.js';
import { group, type Scenario } from '../support/scenario.js';

const me = { by: 'a trader' };
const isProtected = ({ stopKind }: TradeView) => stopKind === 'broker';
const isClosed = ({ status }: TradeView) => status === 'closed';

async function expectFlat(s: Scenario): Promise<void> {
  const { positions, orders } = await s.ledger();
  const held = positions.filter(({ quantity }) => quantity !== '0');
  expect(held).toEqual([]);
  expect(orders.filter(({ status }) => ['submitted', 'working', 'partially_filled'].includes(status))).toEqual([]);
}

export const wholePath = group('the whole path', (scenario) => {
  scenario(
    'opened with a stop and closed: the stop is cancelled, nothing is held',
    { prices: aapl(at('150')) },
    async (s) => {
      const trade = await s.start();
      await s.until(trade, isProtected);
      await s.trades.close(trade.id, me);
      expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'manual', openQuantity: '0' });
      const record = await s.record(trade);
      expect(record.only('stop')).toMatchObject({ type: stopType(s), status: 'cancelled', filledQuantity: '0' });
      expect(record.exited).toBe('10');
      await expectFlat(s);
    },
  );

  scenario('opened with a stop and cancelled: flat as well', { prices: aapl(at('150')) }, async (s) => {
    const trade = await s.start();
    await s.until(trade, isProtected);
    await s.trades.cancel(trade.id, me);
    await s.until(trade, ({ openQuantity, status }) => openQuantity === '0' && status !== 'open');
    expect((await s.record(trade)).only('stop')).toMatchObject({ status: 'cancelled' });
    await expectFlat(s);
  });
});

const SPLIT_DAY = '2013-10-09';

function overnight(before: string, after: string): PriceRow[] {
  return [
    { minute: minute(0), ...at(before) },
    { minute: '2013-10-08T19:57', ...at(before) },
    { minute: `${SPLIT_DAY}T13:30`, ...at(after) },
    { minute: `${SPLIT_DAY}T13:45`, ...at(after) },
    { minute: `${SPLIT_DAY}T19:30`, ...at(after) },
  ];
}

async function throughTheNight(s: Scenario): Promise<TradeView> {
  const trade = await s.start();
  await s.until(trade, isProtected);
  await s.moveOn(trade, '2013-10-08T19:57');
  for (const when of [`${SPLIT_DAY}T13:30`, `${SPLIT_DAY}T13:45`]) await s.moveOn(trade, when);
  return s.look(trade);
}

export const splitOvernight = group('a split overnight, which the broker does not announce', (scenario) => {
  const forward = {
    prices: { 'equity/AAPL': overnight('150', '75') },
    splits: [{ symbol: 'AAPL', exDate: SPLIT_DAY, ratio: '2' }],
  };
  scenario('two for one: twice the shares under the stop that the broker converted', forward, async (s) => {
    const trade = await throughTheNight(s);
    expect(trade).toMatchObject({ status: 'open', openQuantity: '20', averageFillPrice: '75', stopPrice: '71.25' });
    expect((await s.record(trade)).working()).toMatchObject([{ quantity: '20', stopPrice: '71.25' }]);
    expect((await s.record(trade)).of('stop')).toHaveLength(1);
    await s.trades.close(trade.id, me);
    expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'manual', realizedPnl: '0' });
    await expectFlat(s);
  });

  const reverse = {
    prices: { 'equity/AAPL': overnight('150', '750') },
    splits: [{ symbol: 'AAPL', exDate: SPLIT_DAY, ratio: '0.2' }],
  };
  scenario('one for five: the stop that the broker cancelled is put back', reverse, async (s) => {
    const trade = await throughTheNight(s);
    await s.until(trade, isProtected);
    expect(await s.look(trade)).toMatchObject({ status: 'open', openQuantity: '2', stopPrice: '712.5' });
    expect((await s.record(trade)).working()).toMatchObject([{ quantity: '2', stopPrice: '712.5' }]);
    await s.trades.close(trade.id, me);
    expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'manual', realizedPnl: '0' });
    await expectFlat(s);
  });
});

/** Alpaca refuses what could meet an opposite order; the others refuse to sell short what is held. */
export const oppositeTrades = group('two trades of opposite direction in one symbol', (scenario) => {
  scenario('the second is refused, and the first ends flat', { prices: aapl(at('150')) }, async (s) => {
    const long = await s.start();
    await s.until(long, isProtected);
    const short = await s.start({ side: 'sell_short' });
    const code = s.can.refusesOpposite ? 'opposite_order_working' : 'refused';
    // Schwab's words of the refusal are listed nowhere: the order must be absent for a while before it counts as refused.
    const refused = await s.until(short, ({ status }) => status === 'rejected', 150_000);
    expect(refused).toMatchObject({ reason: { code } });
    expect(await s.look(long)).toMatchObject({ status: 'open', stopKind: 'broker' });
    await s.trades.close(long.id, me);
    await s.until(long, isClosed);
    await expectFlat(s);
  });
});

/** Its class's grid of prices: ten percent below 4.20 lies at 3.78. */
const CONTRACTS = [
  ['in cents', 'SPY131018P00165000', '3.78'],
  ['in the penny programme', 'AAPL131018P00480000', '3.75'],
  ['of neither', 'CRDO131018P00015000', '3.7'],
] as const;

export const optionStops = group('an option at 4.20 with a stop ten percent below', (scenario) => {
  for (const [what, symbol, stopPrice] of CONTRACTS) {
    const prices = { [`option/${symbol}`]: day([at('4.20'), at('4.20')]) };
    scenario(
      `${what}: the stop is taken at once, nothing is sold`,
      { prices, limits: { perTrade: '2000' } },
      async (s) => {
        const option = { symbol, assetClass: 'option', quantity: '2', stopLoss: { percent: '10' } } as const;
        const trade = await s.start(option);
        if (s.can.orderTypes.option.length === 0) {
          expect(trade).toMatchObject({ status: 'rejected' });
          return;
        }
        const open = await s.until(trade, isProtected);
        expect(open).toMatchObject({ status: 'open', stopPrice, openQuantity: '2' });
        expect(await s.moveOn(trade, 1)).toMatchObject({ status: 'open', openQuantity: '2' });
        const record = await s.record(trade);
        expect(record.only('stop')).toMatchObject({ status: 'working', stopPrice });
        expect(record.exited).toBe('0');
      },
    );
  }
});
