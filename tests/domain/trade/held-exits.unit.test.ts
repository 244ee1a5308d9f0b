/** Refused exits, wide quotes, stops and vanished positions: situations that went wrong. Each failed when it was written. */
import { describe, expect, it } from 'vitest';
import { type DecimalString, decimalString } from '../../../src/domain/decimal.js';
import type { MarketLook } from '../../../src/domain/market.js';
import { requestClose } from '../../../src/domain/trade/commands.js';
import { conclude } from '../../../src/domain/trade/conclude.js';
import { type Answers, drive } from '../../../src/domain/trade/driver.js';
import { applyLook } from '../../../src/domain/trade/look.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { factOf, type OrderFact } from '../../../src/domain/trade/order-facts.js';
import { beginLooking, scheduleLook } from '../../../src/domain/trade/polling.js';
import type { UnownedPosition } from '../../../src/domain/trade/vanished.js';
import { emulatedLong, see } from './seen-market.js';
import { SimulatedTrade } from './simulated-trade.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const refusal = { code: 'refused', message: 'no' } as const;

interface Seen {
  session?: MarketLook['session'];
  bid: string;
  ask?: string;
  last?: string;
  halted?: boolean;
  position?: string;
  unowned?: UnownedPosition[];
  facts?: OrderFact[];
}

function look(trade: SimulatedTrade, at: number, seen: Seen): void {
  const { session = 'regular', bid, ask = bid, last = bid, halted, position = '10', unowned = [], facts = [] } = seen;
  trade.now = at;
  beginLooking(trade.state, at);
  const market: MarketLook = {
    ...{ marketTime: at, session, staleAfterMs: 15_000, orders: [], splits: [], position: decimalString(position) },
    quote: {
      ...{ symbol: 'AAPL', at, bid: decimalString(bid), ask: decimalString(ask), last: decimalString(last) },
      ...(halted && { halted }),
    },
  };
  applyLook(trade.state, { market, facts, othersOpen: '0' as DecimalString, othersInDoubt: false, unowned }, at);
  conclude(trade.state, at);
  scheduleLook(trade.state, at);
}

function alertKeys(trade: SimulatedTrade, code: string): string[] {
  return [...new Set(trade.state.pending.alerts.filter((alert) => alert.code === code).map(({ key }) => key))];
}

/** A broker that takes a closing order at first and rejects it a moment later, as Schwab and Alpaca may. */
function rejectLater(trade: SimulatedTrade, ms: number): number {
  const { state } = trade;
  const end = trade.now + ms;
  const rejected = new Set<string>();
  let sent = 0;
  const fact = (order: (typeof state.orders)[number], status: 'working' | 'rejected' | 'cancelled') =>
    factOf(order, {
      orderId: order.brokerOrderId ?? `b-${order.request.clientOrderId}`,
      ...{ quantity: order.quantity, filledQuantity: '0' as DecimalString, placedAt: trade.now, status },
      ...{ triggered: false, executions: [] },
      ...(order.stopPrice !== undefined && { stopPrice: order.stopPrice }),
      ...(status === 'rejected' && { rejectReason: 'This order may result in an oversold position.' }),
    });
  const orderOf = (id: string) => state.orders.find(({ request }) => request.clientOrderId === id);
  const answers: Answers = {
    admit: () => ({ failed: '' }),
    approve: () => ({ approved: true }),
    place: ({ leg, request }) => {
      if (leg === 'exit') sent += 1;
      const order = orderOf(request.clientOrderId);
      return order ? [fact(order, 'working')] : [];
    },
    resend: () => [],
    resolve: () => [],
    cancel: ({ clientOrderId }) => {
      const order = orderOf(clientOrderId);
      return order ? [fact(order, 'cancelled')] : [];
    },
    look: ({ orders }) => {
      const facts = orders.flatMap(({ leg, request }) => {
        const order = orderOf(request.clientOrderId);
        if (leg !== 'exit' || !order || rejected.has(request.clientOrderId)) return [];
        rejected.add(request.clientOrderId);
        return [fact(order, 'rejected')];
      });
      const price = '100' as DecimalString;
      const market: MarketLook = {
        ...{ marketTime: trade.now, session: 'regular', staleAfterMs: 15_000, orders: [], splits: [] },
        quote: { symbol: 'AAPL', at: trade.now, bid: price, ask: price, last: price },
        position: '10' as DecimalString,
      };
      return { market, facts, othersOpen: '0' as DecimalString, othersInDoubt: false };
    },
  };
  while (trade.now < end) {
    conclude(state, trade.now);
    const step = nextStep(state, trade.now);
    if (step.kind === 'finish') break;
    if (step.kind === 'wait') trade.now = Math.max(trade.now + 1, step.until);
    else {
      trade.now += 1;
      drive(state, step, () => trade.now, answers);
    }
  }
  return sent;
}

