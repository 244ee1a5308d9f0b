import { expect } from 'vitest';
import { heldOf } from '../support/broker-record.js';
import { aapl, at, quotedBelow } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';
import type { PlainRequest } from '../support/trading.js';

const isProtected = ({ stopKind }: { stopKind: string | null }) => stopKind === 'broker';

async function openPosition(s: Scenario, request: PlainRequest = {}) {
  const trade = await s.start(request);
  return s.until(trade, (view) => view.status === 'open' && isProtected(view));
}

async function closedTrade(s: Scenario, trade: Parameters<Scenario['until']>[0]) {
  return s.until(trade, ({ status }) => status === 'closed', 30_000);
}

scenarios('the stop of a position that grows', (scenario) => {
  const oneByOne = aapl(...Array.from({ length: 10 }, () => at('150', { askSize: '1' })));
  scenario('ten fills of one share: after each, one stop for what is filled', { prices: oneByOne }, async (s) => {
    const trade = await s.start({ quantity: '10' });
    await s.until(trade, isProtected);
    for (let filled = 1; ; filled++) {
      const record = await s.record(trade);
      expect(record.entered).toBe(`${filled}`);
      expect(record.working('stop').map(({ quantity }) => quantity)).toEqual([`${filled}`]);
      if (filled === 10) break;
      await s.moveOn(trade, filled);
    }
    expect(s.faults.sent('place', 'stop')).toBe(10);
    expect(s.faults.sent('cancel', 'stop')).toBe(9);
  });

  const growing = aapl(at('150', { askSize: '4' }), at('150'), at('150'));
  scenario(
    'the answer to a change of the stop is lost: it is looked for, not sent again',
    { prices: growing },
    async (s) => {
      const trade = await s.start({ quantity: '10' });
      await s.until(trade, isProtected);
      s.faults.add({ on: 'place', leg: 'stop', kind: 'answer_lost' });
      s.faults.add({ on: 'find', leg: 'stop', kind: 'hidden' });
      await s.moveOn(trade, 1);
      await s.moveOn(trade, 2);
      await s.until(trade, (view) => view.status === 'open' && isProtected(view) && view.stopOrderId === '3');
      expect(s.faults.sent('place', 'stop')).toBe(2);
      expect((await s.record(trade)).working('stop')).toMatchObject([{ quantity: '10' }]);
    },
  );
});

scenarios('a stop that cannot be placed', (scenario) => {
  const falling = aapl(at('150'), at('141'));
  scenario(
    'the market is through it already: the position is sold at once, and an alert is raised',
    { prices: falling },
    async (s) => {
      s.faults.add({ on: 'place', leg: 'stop', kind: 'none', meanwhile: () => s.goTo(1) });
      const trade = await s.start();
      const closed = await closedTrade(s, trade);

      expect(closed).toMatchObject({ exitReason: 'stop', exitPrice: '141', realizedPnl: '-90' });
      expect(Number(closed.unprotectedSeconds)).toBeLessThan(10);
      expect(await s.alerts(trade)).toEqual([{ severity: 1, code: 'stop_refused' }]);
      expect(s.faults.sent('place', 'stop')).toBe(1);
    },
  );

  const REFUSED = { code: 'invalid_order', message: 'by plan' } as const;
  const oneRefusal = { on: 'place', leg: 'stop', kind: 'refused', refusal: REFUSED } as const;

  scenario('refused once: one corrected try, as a plain stop', { prices: aapl(at('150')) }, async (s) => {
    s.faults.add({ ...oneRefusal });
    const open = await openPosition(s, { stopLoss: { percent: '5', limitOffset: '0.50' } });
    const stop = (await s.record(open)).only('stop');
    expect(stop).toMatchObject({ type: 'stop', stopPrice: '142.5', status: 'working' });
    expect(s.faults.sent('place', 'stop')).toBe(2);
    expect(await s.alerts(open)).toEqual([]);
  });

  const toTheStop = aapl(at('150'), at('142.51'), quotedBelow('142.50', '149'));
  scenario(
    'refused twice with onUnprotected emulate: the monitor holds it and sells at the stop',
    { prices: toTheStop },
    async (s) => {
      s.faults.add({ ...oneRefusal, times: 2 });
      const trade = await s.start({ onUnprotected: 'emulate' });
      const watched = await s.until(trade, ({ stopKind }) => stopKind === 'emulated');
      expect(watched).toMatchObject({ status: 'open', stopPrice: '142.5', stopOrderId: null });
      expect(await s.alerts(trade)).toEqual([{ severity: 1, code: 'stop_refused' }]);

      expect(await s.moveOn(trade, 1)).toMatchObject({ status: 'open' });
      await s.goTo(2);
      await s.trades.hint(trade.id, 'priceEvent');
      expect(await closedTrade(s, trade)).toMatchObject({ exitReason: 'stop', exitPrice: '142.5' });
      expect(s.faults.sent('place', 'stop')).toBe(2);
    },
  );

  scenario('its answer is lost: it is found and adopted', { prices: aapl(at('150')) }, async (s) => {
    s.faults.add({ on: 'place', leg: 'stop', kind: 'answer_lost' });
    const open = await openPosition(s);
    expect((await s.record(open)).only('stop')).toMatchObject({ orderId: open.stopOrderId, status: 'working' });
    expect(s.faults.sent('place', 'stop')).toBe(1);
    expect(Number(open.unprotectedSeconds)).toBeLessThan(10);
  });

  const shortWindow = { prices: aapl(at('150'), at('149')), capabilities: { settleWindowMs: 3_000 } };
  scenario(
    'it never arrived: looked for until the window is over, then sent once more, and nothing sold',
    shortWindow,
    async (s) => {
      s.faults.add({ on: 'place', leg: 'stop', kind: 'request_lost' });
      const trade = await s.start();
      await s.until(trade, ({ status }) => status === 'open');
      expect(await s.moveOn(trade, 1)).toMatchObject({ status: 'open', stopKind: 'emulated' });

      const open = await s.until(trade, isProtected, 30_000);
      expect(s.faults.sent('place', 'stop')).toBe(2);
      expect(s.faults.sent('find', 'stop')).toBeGreaterThanOrEqual(4);
      const stops = await s.database.prisma.order.findMany({ where: { leg: 'stop' } });
      expect(stops).toMatchObject([{ generation: 1, sends: 2, intent: 'ACKED' }]);
      expect((await s.record(trade)).only('stop')).toMatchObject({ quantity: '10', orderId: open.stopOrderId });
      expect(Number(open.unprotectedSeconds)).toBeGreaterThan(10);
      expect(await s.alerts(trade)).toEqual([{ severity: 1, code: 'unprotected' }]);
    },
  );
});

