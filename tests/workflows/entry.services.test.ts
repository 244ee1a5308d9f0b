import { expect } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import { rowTime } from '../support/market-files.js';
import { aapl, at, minute } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';
import type { PlainRequest } from '../support/trading.js';

const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice }) as const;
const isProtected = ({ stopKind }: { stopKind: string | null }) => stopKind === 'broker';
const SHORT_WINDOW = { settleWindowMs: 3_000 };

async function workingEntry(s: Scenario, request: PlainRequest) {
  const trade = await s.start(request);
  return s.until(trade, ({ status }) => status === 'submitted');
}

scenarios('an entry with an end', (scenario) => {
  const quarterOfAnHour = { entryExpiresAt: rowTime(minute(15)) };

  const threeOfTen = aapl(at('150', { askSize: '3' }), at('151'));
  scenario(
    'reached with a part filled: the rest is cancelled, the part is kept and protected',
    { prices: threeOfTen },
    async (s) => {
      const trade = await s.start({ ...limit('150'), ...quarterOfAnHour });
      await s.until(trade, isProtected);
      expect(await s.moveOn(trade, 14)).toMatchObject({ status: 'partially_filled', remainingQuantity: '7' });

      await s.moveOn(trade, 15);
      const open = await s.until(trade, ({ status }) => status === 'open');
      expect(open).toMatchObject({ filledQuantity: '3', remainingQuantity: '0' });
      const record = await s.record(trade);
      expect(record.only('entry')).toMatchObject({ status: 'cancelled', filledQuantity: '3' });
      expect(record.working()).toMatchObject([{ type: 'stop', quantity: '3' }]);
      expect(await s.reservation(trade)).toEqual({ daily: '450', exposure: '450', pending: '0' });
    },
  );

  scenario('reached with nothing filled: expired', { prices: aapl(at('151')) }, async (s) => {
    const trade = await workingEntry(s, { ...limit('150'), ...quarterOfAnHour });
    await s.moveOn(trade, 15);
    await s.until(trade, ({ status }) => status === 'expired');
    expect((await s.record(trade)).working()).toEqual([]);
  });

  scenario('of its day, which ends: expired', { prices: aapl(at('151')) }, async (s) => {
    const trade = await workingEntry(s, { ...limit('150'), timeInForce: 'day' });
    await s.moveOn(trade, 389);
    await s.until(trade, ({ status }) => status === 'expired');
    expect((await s.record(trade)).only('entry').status).toBe('expired');
  });

  scenario(
    'at market, started two minutes after it was asked for: expired, and never sent',
    { prices: aapl(at('150')) },
    async (s) => {
      const late = s.inputOf({}, { issuedAt: Date.now() - 121_000 });
      await s.trades.start(late);
      const trade = { id: late.ticket.tradeId };
      const expired = await s.until(trade, ({ status }) => status === 'expired');
      expect(expired.reason).toMatchObject({ code: 'start_too_late' });
      expect(s.faults.writes).toBe(0);
    },
  );
});