describe('a refused exit', () => {
  it('that the broker takes first and rejects later costs at most 30 orders in six hours', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    requestClose(trade.state, 'manual', trade.now);
    expect(rejectLater(trade, 6 * HOUR)).toBeLessThanOrEqual(30);
  });

  it('that the broker takes first and rejects later raises one alert', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    requestClose(trade.state, 'manual', trade.now);
    rejectLater(trade, 6 * HOUR);
    expect(alertKeys(trade, 'exit_refused')).toHaveLength(1);
  });

  /** Tuesday, 2026-01-06, 08:55 in New York: refused before the open of the same day. */
  const BEFORE_OPEN = Date.UTC(2026, 0, 6, 13, 55);
  const AT_OPEN = Date.UTC(2026, 0, 6, 14, 30, 5);

  function refusedBeforeOpen(stopType: 'stop' | 'none'): SimulatedTrade {
    const trade = new SimulatedTrade({ capabilities: { stopType } });
    trade.rest();
    look(trade, BEFORE_OPEN, { session: 'pre', bid: '100' });
    trade.exitRefusal = { code: 'market_closed', message: 'no' };
    // the third pause in a row is an hour
    trade.state.refusedExit = { reason: 'manual', holds: 2, nextTryAt: BEFORE_OPEN };
    for (let steps = 0; steps < 20; steps++) {
      conclude(trade.state, trade.now);
      const step = nextStep(trade.state, trade.now);
      if (step.kind === 'look' || step.kind === 'wait') break;
      trade.step();
    }
    conclude(trade.state, trade.now);
    expect(trade.state.refusedExit).toMatchObject({ holds: 3 });
    return trade;
  }

  it('before the open is tried again at the open', () => {
    const trade = refusedBeforeOpen('stop');
    look(trade, AT_OPEN, { bid: '100' });
    expect(trade.state.closing).toMatchObject({ reason: 'manual' });
  });

  it('before the open does not keep a stop from being acted on at the open', () => {
    const trade = refusedBeforeOpen('none');
    look(trade, AT_OPEN, { bid: '80' });
    expect(trade.state.closing).toBeDefined();
  });

  it('during a halt lets the stop go back when the halt is over', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    trade.cancelByHand('stop');
    trade.halted = true;
    trade.market('90');
    trade.exitRefusal = { code: 'halted', message: 'trading is halted' };
    for (let minutes = 0; minutes < 3; minutes++) {
      trade.market('90');
      trade.pass(MINUTE);
    }
    expect(trade.state.refusedExit).toBeDefined();
    // the price comes back while the halt lasts, and the stop that goes back is refused as well
    (trade as unknown as { faults: string[] }).faults.push('refused');
    trade.market('100');
    trade.pass(2 * MINUTE);
    expect(trade.state.protection.retryAt).toBeGreaterThan(trade.now);
    trade.halted = false;
    trade.market('100');
    trade.pass(2 * MINUTE);
    expect(trade.working().map(({ type }) => type)).toEqual(['stop']);
  });

  it('leaves the stop at the broker while quotes are wide', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    trade.exitRefusal = refusal;
    requestClose(trade.state, 'manual', trade.now);
    for (let count = 0; count < 20 && !trade.state.refusedExit; count++) {
      look(trade, trade.now + 15_000, { bid: '90', ask: '110', last: '100' });
      for (let steps = 0; steps < 5; steps++) {
        const { kind } = nextStep(trade.state, trade.now);
        if (kind === 'look' || kind === 'wait') break;
        trade.step();
      }
    }
    look(trade, trade.now + 1_000, { bid: '90', ask: '110', last: '100' });
    expect(trade.state.refusedExit).toBeDefined();
    trade.step();
    // with 99.9 to 100.1 instead it is there
    expect(trade.working().map(({ type }) => type)).toEqual(['stop']);
  });
});

