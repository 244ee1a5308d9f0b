/** Nights, exit times and fees in coins. Each failed when it was written. */

import { describe, expect, it } from 'vitest';
import { sessionAt } from '../../../src/domain/calendar.js';
import { type DecimalString, decimalString } from '../../../src/domain/decimal.js';
import type { MarketLook } from '../../../src/domain/market.js';
import { requestClose } from '../../../src/domain/trade/commands.js';
import { conclude } from '../../../src/domain/trade/conclude.js';
import { plannedStopPrice } from '../../../src/domain/trade/exit-prices.js';
import { withFills } from '../../../src/domain/trade/ledger.js';
import { applyLook } from '../../../src/domain/trade/look.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import type { OrderFact } from '../../../src/domain/trade/order-facts.js';
import { beginLooking, scheduleLook } from '../../../src/domain/trade/polling.js';
import { SimulatedTrade, type SimulationOptions } from './simulated-trade.js';

const MINUTE = 60_000;

/** A look at the calendar's session, and everything that follows from it before the next look. */
function minute(trade: SimulatedTrade, at: number, price = '100', facts: OrderFact[] = []): void {
  trade.now = at;
  beginLooking(trade.state, at);
  const text = decimalString(price);
  const session = sessionAt(trade.state.request.assetClass, at);
  const market: MarketLook = {
    ...{ marketTime: at, session, staleAfterMs: 15_000, orders: [], splits: [] },
    position: trade.position().toString(),
    quote: { symbol: 'AAPL', at, bid: text, ask: text, last: text },
  };
  applyLook(trade.state, { market, facts, othersOpen: '0' as DecimalString, othersInDoubt: false }, at);
  conclude(trade.state, at);
  scheduleLook(trade.state, at);
  for (let steps = 0; steps < 20; steps++) {
    conclude(trade.state, trade.now);
    const { kind } = nextStep(trade.state, trade.now);
    if (kind === 'look' || kind === 'wait') break;
    trade.step();
    if (kind === 'finish') break;
  }
  conclude(trade.state, trade.now);
}

/** Monday, 2026-01-05, 20:00 in New York, and the next morning's open. */
const EVENING = Date.UTC(2026, 0, 6, 1, 0);
const OPEN = Date.UTC(2026, 0, 6, 14, 30);

function closedAtNight(options: SimulationOptions): SimulatedTrade {
  const trade = new SimulatedTrade(options);
  trade.rest();
  minute(trade, EVENING);
  trade.exitRefusal = { code: 'market_closed', message: 'market orders are only allowed during market hours' };
  requestClose(trade.state, 'manual', EVENING);
  for (let at = EVENING + MINUTE; at < OPEN; at += MINUTE) minute(trade, at);
  trade.exitRefusal = undefined;
  return trade;
}

const option: SimulationOptions = { capabilities: { stopTimeInForce: 'day' } };

describe('a trade that a person closes at night where orders are refused then', () => {
  it('is closed at the open, not up to an hour later', () => {
    const trade = closedAtNight({});
    let minutes = 0;
    for (; minutes < 120 && !trade.ended; minutes++) minute(trade, OPEN + minutes * MINUTE);
    expect(trade.state.status).toBe('closed');
    expect(minutes).toBeLessThanOrEqual(3);
  });

  it('with stops for the day sends no hourly orders into the closed market', () => {
    const trade = closedAtNight(option);
    const sent = Math.max(
      ...trade.state.orders.filter(({ leg }) => leg === 'exit').map(({ generation }) => generation),
    );
    expect(sent).toBeLessThanOrEqual(3);
  });
});

describe('an exit time', () => {
  it('is kept although an exit for another reason was refused before it', () => {
    const trade = new SimulatedTrade({ capabilities: { stopType: 'none' } });
    trade.rest();
    const exitsBy = Date.UTC(2026, 0, 6, 20, 30);
    trade.state.plan.exitsBy = exitsBy;
    // half past two: the third refusal of an exit at the target is put off for an hour
    minute(trade, exitsBy - 40 * MINUTE);
    trade.state.refusedExit = { reason: 'target', holds: 3, nextTryAt: exitsBy + 20 * MINUTE, day: '2026-01-06' };
    minute(trade, exitsBy);
    expect(trade.state.exitReason ?? trade.state.closing?.reason).toBe('time');
  });
});

describe('a stop of a percentage under a cheap option', () => {
  it('is a price in any case: its limit was 0.12, and it was filled at 0.05', () => {
    const trade = new SimulatedTrade({
      request: {
        ...{ symbol: 'XYZ260116C00150000', assetClass: 'option', orderType: 'limit' },
        ...{ limitPrice: decimalString('0.12'), stopLoss: { percent: decimalString('50') } },
      },
    });
    const fill = {
      ...{ quantity: decimalString('10'), price: decimalString('0.05'), fee: decimalString('0') },
      ...{ executionId: 'f', leg: 'entry' as const, clientOrderId: 'e', at: trade.now },
    };
    trade.state.ledger = withFills(trade.state.ledger, [fill]);
    expect(plannedStopPrice(trade.state)?.toString()).not.toBe('0');
  });
});