scenarios('a change of a working entry', (scenario) => {
  const reached = { prices: aapl(at('150'), at('148', { askSize: '4' }), at('148')), limits: { perTrade: '2000' } };

  scenario(
    'while all of it fills: too late, and the fill is kept',
    { prices: aapl(at('150'), at('148')) },
    async (s) => {
      const trade = await workingEntry(s, limit('148'));
      s.faults.add({ on: 'cancel', leg: 'entry', kind: 'none', meanwhile: () => s.goTo(1) });
      await expect(s.trades.replaceOrder(trade.id, { limitPrice: decimalString('147') })).rejects.toMatchObject({
        kind: 'invalid-state',
        reason: { code: 'too_late' },
      });
      const open = await s.until(trade, isProtected);
      expect(open).toMatchObject({ status: 'open', filledQuantity: '10', limitPrice: '148' });
      expect((await s.record(trade)).entered).toBe('10');
    },
  );

  scenario('beyond a limit: denied, and everything stays as it was', reached, async (s) => {
    const trade = await workingEntry(s, limit('148'));
    await expect(s.trades.replaceOrder(trade.id, { quantity: decimalString('14') })).rejects.toMatchObject({
      kind: 'risk-denied',
      reason: { code: 'PER_TRADE_LIMIT', limit: '2000', attempted: '2072' },
    });
    expect(s.faults.sent('cancel')).toBe(0);
    expect((await s.record(trade)).working()).toMatchObject([{ quantity: '10', limitPrice: '148' }]);
    expect(await s.look(trade)).toMatchObject({ quantity: '10', limitPrice: '148', status: 'submitted' });
    expect(await s.reservation(trade)).toEqual({ daily: '1480', exposure: '1480', pending: '1480' });
  });

  scenario('to less than is filled, of nothing, or of a trade that has none: refused', reached, async (s) => {
    const trade = await workingEntry(s, limit('148'));
    await s.moveOn(trade, 1);
    const change = (wanted: Parameters<typeof s.trades.replaceOrder>[1]) => s.trades.replaceOrder(trade.id, wanted);
    const invalid = (code: string) => ({ kind: 'validation-failed', reason: { code } });
    await expect(change({ quantity: decimalString('4') })).rejects.toMatchObject(invalid('BELOW_FILLED'));
    await expect(change({})).rejects.toMatchObject(invalid('EMPTY_CHANGE'));
    await s.moveOn(trade, 2);
    await expect(change({ quantity: decimalString('12') })).rejects.toMatchObject({
      kind: 'invalid-state',
      reason: { code: 'ENTRY_NOT_WORKING' },
    });
    expect(s.faults.sent('cancel', 'entry')).toBe(0);
  });

  scenario(
    'whose answer is lost: the new order is found, and the caller gets the answer',
    { prices: aapl(at('150')) },
    async (s) => {
      const trade = await workingEntry(s, limit('148'));
      s.faults.add({ on: 'place', leg: 'entry', kind: 'answer_lost' });
      s.faults.add({ on: 'find', leg: 'entry', kind: 'hidden' });
      const changed = await s.trades.replaceOrder(trade.id, { limitPrice: decimalString('149') });
      expect(changed).toMatchObject({ limitPrice: '149', status: 'submitted' });
      expect(s.faults.sent('place', 'entry')).toBe(2);
      expect((await s.record(trade)).working()).toMatchObject([{ limitPrice: '149', quantity: '10' }]);
    },
  );

  scenario('asked for twice under one id: made once', { prices: aapl(at('150')) }, async (s) => {
    const trade = await workingEntry(s, limit('148'));
    const ask = () => s.trades.replaceOrder(trade.id, { limitPrice: decimalString('149') }, 'one and the same');
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(second.entryOrderId).toBe(first.entryOrderId);
    expect(await ask()).toMatchObject({ entryOrderId: first.entryOrderId });
    expect(s.faults.sent('place', 'entry')).toBe(2);
  });
});

scenarios('a change of the exits', (scenario) => {
  scenario('moves the stop at the broker and the target here', { prices: aapl(at('150'), at('155')) }, async (s) => {
    const trade = await s.start();
    const guarded = await s.until(trade, isProtected);
    const change = { stopPrice: decimalString('145'), takeProfitPrice: decimalString('155') };
    const moved = await s.trades.adjustExits(trade.id, change);
    expect(moved).toMatchObject(change);
    // Between the cancelled stop and the next one there is none, at any broker: the time counts.
    const gap = Number(moved.unprotectedSeconds) - Number(guarded.unprotectedSeconds);
    expect(gap).toBeGreaterThan(0);
    expect(gap).toBeLessThan(10);
    const record = await s.record(trade);
    expect(record.working('stop')).toMatchObject([{ stopPrice: '145', quantity: '10', timeInForce: 'gtc' }]);
    expect(s.faults.sent('cancel', 'stop')).toBe(1);

    await s.moveOn(trade, 1);
    expect(await s.until(trade, ({ status }) => status === 'closed')).toMatchObject({
      exitReason: 'target',
      exitPrice: '155',
    });
  });

  scenario(
    'that the market is through is denied, one that the broker refuses is undone',
    { prices: aapl(at('150')) },
    async (s) => {
      const trade = await s.start();
      await s.until(trade, isProtected);
      await s.look(trade);
      await expect(s.trades.adjustExits(trade.id, { stopPrice: decimalString('150') })).rejects.toMatchObject({
        kind: 'risk-denied',
        reason: { code: 'STOP_THROUGH_MARKET', limit: '150', attempted: '150' },
      });
      s.faults.add({ on: 'place', leg: 'stop', kind: 'refused', refusal: { code: 'refused', message: 'by plan' } });
      await expect(s.trades.adjustExits(trade.id, { stopPrice: decimalString('145') })).rejects.toMatchObject({
        kind: 'broker-error',
      });
      expect(await s.look(trade)).toMatchObject({ stopPrice: '142.5', stopKind: 'broker' });
      expect((await s.record(trade)).working()).toMatchObject([{ stopPrice: '142.5' }]);
    },
  );
});

