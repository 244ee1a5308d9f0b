/** What the trader decides beforehand: for a cancel, for a stop that cannot be, for the other side of the market. */
import { expect } from 'vitest';
import { aapl, at } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';
import type { PlainRequest } from '../support/trading.js';

const isProtected = ({ stopKind }: { stopKind: string | null }) => stopKind === 'broker';
const isClosed = ({ status }: { status: string }) => status === 'closed';
const me = { by: 'a trader' };

async function openPosition(s: Scenario, request: PlainRequest = {}) {
  const trade = await s.start(request);
  return s.until(trade, (view) => view.status === 'open' && isProtected(view));
}

scenarios('a cancel with 4 of 10 filled', (scenario) => {
  const fourOfTen = { prices: aapl(at('150', { askSize: '4' }), at('150'), at('142')) };
  const partlyFilled = async (s: Scenario, request: PlainRequest) => {
    const trade = await s.start(request);
    return s.until(trade, isProtected);
  };

  scenario('and onCancel flatten: the rest is cancelled, then the stop, then 4 are sold', fourOfTen, async (s) => {
    const trade = await partlyFilled(s, { onCancel: 'flatten' });
    await s.trades.cancel(trade.id, me);
    expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'cancel', filledQuantity: '4' });
    const done = s.faults.calls.filter(({ operation }) => operation === 'cancel' || operation === 'place').slice(2);
    expect(done.map(({ operation, leg }) => `${operation} ${leg}`)).toEqual([
      'cancel entry',
      'cancel stop',
      'place exit',
    ]);
  });

  scenario(
    'and onCancel keep_stop: the rest is cancelled, 4 stay guarded; cancelled again, nothing changes',
    fourOfTen,
    async (s) => {
      const trade = await partlyFilled(s, { onCancel: 'keep_stop' });
      await s.trades.cancel(trade.id, me);
      const open = await s.until(trade, ({ status }) => status === 'open');
      expect(open).toMatchObject({ openQuantity: '4', remainingQuantity: '0', stopKind: 'broker' });
      const writes = s.faults.writes;
      await s.trades.cancel(trade.id, me);
      expect(await s.moveOn(trade, 1)).toMatchObject({ status: 'open', openQuantity: '4' });
      expect(s.faults.writes).toBe(writes);

      await s.moveOn(trade, 2);
      expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'stop', exitPrice: '142' });
    },
  );

  scenario('twice, and closed as well: got out of once', fourOfTen, async (s) => {
    const trade = await partlyFilled(s, {});
    await Promise.all([s.trades.cancel(trade.id, me), s.trades.cancel(trade.id, me), s.trades.close(trade.id, me)]);
    await s.until(trade, isClosed);
    expect((await s.record(trade)).exited).toBe('4');
    await s.client.workflow.getHandle(trade.workflowId).result();
    await expect(s.trades.cancel(trade.id, me)).rejects.toMatchObject({ kind: 'invalid-state' });
  });
});

scenarios('where a stop cannot rest beside the working entry', (scenario) => {
  const fourThenSix = {
    prices: aapl(at('150', { askSize: '4' }), at('150')),
    capabilities: { stopBesideEntry: false },
  };
  scenario('the monitor guards what is filled until the entry has ended', fourThenSix, async (s) => {
    const trade = await s.start({ onPartialFill: 'emulate' });
    const partly = await s.until(trade, ({ filledQuantity }) => filledQuantity === '4');
    expect(partly).toMatchObject({ status: 'partially_filled', stopKind: 'emulated' });
    expect(s.faults.sent('place', 'stop')).toBe(0);
    expect(await s.moveOn(trade, 1)).toMatchObject({ status: 'open', stopKind: 'broker' });
    expect((await s.record(trade)).working()).toMatchObject([{ type: 'stop', quantity: '10' }]);
  });

  scenario('or the rest of the entry is given up for it', fourThenSix, async (s) => {
    const trade = await s.start({ onPartialFill: 'cancel_rest' });
    const open = await s.until(trade, isProtected);
    expect(open).toMatchObject({ status: 'open', filledQuantity: '4', remainingQuantity: '0' });
    expect((await s.record(trade)).working()).toMatchObject([{ type: 'stop', quantity: '4' }]);
  });
});

