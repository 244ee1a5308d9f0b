/** One life of a trade for each way in which it can go: what is played to record a history of it. */
import type { WorkflowHandle } from '@temporalio/client';
import { decimalString } from '../../src/domain/decimal.js';
import { tradeWorkflowId } from '../../src/domain/ids.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { rowTime } from '../support/market-files.js';
import { aapl, at, minute } from '../support/prices.js';
import type { Scenario, ScenarioOptions } from '../support/scenario.js';
import type { PlainRequest } from '../support/trading.js';

export interface Life {
  /** also the name of its file */
  name: string;
  options: ScenarioOptions;
  /** Plays it, up to a state that `end` waits for. */
  play(s: Scenario): Promise<TradeView>;
  end: Partial<TradeView>;
}

const steady: ScenarioOptions = { prices: aapl(at('150')) };
const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice }) as const;
const moving = (...prices: string[]): ScenarioOptions => ({ prices: aapl(...prices.map((price) => at(price))) });

async function open(s: Scenario, request: PlainRequest = {}): Promise<TradeView> {
  const trade = await s.start(request);
  return s.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker', 30_000);
}

async function submitted(s: Scenario, request: PlainRequest): Promise<TradeView> {
  const trade = await s.start(request);
  return s.until(trade, ({ status }) => status === 'submitted');
}

/** An open trade that looks at one row of prices after the other. */
async function openThrough(s: Scenario, rows: number, request: PlainRequest = {}): Promise<TradeView> {
  const trade = await open(s, request);
  for (let row = 1; row <= rows; row++) await s.moveOn(trade, row);
  return trade;
}

function handleOf(s: Scenario, trade: TradeView): WorkflowHandle {
  return s.client.workflow.getHandle(tradeWorkflowId(trade.id));
}

const neverFilled: Life[] = [
  {
    name: 'rejected-by-risk',
    options: { ...steady, limits: { perTrade: '100' } },
    play: (s) => s.start(),
    end: { status: 'rejected' },
  },
  {
    name: 'rejected-by-the-broker',
    options: steady,
    play: (s) => {
      const refusal = { code: 'invalid_order', message: 'by plan' } as const;
      s.faults.add({ on: 'place', leg: 'entry', kind: 'refused', refusal });
      return s.start();
    },
    end: { status: 'rejected' },
  },
  {
    name: 'cancelled-unfilled',
    options: steady,
    play: async (s) => {
      const trade = await submitted(s, limit('140'));
      await s.trades.cancel(trade.id, { by: 'a trader' });
      return trade;
    },
    end: { status: 'cancelled', filledQuantity: decimalString('0') },
  },
  {
    name: 'expired',
    options: moving('150', '150'),
    play: async (s) => {
      const trade = await submitted(s, { ...limit('140'), entryExpiresAt: rowTime(minute(15)) });
      await s.moveOn(trade, 15);
      return trade;
    },
    end: { status: 'expired' },
  },
];

const closed: Life[] = [
  {
    name: 'closed-by-stop',
    options: moving('150', '142'),
    play: (s) => openThrough(s, 1),
    end: { status: 'closed', exitReason: 'stop' },
  },
  {
    name: 'closed-by-target',
    options: moving('150', '165'),
    play: (s) => openThrough(s, 1, { takeProfit: { percent: '10' } }),
    end: { status: 'closed', exitReason: 'target' },
  },
  {
    name: 'closed-by-trailing-stop',
    options: moving('150', '160', '151'),
    play: (s) => openThrough(s, 2, { stopLoss: { trailPercent: '5' } }),
    end: { status: 'closed', exitReason: 'trailing' },
  },
  {
    name: 'closed-at-its-time',
    options: moving('150', '151'),
    play: (s) => openThrough(s, 1, { exitAt: rowTime(minute(1)) }),
    end: { status: 'closed', exitReason: 'time' },
  },
  {
    name: 'closed-by-hand',
    options: steady,
    play: async (s) => {
      const trade = await open(s);
      await s.trades.close(trade.id, { by: 'a trader' });
      return trade;
    },
    end: { status: 'closed', exitReason: 'manual' },
  },
  {
    name: 'closed-by-cancel',
    options: steady,
    play: async (s) => {
      const trade = await open(s);
      await s.trades.cancel(trade.id, { by: 'a trader' });
      return trade;
    },
    end: { status: 'closed', exitReason: 'cancel' },
  },
  {
    name: 'cancelled-in-temporal',
    options: steady,
    play: async (s) => {
      const trade = await open(s);
      await handleOf(s, trade).cancel();
      return trade;
    },
    end: { status: 'closed', exitReason: 'cancel' },
  },
];

