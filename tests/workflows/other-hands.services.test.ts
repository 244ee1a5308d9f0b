/** What people, and brokers, do to a trade's orders and shares at the broker itself. */
import { expect } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import { orderRequest } from '../support/orders.js';
import { takeOut } from '../support/paper-market.js';
import { aapl, at, quotedBelow } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';
import type { PlainRequest } from '../support/trading.js';

const isProtected = ({ stopKind }: { stopKind: string | null }) => stopKind === 'broker';

async function openPosition(s: Scenario, request: PlainRequest = {}) {
  const trade = await s.start(request);
  return s.until(trade, (view) => view.status === 'open' && isProtected(view));
}

async function cancelStopByHand(s: Scenario): Promise<void> {
  for (const { orderId } of (await s.byHand.openOrders(s.account)).rows) await s.byHand.cancel(s.account, orderId);
}

const sellByHand = (s: Scenario, quantity: string) =>
  s.byHand.place(s.account, orderRequest({ side: 'sell', quantity }));

scenarios('a stop cancelled manually', (scenario) => {
  scenario('is put back at the next look, and an alert is raised', { prices: aapl(at('150')) }, async (s) => {
    const trade = await openPosition(s);
    await cancelStopByHand(s);
    const restored = await s.look(trade);
    expect(restored).toMatchObject({ status: 'open', stopKind: 'broker', stopPrice: '142.5' });
    const record = await s.record(trade);
    expect(record.of('stop').map(({ status, quantity }) => `${quantity} ${status}`)).toEqual([
      '10 cancelled',
      '10 working',
    ]);
    expect(await s.alerts(trade)).toEqual([{ severity: 1, code: 'stop_missing' }]);
  });

  const toTheStop = { prices: aapl(at('150'), quotedBelow('142.50', '149')) };
  scenario('with onStopMissing ask: a person is asked, and the monitor sells at the stop', toTheStop, async (s) => {
    const trade = await openPosition(s, { onStopMissing: 'ask' });
    await cancelStopByHand(s);
    const asking = await s.look(trade);
    expect(asking).toMatchObject({ status: 'needs_attention', stopKind: 'emulated', reason: { code: 'stop_missing' } });
    expect(s.faults.sent('place', 'stop')).toBe(1);

    await s.moveOn(trade, 1);
    const closed = await s.until(trade, ({ status }) => status === 'closed');
    expect(closed).toMatchObject({ exitReason: 'stop', exitPrice: '142.5', reason: null });
  });

  scenario('with onStopMissing ask: a person who sets a stop has answered', toTheStop, async (s) => {
    const trade = await openPosition(s, { onStopMissing: 'ask' });
    await cancelStopByHand(s);
    await s.look(trade);
    const answered = await s.trades.adjustExits(trade.id, { stopPrice: decimalString('140') });
    expect(answered).toMatchObject({ stopPrice: '140' });
    expect(await s.look(trade)).toMatchObject({ status: 'open', reason: null, stopKind: 'broker' });
    expect((await s.record(trade)).working()).toMatchObject([{ stopPrice: '140', quantity: '10' }]);
  });
});

scenarios('shares that leave by another hand', (scenario) => {
  scenario(
    '4 of 10 are gone: believed when seen again, the stop is made smaller, and only 6 are sold',
    { prices: aapl(at('150')) },
    async (s) => {
      const trade = await openPosition(s);
      const writes = s.faults.writes;
      await takeOut(s.database, '4');
      expect(await s.look(trade)).toMatchObject({ openQuantity: '10' });
      expect(s.faults.writes).toBe(writes);

      await s.until(trade, ({ openQuantity }) => openQuantity === '6');
      expect((await s.record(trade)).working()).toMatchObject([{ type: 'stop', quantity: '6' }]);
      expect(await s.alerts(trade)).toEqual([{ severity: 2, code: 'external_change' }]);
      await s.trades.close(trade.id, {});
      await s.until(trade, ({ status }) => status === 'closed');
      expect((await s.record(trade)).exited).toBe('6');
    },
  );

  scenario(
    'the stop is cancelled and 4 of 10 sold manually: the stop comes back for 6, nothing else is sent',
    { prices: aapl(at('150')) },
    async (s) => {
      const trade = await openPosition(s);
      await cancelStopByHand(s);
      await sellByHand(s, '4');
      await s.look(trade);
      const restored = await s.until(trade, (view) => view.openQuantity === '6' && isProtected(view));
      expect(restored).toMatchObject({ status: 'open', stopPrice: '142.5' });
      expect(s.faults.sent('place', 'stop')).toBe(2);
      expect(s.faults.sent('place', 'exit')).toBe(0);
      expect(Number(restored.unprotectedSeconds)).toBeLessThan(10);
    },
  );

  scenario(
    'the broker liquidates all of it: closed, and nothing is sold by us',
    { prices: aapl(at('150')) },
    async (s) => {
      const trade = await openPosition(s);
      await cancelStopByHand(s);
      await sellByHand(s, '10');
      await s.look(trade);
      const closed = await s.until(trade, ({ status }) => status === 'closed');
      expect(closed).toMatchObject({ exitReason: 'external', openQuantity: '0' });
      expect(s.faults.sent('place', 'exit')).toBe(0);
      expect(s.faults.sent('place', 'stop')).toBe(1);
      expect(await s.reservation(trade)).toMatchObject({ exposure: '0', pending: '0' });
    },
  );

  scenario(
    'all of it is moved away while the stop rests: the stop is cancelled',
    { prices: aapl(at('150')) },
    async (s) => {
      const trade = await openPosition(s);
      await takeOut(s.database, '10');
      await s.look(trade);
      const closed = await s.until(trade, ({ status }) => status === 'closed');
      expect(closed).toMatchObject({ exitReason: 'external' });
      expect((await s.record(trade)).only('stop')).toMatchObject({ status: 'cancelled' });
    },
  );

  scenario('gone in one look and back in the next: nothing is done', { prices: aapl(at('150')) }, async (s) => {
    const trade = await openPosition(s);
    const writes = s.faults.writes;
    await takeOut(s.database, '4');
    await s.look(trade);
    await takeOut(s.database, '-4');
    expect(await s.look(trade)).toMatchObject({ openQuantity: '10', stopKind: 'broker' });
    expect(s.faults.writes).toBe(writes);
    expect(await s.alerts(trade)).toEqual([]);
  });
});

scenarios('an entry cancelled manually', (scenario) => {
  scenario('before a fill: cancelled', { prices: aapl(at('150')) }, async (s) => {
    const trade = await s.start({ orderType: 'limit', limitPrice: '140' });
    await s.until(trade, ({ status }) => status === 'submitted');
    await cancelStopByHand(s);
    await s.trades.hint(trade.id, 'brokerEvent');
    await s.until(trade, ({ status }) => status === 'cancelled');
    expect(s.faults.sent('place')).toBe(1);
  });

  scenario(
    'after a part of its fills: the part is held and protected',
    { prices: aapl(at('150', { askSize: '4' })) },
    async (s) => {
      const trade = await s.start();
      await s.until(trade, isProtected);
      const entry = (await s.record(trade)).only('entry');
      await s.byHand.cancel(s.account, entry.orderId);
      expect(await s.look(trade)).toMatchObject({
        status: 'open',
        openQuantity: '4',
        remainingQuantity: '0',
        stopKind: 'broker',
      });
    },
  );
});
