/** A trade that is guarded for thousands of ticks, with messages at every boundary between its runs. */
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { tradeWorkflowId } from '../../src/domain/ids.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { aapl, at } from '../support/prices.js';
import { type Run, runsOf, signalsIn, ticksIn, updatesIn } from '../support/runs.js';
import { openTrading, type Trading, type TradingOptions } from '../support/trading.js';
import { BoundaryMessages } from './boundary-messages.js';

export interface LongTrade {
  trading: Trading;
  trade: TradeView;
  messages: BoundaryMessages;
  runs(): Promise<Run[]>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** Opens a trade whose market stands still, so that its quote stays fresh however long it lives. */
export async function openLongTrade(
  continueAsNewEvents: number,
  options: Partial<TradingOptions> = {},
): Promise<LongTrade> {
  const messages = new BoundaryMessages(continueAsNewEvents);
  const trading = await openTrading({
    prices: aapl(at('150')),
    settings: { continueAsNewEvents },
    worker: { interceptors: { activity: [messages.interceptor] } },
    ...options,
  });
  const trade = await trading.until(await trading.start(), ({ stopKind }) => stopKind === 'broker');
  const workflowId = tradeWorkflowId(trade.id);
  const { runId } = await trading.client.workflow.getHandle(workflowId).describe();
  messages.begin(trading, trade);
  return {
    trading,
    trade,
    messages,
    runs: () => runsOf(trading.client, workflowId, runId),
    close: () => trading.close(),
  };
}

/** On a server that skips time; what its guardian does there has tests of its own. */
export function onSkippedTime(environment: TestWorkflowEnvironment): Partial<TradingOptions> {
  return {
    temporal: { address: environment.address, namespace: environment.namespace ?? 'default' },
    guardianPauseMs: 10_000 * DAY_MS,
  };
}

export function passMinutes(environment: TestWorkflowEnvironment, minutes: number): Promise<void> {
  return environment.sleep(minutes * 60_000);
}

/** What the histories say. Messages are those that a run received, updates those that were answered. */
export interface Figures {
  ticks: number;
  runs: number;
  events: number;
  largestRun: number;
  signals: number;
  adjustments: number;
  looks: number;
  /** ids of updates that were answered more than once */
  doubled: string[];
}

export async function figuresOf(long: LongTrade): Promise<Figures> {
  const runs = await long.runs();
  const lengths = runs.map(({ events }) => events.length);
  const updates = runs.flatMap(updatesIn);
  return {
    ticks: sum(runs.map(ticksIn)),
    runs: runs.length,
    events: sum(lengths),
    largestRun: Math.max(...lengths),
    signals: sum(runs.map(signalsIn)),
    adjustments: updates.filter(({ name }) => name === 'adjustExits').length,
    looks: updates.filter(({ name }) => name === 'lookNow').length,
    doubled: updates.map(({ id }) => id).filter((id, index, ids) => ids.indexOf(id) !== index),
  };
}

function sum(numbers: number[]): number {
  return numbers.reduce((one, other) => one + other, 0);
}