scenarios('a breach', (scenario) => {
  const falls = aapl(at('150'), at('141.90'));
  scenario('that the stop at the broker meets: sold there, once', { prices: falls }, async (s) => {
    const trade = await openPosition(s);
    await s.moveOn(trade, 1);
    expect(await closedTrade(s, trade)).toMatchObject({ exitReason: 'stop', exitPrice: '141.9' });
    expect((await s.record(trade)).of('exit')).toEqual([]);
    expect(s.faults.sent('cancel')).toBe(0);
  });

  const quotesOnly = aapl(
    at('150'),
    quotedBelow('140', '143'),
    at('145'),
    quotedBelow('140', '143'),
    quotedBelow('139.90', '143'),
  );
  scenario(
    'that the broker does not see: sold by us after two good quotes, the stop taken back first',
    { prices: quotesOnly },
    async (s) => {
      const trade = await openPosition(s);
      const writes = s.faults.writes;
      await s.moveOn(trade, 1);
      await s.moveOn(trade, 2);
      await s.moveOn(trade, 3);
      expect(await s.look(trade)).toMatchObject({ status: 'open', stopKind: 'broker' });
      expect(s.faults.writes).toBe(writes);

      await s.goTo(4);
      await s.trades.hint(trade.id, 'priceEvent');
      expect(await closedTrade(s, trade)).toMatchObject({ exitReason: 'stop', exitPrice: '139.9' });
      const record = await s.record(trade);
      expect(record.only('stop')).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
      expect(record.exited).toBe('10');
    },
  );

  const jumped = aapl(at('150'), { bid: '140', ask: '140', last: '142' });
  scenario('that jumps over the limit of the stop: taken back and sold at once', { prices: jumped }, async (s) => {
    const trade = await openPosition(s, { stopLoss: { percent: '5', limitOffset: '0.10' } });
    expect((await s.record(trade)).only('stop')).toMatchObject({
      type: 'stop_limit',
      stopPrice: '142.5',
      limitPrice: '142.4',
    });
    await s.goTo(1);
    await s.trades.hint(trade.id, 'priceEvent');
    expect(await closedTrade(s, trade)).toMatchObject({ exitReason: 'stop', exitPrice: '140', realizedPnl: '-100' });
    const record = await s.record(trade);
    expect(record.only('stop')).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    expect(record.exited).toBe('10');
  });

  const thinBid = aapl(at('150'), at('142', { bidSize: '4' }), at('141.90'));
  scenario(
    'met in part when the trade is cancelled: the rest of the stop taken back, the rest sold',
    { prices: thinBid },
    async (s) => {
      const trade = await openPosition(s);
      const partly = await s.moveOn(trade, 1);
      expect(partly).toMatchObject({ openQuantity: '6', status: 'open' });

      await s.trades.cancel(trade.id, { by: 'a trader' });
      await expect.poll(async () => (await s.record(trade)).of('exit').length, { timeout: 15_000 }).toBe(1);
      await s.goTo(2);
      const closed = await closedTrade(s, trade);
      expect(closed).toMatchObject({ exitReason: 'cancel', realizedPnl: '-80.6' });
      const record = await s.record(trade);
      expect(record.only('stop')).toMatchObject({ status: 'cancelled', filledQuantity: '4' });
      expect(record.only('exit')).toMatchObject({ quantity: '6', filledQuantity: '6' });
      expect(heldOf(await s.ledger())).toBe('0');
    },
  );

  const outOfSight = { last: '149', low: '149', high: '150' };
  const badQuotes = aapl(
    at('150'),
    { bid: '0', ask: '0', ...outOfSight },
    { bid: '141', ask: '140', ...outOfSight },
    { bid: '1', ask: '1', ...outOfSight },
    { bid: '1000000000', ask: '1000000000', ...outOfSight },
    outOfSight,
    at('150'),
  );
  scenario(
    'shown only by quotes of nothing, crossed, absurd, missing or old: nothing is done',
    { prices: badQuotes },
    async (s) => {
      const trade = await openPosition(s, { takeProfit: { percent: '10' } });
      const writes = s.faults.writes;
      for (const minute of [1, 2, 3, 4, 5, 6, 20]) {
        expect(await s.moveOn(trade, minute)).toMatchObject({ status: 'open', stopKind: 'broker' });
      }
      expect(s.faults.writes).toBe(writes);
      expect(await s.alerts(trade)).toEqual([{ severity: 2, code: 'market_data_unavailable' }]);
    },
  );
});