scenarios('an entry whose send was not answered', (scenario) => {
  const repeatable = { prices: aapl(at('150')), capabilities: SHORT_WINDOW };
  scenario('and never arrived, where repeats are refused: sent once more after the window', repeatable, async (s) => {
    s.faults.add({ on: 'place', leg: 'entry', kind: 'request_lost' });
    const trade = await s.start();
    const waiting = await s.look(trade);
    expect(waiting).toMatchObject({ status: 'submitted', filledQuantity: '0' });
    await s.until(trade, isProtected, 30_000);
    expect(s.faults.sent('place', 'entry')).toBe(2);
    expect(s.faults.sent('find', 'entry')).toBeGreaterThanOrEqual(4);
    expect((await s.record(trade)).only('entry')).toMatchObject({ filledQuantity: '10' });
  });

  const withoutIds = {
    prices: aapl(at('150')),
    capabilities: { ...SHORT_WINDOW, refusesRepeats: false, findsById: false },
  };
  scenario(
    'and never arrived, where the broker has no ids: a person is asked, and it is never sent again',
    withoutIds,
    async (s) => {
      s.faults.add({ on: 'place', leg: 'entry', kind: 'request_lost' });
      const trade = await s.start();
      const asking = await s.until(trade, ({ status }) => status === 'needs_attention', 30_000);
      expect(asking.reason).toMatchObject({ code: 'placement_unknown' });
      expect(await s.reservation(trade)).toEqual({ daily: '1500', exposure: '1500', pending: '1500' });
      expect(await s.alerts(trade)).toEqual([{ severity: 1, code: 'placement_unknown' }]);

      await s.trades.cancel(trade.id, { by: 'a person who looked' });
      await s.until(trade, ({ status }) => status === 'cancelled');
      expect(s.faults.sent('place')).toBe(1);
      expect(await s.reservation(trade)).toEqual({ daily: '0', exposure: '0', pending: '0' });
    },
  );

  scenario('and is cancelled meanwhile: found first, then sold', { prices: aapl(at('150')) }, async (s) => {
    s.faults.add({ on: 'place', leg: 'entry', kind: 'answer_lost' });
    s.faults.add({ on: 'find', leg: 'entry', kind: 'hidden', times: 2 });
    const trade = await s.start();
    await s.trades.cancel(trade.id, {});
    const closed = await s.until(trade, ({ status }) => status === 'closed', 20_000);
    expect(closed).toMatchObject({ exitReason: 'cancel', filledQuantity: '10', openQuantity: '0' });
    expect((await s.record(trade)).exited).toBe('10');
    expect(s.faults.sent('place', 'entry')).toBe(1);
  });
});

scenarios('two trades of one symbol in one account', (scenario) => {
  scenario(
    'each keep their own stop, and closing one leaves the other',
    { prices: aapl(at('150'), at('151')) },
    async (s) => {
      const one = await s.start({ quantity: '10' });
      const other = await s.start({ quantity: '3', stopLoss: { price: '140' } });
      await s.until(one, isProtected);
      await s.until(other, isProtected);
      await s.goTo(1);
      await s.trades.close(one.id, {});
      await s.until(one, ({ status }) => status === 'closed');
      expect(await s.look(other)).toMatchObject({ status: 'open', openQuantity: '3', stopKind: 'broker' });
      expect((await s.record(one)).exited).toBe('10');
      expect((await s.record(other)).working()).toMatchObject([{ quantity: '3', stopPrice: '140' }]);
    },
  );
});
