import { expect } from 'vitest';
import { tradeWorkflowId } from '../../src/domain/ids.js';
import { aapl, at } from '../support/prices.js';
import { scenarios } from '../support/scenario.js';

scenarios('a broker that cannot be asked', (scenario) => {
  scenario(
    'for two looks: the trade goes on with the third, in the same run',
    { prices: aapl(at('150')) },
    async (s) => {
      const trade = await s.start();
      await s.until(trade, ({ stopKind }) => stopKind === 'broker');
      const handle = s.client.workflow.getHandle(tradeWorkflowId(trade.id));
      const { runId } = await handle.describe();

      s.faults.add({ on: 'look', kind: 'request_lost', times: 2 });
      for (let looks = 0; looks < 3; looks++) expect(await s.look(trade)).toMatchObject({ status: 'open' });

      expect(await handle.describe()).toMatchObject({ runId, status: { name: 'RUNNING' } });
      expect((await s.journal(trade)).map(({ kind }) => kind)).not.toContain('adopted');
    },
  );
});

scenarios('a look for which our own budget has no room', (scenario) => {
  scenario(
    'is tried again by itself within seconds, long before the monitor would',
    { prices: aapl(at('150')), settings: { monitorIntervalMs: 24 * 3_600_000 } },
    async (s) => {
      const trade = await s.start();
      await s.until(trade, ({ stopKind }) => stopKind === 'broker');
      s.faults.add({ on: 'look', kind: 'out_of_calls' });
      await s.look(trade);
      const looks = s.faults.sent('look');
      await expect.poll(() => s.faults.sent('look'), { timeout: 30_000 }).toBeGreaterThan(looks);
    },
  );
});
