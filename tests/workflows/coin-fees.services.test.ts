/** Alpaca takes the fee of a coin out of what was bought: the first stop is for what is held, and so is the exit (W9). */
import { expect } from 'vitest';
import { alpaca } from '../support/live-scenario-brokers.js';
import { aapl, at } from '../support/prices.js';
import { scenarios } from '../support/scenario.js';

const coins = { ...alpaca, title: 'alpaca, coins', assetClass: 'crypto' as const };

scenarios(
  'a coin whose fee is taken in the coin',
  (scenario) => {
    scenario('is stopped at once, wholly, and closed to nothing', { prices: aapl(at('100'), at('102')) }, async (s) => {
      const trade = await s.start({ quantity: '0.5', timeInForce: 'gtc' });
      const open = await s.until(trade, ({ stopKind }) => stopKind === 'broker');
      expect(open).toMatchObject({ filledQuantity: '0.5', openQuantity: '0.49875' });
      expect((await s.record(trade)).working('stop')).toMatchObject([{ quantity: '0.49875' }]);
      expect(s.faults.sent('place', 'stop')).toBe(1);
      await s.goTo(1);
      await s.trades.close(trade.id, {});
      const closed = await s.until(trade, ({ status }) => status === 'closed', 30_000);
      // 0.49875 × 102 for 0.5 × 100
      expect(closed).toMatchObject({ openQuantity: '0', realizedPnl: '0.8725' });
      expect((await s.ledger()).positions).toEqual([]);
      expect((await s.alerts(trade)).map(({ code }) => code)).toEqual([]);
    });

    const byParts = aapl(at('100', { askSize: '0.3' }), at('100'));
    scenario('is stopped for what each fill brought', { prices: byParts }, async (s) => {
      const trade = await s.start({ quantity: '0.5', orderType: 'limit', limitPrice: '100', timeInForce: 'gtc' });
      await s.until(trade, ({ filledQuantity }) => filledQuantity === '0.3');
      await s.moveOn(trade, 1);
      await s.until(trade, ({ stopKind }) => stopKind === 'broker');
      expect((await s.record(trade)).working('stop')).toMatchObject([{ quantity: '0.49875' }]);
      expect((await s.alerts(trade)).map(({ code }) => code)).not.toContain('stop_refused');
    });
  },
  [coins],
);
