import { expect } from 'vitest';
import type { TradeView } from '../../src/domain/trade/view.js';
import { heldOf } from '../support/broker-record.js';
import { eventually } from '../support/eventually.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, type ScenarioOptions, scenarios } from '../support/scenario.js';
import type { PlainRequest } from '../support/trading.js';

/** A state of a trade in which somebody presses Cancel in the Temporal UI. */
interface State {
  name: string;
  options?: ScenarioOptions;
  request?: PlainRequest;
  faults?: Parameters<Scenario['faults']['add']>;
  reach(s: Scenario, trade: TradeView): Promise<unknown>;
}

const REFUSED = { code: 'invalid_order', message: 'by plan' } as const;
const LIMIT = { orderType: 'limit', limitPrice: '149', stopLoss: { price: '140' } } as const;
const half = { prices: aapl(at('150', { askSize: '4' })) };
const quick = { prices: aapl(at('150'), at('150')), capabilities: { settleWindowMs: 2_000 } };

const isOpen = (view: TradeView) => view.status === 'open' && view.stopKind === 'broker';

const STATES: State[] = [
  { name: 'right after its start', reach: async () => {} },
  {
    name: 'entry working',
    request: LIMIT,
    reach: (s, trade) => s.until(trade, ({ status }) => status === 'submitted'),
  },
  {
    name: 'partly filled, with a stop for the part',
    options: half,
    reach: (s, trade) => s.until(trade, (view) => view.status === 'partially_filled' && view.stopKind === 'broker'),
  },
  { name: 'open', reach: (s, trade) => s.until(trade, isOpen) },
  {
    name: 'open with a trailing stop',
    request: { stopLoss: { trailPercent: '5' } },
    reach: (s, trade) => s.until(trade, isOpen),
  },
  {
    name: 'guarded by the monitor alone',
    request: { onUnprotected: 'emulate' },
    faults: [{ on: 'place', leg: 'stop', kind: 'refused', refusal: REFUSED, times: 2 }],
    reach: (s, trade) => s.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'emulated'),
  },
  {
    name: 'entry sent, its answer lost',
    options: quick,
    faults: [
      { on: 'place', leg: 'entry', kind: 'answer_lost' },
      { on: 'find', leg: 'entry', kind: 'hidden', times: 2 },
    ],
    reach: async () => {},
  },
  {
    name: 'entry lost on its way',
    options: quick,
    faults: [{ on: 'place', leg: 'entry', kind: 'request_lost' }],
    reach: async () => {},
  },
  {
    name: 'stop sent, its answer lost',
    options: quick,
    faults: [
      { on: 'place', leg: 'stop', kind: 'answer_lost' },
      { on: 'find', leg: 'stop', kind: 'hidden', times: 2 },
    ],
    reach: (s, trade) => s.until(trade, ({ status }) => status === 'open'),
  },
  {
    name: 'entry on its way',
    faults: [{ on: 'place', leg: 'entry', kind: 'slow', ms: 700 }],
    reach: async () => {},
  },
  {
    name: 'stop on its way',
    faults: [{ on: 'place', leg: 'stop', kind: 'slow', ms: 700 }],
    reach: (s) => eventually(() => s.faults.sent('place', 'stop') === 1, 'the stop is sent'),
  },
  {
    name: 'closing, the cancel of the stop on its way',
    faults: [{ on: 'cancel', leg: 'stop', kind: 'slow', ms: 700 }],
    reach: async (s, trade) => {
      await s.until(trade, isOpen);
      await s.trades.close(trade.id, {});
      await eventually(() => s.faults.sent('cancel', 'stop') === 1, 'the cancel is sent');
    },
  },
  {
    name: 'closing, the closing order on its way',
    faults: [{ on: 'place', leg: 'exit', kind: 'slow', ms: 700 }],
    reach: async (s, trade) => {
      await s.until(trade, isOpen);
      await s.trades.close(trade.id, {});
      await eventually(() => s.faults.sent('place', 'exit') === 1, 'the closing order is sent');
    },
  },
  {
    name: 'waiting for a person because its stop is gone',
    request: { onStopMissing: 'ask' },
    reach: async (s, trade) => {
      const { stopOrderId } = await s.until(trade, isOpen);
      await s.byHand.cancel(trade.account, stopOrderId ?? '');
      await s.look(trade);
      await s.until(trade, ({ status }) => status === 'needs_attention');
    },
  },
];

const handleOf = (s: Scenario, trade: TradeView) => s.client.workflow.getHandle(trade.workflowId);

scenarios('Cancel in the Temporal UI ends flat, with nothing working', (scenario) => {
  for (const { name, options, request, faults = [], reach } of STATES) {
    scenario(name, options ?? { prices: aapl(at('150')) }, async (s) => {
      s.faults.add(...faults);
      const trade = await s.start(request);
      await reach(s, trade);
      await handleOf(s, trade).cancel();
      await handleOf(s, trade).cancel();
      const result = (await handleOf(s, trade).result()) as TradeView;

      expect(['closed', 'cancelled']).toContain(result.status);
      expect(result.openQuantity).toBe('0');
      expect((await handleOf(s, trade).describe()).status.name).toBe('COMPLETED');
      expect(heldOf(await s.ledger())).toBe('0');
      const record = await s.record(trade);
      for (const leg of ['entry', 'stop', 'exit'] as const) expect(record.working(leg)).toEqual([]);
    });
  }
});

scenarios('Cancel with keep_stop', (scenario) => {
  scenario(
    'an open trade stays open and guarded, however often it is pressed',
    { prices: aapl(at('150')) },
    async (s) => {
      const trade = await s.start({ onCancel: 'keep_stop' });
      const open = await s.until(trade, isOpen);
      const writes = s.faults.writes;
      await handleOf(s, trade).cancel();
      await handleOf(s, trade).cancel();
      expect(await s.look(trade)).toMatchObject({ status: 'open', openQuantity: '10', stopOrderId: open.stopOrderId });
      expect(s.faults.writes).toBe(writes);
      expect((await handleOf(s, trade).describe()).status.name).toBe('RUNNING');
      await s.trades.close(trade.id, {});
      await s.until(trade, ({ status }) => status === 'closed');
    },
  );

  scenario('of a partly filled entry only the rest is cancelled', half, async (s) => {
    const trade = await s.start({ onCancel: 'keep_stop' });
    await s.until(trade, (view) => view.status === 'partially_filled' && view.stopKind === 'broker');
    await handleOf(s, trade).cancel();
    const kept = await s.until(trade, ({ status }) => status === 'open');
    expect(kept).toMatchObject({ openQuantity: '4', remainingQuantity: '0', stopKind: 'broker' });
    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
  });
});

scenarios('Cancel of an entry that was lost on its way', (scenario) => {
  scenario('does not send it again, and ends when its absence is certain', quick, async (s) => {
    s.faults.add({ on: 'place', leg: 'entry', kind: 'request_lost' });
    const trade = await s.start();
    await handleOf(s, trade).cancel();
    expect(await handleOf(s, trade).result()).toMatchObject({ status: 'cancelled' });
    expect(s.faults.sent('place', 'entry')).toBe(1);
  });
});
