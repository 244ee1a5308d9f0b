import { expect } from 'vitest';
import type { TradeView } from '../../src/domain/trade/view.js';
import { createLogger } from '../../src/platform/logger.js';
import { createGuardianClient } from '../../src/temporal/guardian-client.js';
import { callGuardians } from '../../src/worker/guardian-keeper.js';
import { eventually } from '../support/eventually.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, type ScenarioOptions, scenarios } from '../support/scenario.js';
import type { PlainRequest } from '../support/trading.js';

const PAUSE_MS = 1_000;
const market: ScenarioOptions = { prices: aapl(at('150'), at('150')), guardianPauseMs: PAUSE_MS };
const half: ScenarioOptions = {
  prices: aapl(at('150', { askSize: '4' }), at('150', { askSize: '0' })),
  guardianPauseMs: PAUSE_MS,
};
const LIMIT = { orderType: 'limit', limitPrice: '149', stopLoss: { price: '140' } } as const;

const handleOf = (s: Scenario, trade: TradeView) => s.client.workflow.getHandle(trade.workflowId);
const isProtected = ({ stopKind }: TradeView) => stopKind === 'broker';

async function terminate(s: Scenario, trade: TradeView): Promise<void> {
  // Younger trades may still be starting, so the guardian leaves them alone.
  await eventually(() => Date.now() - Date.parse(trade.createdAt) > 5_000, 'the trade is old enough');
  await handleOf(s, trade).terminate('a test pressed Terminate');
}

/** Waits until another run of the trade lives, and has looked. */
async function untilAdopted(s: Scenario, trade: TradeView): Promise<void> {
  await eventually(
    async () => (await s.journal(trade)).some(({ kind }) => kind === 'adopted'),
    'the trade is adopted',
    60_000,
  );
  expect((await handleOf(s, trade).describe()).status.name).toBe('RUNNING');
}

async function closeAndAudit(s: Scenario, trade: TradeView): Promise<TradeView> {
  await s.trades.close(trade.id, {});
  const closed = await s.until(trade, ({ status }) => status === 'closed' || status === 'cancelled', 30_000);
  for (const leg of ['entry', 'stop', 'exit'] as const) expect((await s.record(trade)).working(leg)).toEqual([]);
  return closed;
}

interface State {
  name: string;
  options?: ScenarioOptions;
  request?: PlainRequest;
  reach(s: Scenario, trade: TradeView): Promise<unknown>;
}

const STATES: State[] = [
  {
    name: 'entry working',
    request: LIMIT,
    reach: (s, trade) => s.until(trade, ({ status }) => status === 'submitted'),
  },
  {
    name: 'partly filled',
    options: half,
    reach: (s, trade) => s.until(trade, (view) => view.status === 'partially_filled' && isProtected(view)),
  },
  { name: 'open', reach: (s, trade) => s.until(trade, isProtected) },
  {
    name: 'open with a trailing stop',
    request: { stopLoss: { trailPercent: '5' } },
    reach: (s, trade) => s.until(trade, isProtected),
  },
  {
    name: 'needs attention because its stop is gone',
    request: { onStopMissing: 'ask' },
    reach: async (s, trade) => {
      const { stopOrderId } = await s.until(trade, isProtected);
      await s.byHand.cancel(trade.account, stopOrderId ?? '');
      await s.look(trade);
      await s.until(trade, ({ status }) => status === 'needs_attention');
    },
  },
];

scenarios('Terminate', (scenario) => {
  for (const { name, options = market, request, reach } of STATES) {
    scenario(
      `${name}: adopted, the orders at the broker untouched, and it goes on to a right end`,
      options,
      async (s) => {
        const trade = await s.start(request);
        await reach(s, trade);
        const writes = s.faults.writes;
        const before = await s.view(trade);
        await terminate(s, trade);
        await untilAdopted(s, trade);

        const adopted = await s.look(trade);
        expect(s.faults.writes).toBe(writes);
        const { status, openQuantity, stopOrderId, stopKind, entryOrderId } = before;
        expect(adopted).toMatchObject({ status, openQuantity, stopOrderId, stopKind, entryOrderId });
        await closeAndAudit(s, trade);
      },
    );
  }

  scenario('closing, the stop cancelled and nothing sold yet: adopted and sold once', market, async (s) => {
    const trade = await s.start();
    await s.until(trade, isProtected);
    s.faults.add({ on: 'place', leg: 'exit', kind: 'request_lost' });
    await s.trades.close(trade.id, {});
    await eventually(() => s.faults.sent('place', 'exit') === 1, 'the closing order is sent');
    await terminate(s, trade);
    await eventually(async () => (await s.row(trade)).status === 'closed', 'the trade is closed', 60_000);
    expect(await s.view(trade)).toMatchObject({ status: 'closed', openQuantity: '0' });
  });

  scenario('before anything was recorded: adopted from the row and the orders alone', market, async (s) => {
    s.faults.add({ on: 'place', leg: 'entry', kind: 'slow', ms: 1_500 });
    const trade = await s.start();
    await eventually(() => s.faults.sent('place', 'entry') === 1, 'the entry is sent');
    await handleOf(s, trade).terminate('while the entry is on its way');
    expect((await s.row(trade)).state).toBeNull();
    await untilAdopted(s, trade);
    await s.until(trade, (view) => view.status === 'open' && isProtected(view), 30_000);
    expect(s.faults.sent('place', 'entry')).toBe(1);
    await closeAndAudit(s, trade);
  });

  scenario('twice: adopted twice', market, async (s) => {
    const trade = await s.start();
    const open = await s.until(trade, isProtected);
    for (const times of [1, 2]) {
      await terminate(s, trade);
      await eventually(
        async () => (await s.journal(trade)).filter(({ kind }) => kind === 'adopted').length === times,
        `the trade is adopted ${times} times`,
        60_000,
      );
    }
    expect(await s.look(trade)).toMatchObject({ status: 'open', stopOrderId: open.stopOrderId });
    await closeAndAudit(s, trade);
  });
});

scenarios('the guardian', (scenario) => {
  const production: ScenarioOptions = { prices: aapl(at('150')) };
  scenario('with its own pace adopts within 90 s', production, async (s) => {
    const trade = await s.start();
    await s.until(trade, isProtected);
    const terminatedAt = Date.now();
    await handleOf(s, trade).terminate('a test pressed Terminate');
    await eventually(async () => (await s.journal(trade)).some(({ kind }) => kind === 'adopted'), 'adopted', 90_000);
    expect(Date.now() - terminatedAt).toBeLessThan(90_000);
    await closeAndAudit(s, trade);
  });

  scenario('terminated itself, is called back by the workers', market, async (s) => {
    const trade = await s.start();
    await s.until(trade, isProtected);
    await s.client.workflow.getHandle(`guardian-${s.account}`).terminate('a test');
    await terminate(s, trade);
    const logger = createLogger({ name: 'test', level: 'silent' });
    await callGuardians({ prisma: s.database.prisma, logger, ...createGuardianClient(s.client, PAUSE_MS) });
    await untilAdopted(s, trade);
    await closeAndAudit(s, trade);
  });
});
