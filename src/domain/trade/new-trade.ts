import { emptyLedger } from './ledger.js';
import type { TradeInput, TradeRequest } from './request.js';
import type { TradeSettings } from './settings.js';
import type { ExitPlan, TradeState } from './state.js';

export const DEFAULT_SETTINGS: TradeSettings = { monitorIntervalMs: 60_000, continueAsNewEvents: 150 };

/** A trade before its risk check: the request has not been checked yet. */
export function newTradeState(input: TradeInput, workflowId: string, now: number): TradeState {
  const { trade, ticket } = input;
  return {
    version: 1,
    id: ticket.tradeId,
    userId: ticket.userId,
    workflowId,
    createdAt: ticket.issuedAt,
    request: trade,
    admission: 'waiting',
    settings: DEFAULT_SETTINGS,
    capabilities: {
      stopType: 'stop',
      stopBesideEntry: true,
      refusesRepeats: false,
      findsById: false,
      settleWindowMs: 75_000,
    },
    plan: {},
    orders: [],
    ledger: emptyLedger(),
    protection: { unprotectedMs: 0, emulated: false, refusals: 0, oversold: 0 },
    monitor: { nextLookAt: now, pollMs: 0, lookWanted: false },
    status: 'pending',
    pending: { journal: [], alerts: [] },
    moves: 0,
    recordVersion: 0,
  };
}

/** The exits as the trader asked for them. */
export function planOf({ stopLoss, takeProfit, exitAt }: TradeRequest): ExitPlan {
  const plan: ExitPlan = {};
  if ('trailPercent' in stopLoss) plan.trailPercent = stopLoss.trailPercent;
  else {
    if ('price' in stopLoss) plan.stopPrice = stopLoss.price;
    else plan.stopPercent = stopLoss.percent;
    if (stopLoss.limitOffset !== undefined) plan.limitOffset = stopLoss.limitOffset;
  }
  if (takeProfit) {
    if ('price' in takeProfit) plan.targetPrice = takeProfit.price;
    else plan.targetPercent = takeProfit.percent;
  }
  if (exitAt !== undefined) plan.exitAt = exitAt;
  return plan;
}
