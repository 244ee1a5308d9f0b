/**
 * A cash account: what was bought with proceeds that have not settled must not be sold before they have. Schwab says so
 * with an order it takes (itsjafer/schwab-api, pull request 34: AC176), Webull refuses it (tedchou12/webull, issue 67).
 */
import { expect } from 'vitest';
import { liveMarket } from '../support/live-market.js';
import { etrade, schwab } from '../support/live-scenario-brokers.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, type ScenarioBroker, scenarios } from '../support/scenario.js';

type Prices = Parameters<ScenarioBroker['open']>[0];

const CASH = { openingCash: '10000', accountType: 'cash' } as const;
const cashAccounts = {
  schwab: {
    ...schwab,
    title: 'schwab, a cash account',
    open: ({ prices }: Prices) => liveMarket('schwab', prices, CASH),
  },
  etrade: {
    ...etrade,
    title: 'etrade, a cash account',
    open: ({ prices }: Prices) => liveMarket('etrade', prices, CASH),
  },
} satisfies Record<string, ScenarioBroker>;
const options = { prices: aapl(at('100'), at('100'), at('100')), limits: { perTrade: '10000', daily: '100000' } };

/** 9,000 of the 10,000 dollars are proceeds of today. */
async function boughtAndSold(s: Scenario): Promise<void> {
  const trade = await s.start({ quantity: '90' });
  expect(trade).toMatchObject({ warnings: [] });
  await s.until(trade, ({ stopKind }) => stopKind === 'broker');
  await s.trades.close(trade.id, {});
  await s.until(trade, ({ status }) => status === 'closed', 30_000);
  await s.goTo(1);
}

scenarios(
  'proceeds that have not settled',
  (scenario) => {
    scenario('buy nothing that a stop may sell today', options, async (s) => {
      await boughtAndSold(s);
      const refused = await s.start({ quantity: '20' });
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'UNSETTLED_FUNDS', limit: '1000' } });
    });

    scenario('buy with a warning for who chose so', options, async (s) => {
      await boughtAndSold(s);
      await s.database.prisma.riskLimits.updateMany({ data: { avoidGoodFaithViolations: false } });
      const warned = await s.start({ quantity: '20' });
      const warning = { code: 'UNSETTLED_FUNDS', limit: '1000', attempted: '2000' };
      expect(warned).toMatchObject({ reason: null, warnings: [warning] });
      expect(await s.until(warned, ({ stopKind }) => stopKind === 'broker')).toMatchObject({ warnings: [warning] });
      expect(await s.row(warned)).toMatchObject({ view: { warnings: [warning] } });
      expect(await s.journal(warned)).toContainEqual({ kind: 'warned', data: expect.objectContaining(warning) });
    });
  },
  [cashAccounts.schwab, cashAccounts.etrade],
);

scenarios(
  'proceeds of yesterday',
  (scenario) => {
    scenario('buy everything', options, async (s) => {
      await boughtAndSold(s);
      await s.goTo('2013-10-09T13:31');
      expect(await s.start({ quantity: '20' })).toMatchObject({ reason: null, warnings: [] });
    });
  },
  // A login at E*TRADE ends at midnight.
  [cashAccounts.schwab],
);