scenarios('exits that move', (scenario) => {
  const climbWhileEntering = aapl(at('150', { askSize: '4' }), { bid: '160', last: '160' }, at('155'));
  scenario(
    'a trailing stop that is made larger goes on from where it stood, as a stop that is moved',
    { prices: climbWhileEntering },
    async (s) => {
      const trade = await s.start({ stopLoss: { trailPercent: '5' } });
      await s.until(trade, isProtected);
      expect(await s.moveOn(trade, 1)).toMatchObject({ stopPrice: '152', openQuantity: '4' });
      expect(await s.moveOn(trade, 2)).toMatchObject({ stopPrice: '152', openQuantity: '10', status: 'open' });
      expect((await s.record(trade)).working()).toMatchObject([{ type: 'stop', quantity: '10', stopPrice: '152' }]);
    },
  );

  scenario(
    'a trailing stop that is put back goes on from where it stood, as a stop that is moved',
    { prices: aapl(at('150'), at('160'), at('155')) },
    async (s) => {
      const trade = await openPosition(s, { stopLoss: { trailPercent: '5' } });
      const { stopOrderId } = await s.moveOn(trade, 1);
      await s.byHand.cancel(s.account, stopOrderId ?? '');
      expect(await s.moveOn(trade, 2)).toMatchObject({ stopPrice: '152', stopKind: 'broker' });
      expect((await s.record(trade)).working()).toMatchObject([{ type: 'stop', stopPrice: '152' }]);
    },
  );

  const climb = aapl(at('150'), at('155'), at('153'), at('160'), at('152'));
  scenario(
    'a trailing stop follows the last trade and never goes back; it sells once',
    { prices: climb },
    async (s) => {
      const trade = await openPosition(s, { stopLoss: { trailPercent: '5' } });
      const stops = [trade.stopPrice];
      for (const minute of [1, 2, 3]) stops.push((await s.moveOn(trade, minute)).stopPrice);
      expect(stops).toEqual(['142.5', '147.25', '147.25', '152']);

      await s.moveOn(trade, 4);
      expect(await closedTrade(s, trade)).toMatchObject({
        exitReason: 'trailing',
        exitPrice: '152',
        realizedPnl: '20',
      });
      expect((await s.record(trade)).exited).toBe('10');
      expect(s.faults.sent('place', 'stop')).toBe(1);
    },
  );

  const spike = aapl(at('150'), at('165'), at('142'));
  scenario(
    'the target is reached, and the stop fills while it is taken back: sold once',
    { prices: spike },
    async (s) => {
      const trade = await openPosition(s, { takeProfit: { percent: '10' } });
      expect(trade.takeProfitPrice).toBe('165');
      s.faults.add({ on: 'cancel', leg: 'stop', kind: 'none', meanwhile: () => s.goTo(2) });
      await s.moveOn(trade, 1);
      expect(await closedTrade(s, trade)).toMatchObject({ exitReason: 'stop', exitPrice: '142' });
      expect((await s.record(trade)).exited).toBe('10');
    },
  );

  scenario(
    'the cancel of the stop is only acknowledged: nothing is sold before the broker says it is dead',
    { prices: spike },
    async (s) => {
      const trade = await openPosition(s, { takeProfit: { price: '160' } });
      s.faults.add({ on: 'cancel', leg: 'stop', kind: 'acknowledged', ms: 600 });
      await s.moveOn(trade, 1);
      expect(await closedTrade(s, trade)).toMatchObject({ exitReason: 'target', exitPrice: '165' });
      expect((await s.record(trade)).only('stop')).toMatchObject({ status: 'cancelled' });
    },
  );

  scenario(
    'the cancel of the stop is lost: asked again until the broker says it is dead',
    { prices: spike },
    async (s) => {
      const trade = await openPosition(s);
      s.faults.add({ on: 'cancel', leg: 'stop', kind: 'request_lost' });
      await s.trades.close(trade.id, {});
      expect(await closedTrade(s, trade)).toMatchObject({ exitReason: 'manual', exitPrice: '150' });
      expect(s.faults.sent('cancel', 'stop')).toBe(2);
      expect((await s.record(trade)).exited).toBe('10');
    },
  );
});
