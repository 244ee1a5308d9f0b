import { expect, it } from 'vitest';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { SimulatedTrade } from './simulated-trade.js';

/** A trade in a contract of Friday, 2026-01-16, whose position is gone from the account without an order. */
function gone(marketTime: string): SimulatedTrade {
  const trade = new SimulatedTrade({ request: { symbol: 'AAPL260116C00150000', assetClass: 'option' } });
  const fill = { executionId: 'a', quantity: '10', price: '2', fee: '0', at: 0, leg: 'entry', clientOrderId: 'arb' };
  trade.state.ledger = { fills: [fill as never], splits: [], external: [{ quantity: '10' as never, at: 0 }] };
  trade.state.monitor.marketTime = Date.parse(marketTime);
  trade.state.monitor.nextLookAt = Number.MAX_SAFE_INTEGER;
  trade.state.orders = [];
  trade.state.stopEntering = { why: 'cancel' };
  return trade;
}

it.each([
  ['2026-01-16T15:59:00-05:00', 'external'],
  ['2026-01-16T16:00:00-05:00', 'expired'],
  ['2026-01-17T09:00:00-05:00', 'expired'],
])('a contract that is gone at %s ended by %s', (marketTime, exitReason) => {
  const { state, now } = gone(marketTime);
  const entry = { ...entryOrder(), settled: true };
  state.orders = [entry as never];
  expect(nextStep(state, now)).toEqual({ kind: 'finish', status: 'closed', exitReason });
});

function entryOrder() {
  const request = { clientOrderId: 'arb', quantity: '10' };
  return {
    leg: 'entry',
    generation: 1,
    state: 'done',
    status: 'filled',
    filledQuantity: '10',
    quantity: '10',
    request,
  };
}
