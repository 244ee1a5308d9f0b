/** Alpaca takes only day orders for options: a stop that was good till cancelled was refused and the contract sold at once. */
import { describe, expect, it } from 'vitest';
import { decimalString } from '../../../src/domain/decimal.js';
import type { MarketLook } from '../../../src/domain/market.js';
import { conclude } from '../../../src/domain/trade/conclude.js';
import { applyLook } from '../../../src/domain/trade/look.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { factOf, type OrderFact } from '../../../src/domain/trade/order-facts.js';
import { scheduleLook } from '../../../src/domain/trade/polling.js';
import { SimulatedTrade } from './simulated-trade.js';

/** Monday, 2026-01-05, in New York: a minute before and after the close; the next morning. */
const BEFORE_CLOSE = Date.UTC(2026, 0, 5, 20, 59);
const AFTER_CLOSE = Date.UTC(2026, 0, 5, 21, 1);
const NEXT_OPEN = Date.UTC(2026, 0, 6, 14, 30);

function look(trade: SimulatedTrade, at: number, session: MarketLook['session'], facts: OrderFact[] = []): void {
  trade.now = at;
  const price = decimalString('100');
  const market: MarketLook = {
    ...{ marketTime: at, session, staleAfterMs: 15_000, orders: [], splits: [], position: decimalString('10') },
    quote: { symbol: 'AAPL260116C00150000', at, bid: price, ask: price, last: price },
  };
  applyLook(trade.state, { market, facts, othersOpen: decimalString('0'), othersInDoubt: false }, at);
  conclude(trade.state, at);
  scheduleLook(trade.state, at);
}

function expiredStop(trade: SimulatedTrade): OrderFact {
  const order = trade.state.orders.findLast(({ leg }) => leg === 'stop');
  if (!order) throw new Error('there is no stop');
  return factOf(order, {
    ...{ orderId: order.brokerOrderId ?? '', quantity: order.quantity, filledQuantity: decimalString('0') },
    ...{ status: 'expired', triggered: false, executions: [], placedAt: BEFORE_CLOSE },
  });
}

function optionTrade(): SimulatedTrade {
  const trade = new SimulatedTrade({
    request: { symbol: 'AAPL260116C00150000', assetClass: 'option' },
    capabilities: { stopTimeInForce: 'day' },
  });
  trade.rest();
  return trade;
}

describe('a stop for the day', () => {
  it('is sent as one', () => {
    expect(optionTrade().state.orders.at(-1)?.request).toMatchObject({ type: 'stop', timeInForce: 'day' });
  });

  it('ends with its session without an alert, and nothing is sent before the next one', () => {
    const trade = optionTrade();
    look(trade, BEFORE_CLOSE, 'regular');
    look(trade, AFTER_CLOSE, 'closed', [expiredStop(trade)]);
    for (let hours = 1; hours < 17; hours++) look(trade, AFTER_CLOSE + hours * 3_600_000, 'closed');
    expect(nextStep(trade.state, trade.now).kind).not.toBe('place');
    expect(trade.state.pending.alerts).toEqual([]);
    expect(trade.state.protection.unprotectedMs).toBeLessThan(1_000);
  });

  it('is looked for at the open and put in again', () => {
    const trade = optionTrade();
    look(trade, BEFORE_CLOSE, 'regular');
    look(trade, AFTER_CLOSE, 'closed', [expiredStop(trade)]);
    look(trade, NEXT_OPEN - 20_000, 'closed');
    expect(trade.state.monitor.nextLookAt).toBeLessThanOrEqual(NEXT_OPEN);
    look(trade, NEXT_OPEN, 'regular');
    expect(nextStep(trade.state, trade.now)).toMatchObject({
      kind: 'place',
      order: { leg: 'stop', generation: 2, request: { timeInForce: 'day' } },
    });
  });
});
