/** Carried states, resets, renamed shares and what is lost on the way. Each failed when it was written. */
import { describe, expect, it, vi } from 'vitest';
import { type DecimalString, decimalString } from '../../../src/domain/decimal.js';
import type { MarketLook, Quote } from '../../../src/domain/market.js';
import { applyAdmission } from '../../../src/domain/trade/admission.js';
import { requestClose, requestExitsChange } from '../../../src/domain/trade/commands.js';
import { conclude } from '../../../src/domain/trade/conclude.js';
import { applyLook } from '../../../src/domain/trade/look.js';
import { newTradeState } from '../../../src/domain/trade/new-trade.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { factOf, factOfUnplaced, type OrderFact } from '../../../src/domain/trade/order-facts.js';
import { beginLooking } from '../../../src/domain/trade/polling.js';
import type { TradeInput } from '../../../src/domain/trade/request.js';
import type { TradeState } from '../../../src/domain/trade/state.js';
import type { UnownedPosition } from '../../../src/domain/trade/vanished.js';
import { SimulatedTrade } from './simulated-trade.js';

const MINUTE = 60_000;

interface Seen {
  session?: MarketLook['session'];
  quote: Omit<Quote, 'symbol' | 'at'>;
  position?: string;
  othersOpen?: string;
  unowned?: UnownedPosition[];
  live?: boolean;
}

function look(trade: SimulatedTrade, at: number, seen: Seen): void {
  const { session = 'regular', quote, position = '10', othersOpen = '0', unowned = [], live = false } = seen;
  trade.now = at;
  beginLooking(trade.state, at);
  const market: MarketLook = {
    ...{ marketTime: at, session, staleAfterMs: 15_000, orders: [], position: decimalString(position) },
    ...(!live && { splits: [] }),
    quote: { symbol: 'AAPL', at, ...quote },
  };
  applyLook(
    trade.state,
    { market, facts: [], othersOpen: decimalString(othersOpen), othersInDoubt: false, unowned },
    at,
  );
  conclude(trade.state, at);
}

function quoteAt(bid: string, ask = bid, last = bid): Seen['quote'] {
  return { bid: decimalString(bid), ask: decimalString(ask), last: decimalString(last) };
}

describe('a state from before today', () => {
  it('whose exit was refused for good still asks for a person', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    // what the version before left behind: the attention, and no `refusedExit`
    trade.state.attention = { code: 'exit_refused', message: 'The broker keeps refusing to close the position.' };
    trade.state.status = 'needs_attention';
    const carried = JSON.parse(JSON.stringify(trade.state)) as TradeState;
    conclude(carried, trade.now);
    expect(carried.attention?.code).toBe('exit_refused');
  });
});

describe('shares of a renamed company', () => {
  it('of two trades in the account wait for a person', () => {
    const [othersOpen, there] = ['10', '20'];
    const trade = new SimulatedTrade();
    trade.rest();
    trade.cancelByHand('stop');
    const unowned = [{ symbol: 'META', quantity: decimalString(there) }];
    for (let looks = 1; looks < 60; looks++) {
      look(trade, trade.now + 5_000, { quote: quoteAt('100'), position: '0', othersOpen, unowned });
    }
    expect(trade.state.ledger.external).toEqual([]);
    expect(trade.state.attention?.code).toBe('position_vanished');
  });
});

describe('a wide quote at the open', () => {
  it('is not judged by a trade of before the session, which may be hours old', () => {
    const trade = new SimulatedTrade({ capabilities: { stopType: 'none' } });
    trade.rest();
    const evening = Date.UTC(2026, 0, 5, 20, 59);
    look(trade, evening, { quote: { ...quoteAt('100'), lastAt: evening - 1_000 } });
    // one odd print at 04:10 in New York, and nothing since
    const early = Date.UTC(2026, 0, 6, 9, 10);
    look(trade, Date.UTC(2026, 0, 6, 14, 30, 5), { quote: { ...quoteAt('92', '108', '94.9'), lastAt: early } });
    expect(trade.state.closing).toBeUndefined();
  });
});

describe('a person who is asked', () => {
  it('for a missing stop is still asked after a night that looked like a split', () => {
    const trade = new SimulatedTrade({ request: { onStopMissing: 'ask' } });
    trade.rest();
    look(trade, Date.UTC(2026, 0, 5, 20, 58), { quote: quoteAt('100'), live: true });
    trade.cancelByHand('stop');
    trade.look();
    look(trade, Date.UTC(2026, 0, 5, 20, 59), { quote: quoteAt('100'), live: true });
    expect(trade.state.attention?.code).toBe('stop_missing');
    look(trade, Date.UTC(2026, 0, 6, 14, 30, 30), { quote: quoteAt('200'), live: true });
    look(trade, Date.UTC(2026, 0, 6, 14, 41), { quote: quoteAt('200'), live: true });
    expect(trade.state.attention?.code).toBe('stop_missing');
  });

  it('may adjust a day stop twice between sessions', () => {
    const trade = new SimulatedTrade({
      request: { symbol: 'AAPL260116C00150000', assetClass: 'option' },
      capabilities: { stopTimeInForce: 'day' },
    });
    trade.rest();
    trade.cancelByHand('stop');
    look(trade, Date.UTC(2026, 0, 5, 21, 1), { session: 'closed', quote: quoteAt('100') });
    trade.look();
    look(trade, Date.UTC(2026, 0, 5, 21, 5), { session: 'closed', quote: quoteAt('100') });
    requestExitsChange(trade.state, { stopPrice: decimalString('96') }, trade.now);
    conclude(trade.state, trade.now);
    expect(trade.state.exitsChange?.step).toBe('done');
  });
});