describe('a stop', () => {
  it('refused as opposite is not sent as a type that the broker does not offer', () => {
    const trade = new SimulatedTrade({ capabilities: { stopType: 'stop_limit' }, faults: ['none', 'opposite_order'] });
    trade.rest();
    const stops = trade.state.orders.filter(({ leg }) => leg === 'stop').map(({ request }) => request.type);
    expect(stops).toEqual(['stop_limit', 'stop_limit']);
  });

  it('that trails and is refused as opposite is tried once as a stop-limit', () => {
    const trade = new SimulatedTrade({
      request: { stopLoss: { trailPercent: decimalString('5') } },
      faults: ['none', 'opposite_order'],
    });
    trade.rest();
    const stops = trade.state.orders.filter(({ leg }) => leg === 'stop').map(({ request }) => request.type);
    expect(stops).toEqual(['trailing_stop', 'stop_limit']);
  });
});

describe('a position that vanished', () => {
  it('is not read every five seconds for ever', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    trade.cancelByHand('stop');
    const unowned = [{ symbol: 'META', quantity: decimalString('10') }];
    let at = trade.now + MINUTE;
    for (let looks = 0; looks < 6; looks++) {
      at += 5_000;
      look(trade, at, { bid: '100', position: '0', unowned });
    }
    expect(trade.state.attention?.code).toBe('position_vanished');
    const pauses: number[] = [];
    for (let looks = 0; looks < 100; looks++) {
      at = trade.state.monitor.nextLookAt;
      look(trade, at, { bid: '100', position: '0', unowned });
      pauses.push(trade.state.monitor.nextLookAt - at);
    }
    expect(Math.max(...pauses)).toBeGreaterThan(5_000);
  });

  it('while the trade is being closed gets no closing orders', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    trade.exitRefusal = refusal;
    requestClose(trade.state, 'manual', trade.now);
    trade.rest();
    const unowned = [{ symbol: 'META', quantity: decimalString('10') }];
    for (let looks = 0; looks < 6; looks++) look(trade, trade.now + 5_000, { bid: '100', position: '0', unowned });
    expect(trade.state.attention?.code).toBe('position_vanished');
    trade.now += 30_000;
    trade.state.monitor.nextLookAt = trade.now + 60_000;
    expect(nextStep(trade.state, trade.now).kind).not.toBe('place');
  });
});

describe('wide quotes', () => {
  it('between which there were trades are not three in a row', () => {
    const trade = emulatedLong();
    see(trade, { bid: '100', ask: '100', last: '100' });
    see(trade, { bid: '96', ask: '104', last: '100' });
    see(trade, { bid: '96', ask: '104', last: '101' });
    see(trade, { bid: '96', ask: '104', last: '101' });
    see(trade, { bid: '96', ask: '104', last: '102' });
    see(trade, { bid: '96', ask: '104', last: '102' });
    expect(alertKeys(trade, 'wide_quote')).toEqual([]);
  });

  it('one quote that is read three times in three seconds is one quote', () => {
    const trade = emulatedLong();
    see(trade, { bid: '100', ask: '100', last: '100' });
    see(trade, { bid: '96', ask: '104', last: '100', age: 0 }, 60);
    see(trade, { bid: '96', ask: '104', last: '100', age: 1 }, 1);
    see(trade, { bid: '96', ask: '104', last: '100', age: 2 }, 1);
    expect(alertKeys(trade, 'wide_quote')).toEqual([]);
  });
});