const changed: Life[] = [
  {
    name: 'entry-replaced',
    options: moving('150', '149'),
    play: async (s) => {
      const trade = await submitted(s, limit('148'));
      await s.trades.replaceOrder(trade.id, { limitPrice: decimalString('149') });
      await s.moveOn(trade, 1);
      return trade;
    },
    end: { status: 'open', stopKind: 'broker', limitPrice: decimalString('149') },
  },
  {
    name: 'exits-adjusted',
    options: moving('150', '155'),
    play: async (s) => {
      const trade = await open(s);
      const change = { stopPrice: decimalString('145'), takeProfitPrice: decimalString('155') };
      await s.trades.adjustExits(trade.id, change);
      await s.moveOn(trade, 1);
      return trade;
    },
    end: { status: 'closed', exitReason: 'target' },
  },
  {
    name: 'filled-in-parts',
    options: { prices: aapl(at('150', { askSize: '4' }), at('150', { askSize: '3' }), at('150'), at('142')) },
    play: async (s) => {
      const trade = await s.start();
      await s.until(trade, ({ stopKind }) => stopKind === 'broker');
      for (const row of [1, 2, 3]) await s.moveOn(trade, row);
      return trade;
    },
    end: { status: 'closed', exitReason: 'stop' },
  },
];

const unusual: Life[] = [
  {
    name: 'split',
    options: {
      prices: {
        'equity/AAPL': [
          { minute: '2014-06-06T19:58', ...at('645.57') },
          { minute: '2014-06-09T13:30', ...at('92.72') },
          { minute: '2014-06-09T19:00', ...at('87') },
          { minute: '2014-06-09T19:30', ...at('87') },
        ],
      },
      limits: { perTrade: '10000' },
      splits: [{ symbol: 'AAPL', exDate: '2014-06-09', ratio: '7' }],
    },
    play: async (s) => {
      const trade = await open(s, { stopLoss: { price: '613.29' } });
      for (const when of ['2014-06-09T13:30', '2014-06-09T19:00']) await s.moveOn(trade, when);
      return trade;
    },
    end: { status: 'closed', exitReason: 'stop', filledQuantity: decimalString('70') },
  },
  {
    name: 'attention-then-cancelled',
    options: { ...steady, capabilities: { settleWindowMs: 3_000, refusesRepeats: false, findsById: false } },
    play: async (s) => {
      s.faults.add({ on: 'place', leg: 'entry', kind: 'request_lost' });
      const trade = await s.start();
      await s.until(trade, ({ status }) => status === 'needs_attention', 30_000);
      await s.trades.cancel(trade.id, { by: 'a person who looked' });
      return trade;
    },
    end: { status: 'cancelled' },
  },
  {
    name: 'unknown-entry-found',
    options: steady,
    play: (s) => {
      s.faults.add({ on: 'place', leg: 'entry', kind: 'answer_lost' });
      s.faults.add({ on: 'find', leg: 'entry', kind: 'hidden' });
      return s.start();
    },
    end: { status: 'open', stopKind: 'broker' },
  },
  {
    name: 'unknown-stop-sent-again',
    options: { ...steady, capabilities: { settleWindowMs: 3_000 } },
    play: (s) => {
      s.faults.add({ on: 'place', leg: 'stop', kind: 'request_lost' });
      return s.start();
    },
    end: { status: 'open', stopKind: 'broker' },
  },
  {
    name: 'continued-as-new',
    options: { ...steady, settings: { continueAsNewEvents: 50 } },
    play: async (s) => {
      const trade = await open(s);
      for (let looks = 0; looks < 10; looks++) await s.look(trade);
      await s.trades.close(trade.id, { by: 'a trader' });
      return trade;
    },
    end: { status: 'closed', exitReason: 'manual' },
  },
];

export const lives: readonly Life[] = [...neverFilled, ...closed, ...changed, ...unusual];