describe('a run that was reset', () => {
  it('does not sell a protected position because of stops that were refused long ago', () => {
    const old = new SimulatedTrade();
    old.rest();
    const entry = old.state.orders.find(({ leg }) => leg === 'entry');
    const stop = old.state.orders.find(({ leg }) => leg === 'stop');
    if (!entry || !stop) throw new Error('no orders');
    const at = (generation: number) => ({
      leg: 'stop' as const,
      generation,
      request: { ...stop.request, clientOrderId: `${stop.request.clientOrderId}-${generation}` },
    });
    const common = { quantity: '10' as DecimalString, triggered: false, placedAt: old.now };
    const none = { filledQuantity: '0' as DecimalString, executions: [] };
    const opposite = { code: 'opposite_order', message: 'no' } as const;
    const orders: OrderFact[] = [
      factOf(entry, {
        ...{ orderId: 'e', ...common, status: 'filled', filledQuantity: '10' as DecimalString },
        executions: [
          {
            executionId: 'f',
            quantity: '10' as DecimalString,
            price: '100' as DecimalString,
            fee: '0' as DecimalString,
            at: old.now,
          },
        ],
      }),
      factOfUnplaced(at(1), 'refused', opposite),
      factOf(at(2), { orderId: 's2', ...common, ...none, status: 'cancelled', stopPrice: '95' as DecimalString }),
      factOfUnplaced(at(3), 'refused', opposite),
      factOf(at(4), { orderId: 's4', ...common, ...none, status: 'working', stopPrice: '95' as DecimalString }),
    ];
    const ticket = { tradeId: old.state.id, userId: 'u', issuedAt: old.now } as unknown as TradeInput['ticket'];
    const state = newTradeState({ trade: old.state.request, ticket }, `trade-${old.state.id}`, old.now);
    const { settings, capabilities, request: trade } = old.state;
    applyAdmission(
      state,
      {
        ...{ accepted: true, trade, settings, capabilities, orders, marketTime: old.now },
        ...{ referencePrice: '100' as DecimalString, notional: '1000' as DecimalString },
      },
      old.now,
    );
    conclude(state, old.now);
    expect(state.closing).toBeUndefined();
  });
});

describe('the journal', () => {
  it('keeps a line that a command adds while the record is being written', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    vi.doMock('@temporalio/workflow', () => ({ log: console, setCurrentDetails: () => {} }));
    vi.doMock('../../../workflows/support/activity-profiles.js', () => ({
      records: { recordTrade: () => held },
      lastRecord: {},
      rejection: {},
    }));
    vi.doMock('../../../workflows/support/operator-card.js', () => ({ operatorCard: () => '' }));
    vi.doMock('../../../workflows/support/search-attributes.js', () => ({ publishSearchAttributes: () => {} }));
    const { Recorder } = await import('../../../workflows/trade/recorder.js');
    const trade = new SimulatedTrade();
    trade.rest();
    const publishing = new Recorder(trade.state).publish();
    requestClose(trade.state, 'manual', trade.now, 'a person');
    release();
    await publishing;
    expect(trade.state.pending.journal.map(({ kind }) => kind)).toContain('closing');
  });
});

describe('a stop that nears its end', () => {
  it('is not renewed while trading is halted: its successor would be refused', () => {
    const trade = new SimulatedTrade({ capabilities: { gtcLifeMs: 60 * 86_400_000 } });
    trade.rest();
    const later = Date.UTC(2026, 2, 3, 17, 0);
    look(trade, later, { quote: { ...quoteAt('100'), halted: true } });
    expect(trade.state.monitor.halted).toBe(true);
    expect(nextStep(trade.state, later).kind).not.toBe('cancel');
  });

  it('is not renewed while its quotes are wide and nothing could judge the price in between', () => {
    const trade = new SimulatedTrade({ capabilities: { gtcLifeMs: 60 * 86_400_000 } });
    trade.rest();
    const later = Date.UTC(2026, 2, 3, 17, 0);
    look(trade, later, { quote: quoteAt('95.2', '105', '95.3') });
    look(trade, later + MINUTE, { quote: quoteAt('95.2', '105', '95.3') });
    expect(trade.state.monitor.wideLooks).toBeDefined();
    expect(nextStep(trade.state, trade.now).kind).not.toBe('cancel');
  });
});