scenarios('where the broker has no stops', (scenario) => {
  const noStops = { orderTypes: { equity: ['market', 'limit'], option: [], crypto: [] } } as const;
  const falling = { prices: aapl(at('150'), at('142.51'), at('142.50')), capabilities: noStops };
  scenario('the monitor sells at the first good quote at the stop', falling, async (s) => {
    const trade = await s.start();
    await s.until(trade, ({ stopKind }) => stopKind === 'emulated');
    expect(await s.moveOn(trade, 1)).toMatchObject({ status: 'open', stopPrice: '142.5', stopOrderId: null });
    await s.moveOn(trade, 2);
    expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'stop', exitPrice: '142.5' });
    expect(s.faults.sent('place', 'stop')).toBe(0);
  });
});

scenarios('a short', (scenario) => {
  const short = { side: 'sell_short' } as const;

  scenario(
    'has its stop above, and buys back there',
    { prices: aapl(at('150'), at('157.49'), at('158')) },
    async (s) => {
      const trade = await openPosition(s, short);
      const record = await s.record(trade);
      expect(record.only('entry')).toMatchObject({ side: 'sell_short', filledQuantity: '10' });
      expect(record.working()).toMatchObject([
        { side: 'buy_to_cover', type: 'stop', stopPrice: '157.5', quantity: '10' },
      ]);
      expect(await s.moveOn(trade, 1)).toMatchObject({ status: 'open', unrealizedPnl: '-74.9' });
      await s.moveOn(trade, 2);
      expect(await s.until(trade, isClosed)).toMatchObject({
        exitReason: 'stop',
        exitPrice: '158',
        realizedPnl: '-80',
      });
    },
  );

  scenario('has its target below', { prices: aapl(at('150'), at('135.01'), at('135')) }, async (s) => {
    const trade = await openPosition(s, { ...short, takeProfit: { percent: '10' } });
    expect(await s.moveOn(trade, 1)).toMatchObject({ status: 'open', takeProfitPrice: '135' });
    await s.moveOn(trade, 2);
    expect(await s.until(trade, isClosed)).toMatchObject({
      exitReason: 'target',
      exitPrice: '135',
      realizedPnl: '150',
    });
  });

  scenario('trails downwards', { prices: aapl(at('150'), at('140'), at('144'), at('147')) }, async (s) => {
    const trade = await openPosition(s, { ...short, stopLoss: { trailPercent: '5' } });
    const stops = [trade.stopPrice];
    for (const minute of [1, 2]) stops.push((await s.moveOn(trade, minute)).stopPrice);
    expect(stops).toEqual(['157.5', '147', '147']);
    await s.moveOn(trade, 3);
    expect(await s.until(trade, isClosed)).toMatchObject({
      exitReason: 'trailing',
      exitPrice: '147',
      realizedPnl: '30',
    });
  });

  const quotedAbove = (price: string, highest: string) => ({ bid: price, ask: price, last: highest });
  const unseen = aapl(at('150'), quotedAbove('160', '157'), quotedAbove('160', '157'));
  scenario('whose breach the broker does not see is bought back by us, once', { prices: unseen }, async (s) => {
    const trade = await openPosition(s, short);
    await s.moveOn(trade, 1);
    await s.moveOn(trade, 2);
    expect(await s.until(trade, isClosed)).toMatchObject({ exitReason: 'stop', exitPrice: '160', realizedPnl: '-100' });
    const record = await s.record(trade);
    expect(record.only('exit')).toMatchObject({ side: 'buy_to_cover', filledQuantity: '10' });
    expect(record.only('stop')).toMatchObject({ status: 'cancelled' });
  });
});
