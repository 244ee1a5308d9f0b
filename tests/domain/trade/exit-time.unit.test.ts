import { describe, expect, it } from 'vitest';
import { applyAdmission } from '../../../src/domain/trade/admission.js';
import { checkExitsChange, requestExitsChange } from '../../../src/domain/trade/commands.js';
import { exitTime } from '../../../src/domain/trade/exit-time.js';
import { whyEnded, whyNotTraded } from '../../../src/domain/trade/not-traded.js';
import { concludeExitsChange } from '../../../src/domain/trade/protection.js';
import { initialView, toView } from '../../../src/domain/trade/to-view.js';
import { SimulatedTrade } from './simulated-trade.js';

const at = (text: string) => Date.parse(text);
const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
const option = (symbol: string) => ({ symbol, assetClass: 'option' }) as const;
const AAPL = { symbol: 'AAPL', assetClass: 'equity' } as const;

describe('the clock closes', () => {
  it.each([
    ['a share without a time never', AAPL, undefined, undefined],
    ['a share at the time asked for', AAPL, '2026-01-14T12:00-05:00', '2026-01-14T12:00-05:00'],
    ['a share in the last minute before a weekend', AAPL, '2026-01-17T12:00-05:00', '2026-01-16T15:59-05:00'],
    ['a coin at any time', { symbol: 'BTC-USD', assetClass: 'crypto' }, '2026-01-17T12:00Z', '2026-01-17T12:00Z'],
    ['an option half an hour before it ends', option('AAPL260116C00200000'), undefined, '2026-01-16T15:30-05:00'],
    ['one of SPY a quarter later', option('SPY260116C00600000'), undefined, '2026-01-16T15:45-05:00'],
    ['one of SPX on the day before', option('SPX260116C06000000'), undefined, '2026-01-15T15:45-05:00'],
    ['one of SPXW on its day', option('SPXW260116C06000000'), undefined, '2026-01-16T15:30-05:00'],
    ['one that should go on longer', option('SPX260116C06000000'), '2026-01-16T12:00-05:00', '2026-01-15T15:45-05:00'],
    ['one that should end sooner', option('SPX260116C06000000'), '2026-01-13T20:00-05:00', '2026-01-13T16:14-05:00'],
  ] as const)('%s', (_, instrument, asked, time) => {
    const request = { ...instrument, ...(asked && { exitAt: at(asked) }) };
    expect(iso(exitTime(request))).toBe(time && iso(at(time)));
  });
});

describe('a time exit', () => {
  // SimulatedTrade begins on Monday, 2026-01-05, at 10:00 in New York.
  const exitsBy = at('2026-01-05T10:10:20-05:00');

  function open(): SimulatedTrade {
    const trade = new SimulatedTrade();
    trade.state.plan.exitsBy = exitsBy;
    trade.rest();
    return trade;
  }

  it('is looked for at its time, not at the next turn of the monitor', () => {
    const trade = open();
    trade.pass(exitsBy - 1_000 - trade.now);
    expect(trade.state).toMatchObject({ status: 'open', monitor: { nextLookAt: exitsBy } });
    trade.pass(3_000);
    expect(trade.state).toMatchObject({ closing: { reason: 'time' } });
  });

  it('of a trade that was admitted before is looked for as it was', () => {
    const trade = new SimulatedTrade();
    trade.state.plan.exitAt = exitsBy;
    trade.rest();
    trade.pass(exitsBy - 1_000 - trade.now);
    expect(trade.state.monitor.nextLookAt).not.toBe(exitsBy);
    trade.pass(65_000);
    expect(trade.state).toMatchObject({ closing: { reason: 'time' } });
  });

  it('can be set, moved and removed while the trade is open', () => {
    const trade = open();
    const change = (exitAt: number | null) => {
      expect(checkExitsChange(trade.state, { exitAt })).toBeUndefined();
      requestExitsChange(trade.state, { exitAt }, trade.now);
      trade.rest();
      expect(trade.state.exitsChange).toMatchObject({ step: 'done' });
      return toView(trade.state, trade.now);
    };
    const saturday = at('2026-01-10T12:00-05:00');
    expect(change(saturday)).toMatchObject({ exitAt: iso(saturday), exitsBy: '2026-01-09T20:59:00.000Z' });
    expect(change(null)).toMatchObject({ exitAt: null, exitsBy: null });
    trade.pass(exitsBy + 60_000 - trade.now);
    expect(trade.state.closing).toBeUndefined();
    expect(change(trade.now + 90_000)).toMatchObject({ exitsBy: iso(trade.now + 90_000) });
    trade.pass(95_000);
    expect(trade.state).toMatchObject({ closing: { reason: 'time' } });
  });

  it.each([
    ['the past', at('2026-01-05T09:00-05:00')],
    ['a year and a half ahead', at('2027-07-05T09:00-05:00')],
    ['no number', '2026-01-06' as never],
    ['not a number', Number.NaN],
  ])('is refused: %s', (_, exitAt) => {
    const refused = checkExitsChange(open().state, { exitAt });
    expect(refused).toMatchObject({ type: 'validation-failed', reason: { code: 'NOT_AN_EXIT_TIME' } });
  });

  it('changes at once while a stop is missing, and says nothing of the stop', () => {
    const trade = open();
    trade.state.attention = { code: 'stop_missing', message: 'There is no stop.' };
    // as it is when the broker has cancelled it
    trade.state.orders = trade.state.orders.filter(({ leg }) => leg !== 'stop');
    requestExitsChange(trade.state, { exitAt: null }, trade.now);
    concludeExitsChange(trade.state, trade.now);
    expect(trade.state).toMatchObject({ exitsChange: { step: 'done' }, attention: { code: 'stop_missing' } });
  });

  it('is refused on a weekend for the same weekend', () => {
    const { state } = open();
    state.monitor.marketTime = at('2026-01-10T12:00-05:00');
    const refused = checkExitsChange(state, { exitAt: at('2026-01-11T12:00-05:00') });
    expect(refused?.reason.message).toMatch(/^There is no session before/);
  });

  it('of an option stays at its last moment when the time is removed', () => {
    const { state, now } = new SimulatedTrade({ request: option('AAPL260116C00200000') });
    requestExitsChange(state, { exitAt: null }, now);
    expect(iso(state.plan.exitsBy)).toBe('2026-01-16T20:30:00.000Z');
  });
});

describe('the view', () => {
  const exitAt = at('2026-01-10T12:00-05:00');
  const moved = '2026-01-09T20:59:00.000Z';

  it('shows the time asked for and the time that it will be, from the request on', () => {
    const { state } = new SimulatedTrade({ request: { exitAt } });
    const ticket = { tradeId: state.id, userId: state.userId, issuedAt: state.createdAt } as never;
    const shown = { exitAt: '2026-01-10T17:00:00.000Z', exitsBy: moved };
    expect(initialView({ trade: state.request, ticket })).toMatchObject(shown);
    const { request: trade, capabilities, settings } = state;
    const figures = { referencePrice: '100', notional: '1000', marketTime: state.createdAt, orders: [] } as never;
    const admission = { accepted: true, trade, capabilities, settings, exitsBy: at(moved) } as const;
    applyAdmission(state, { ...admission, ...(figures as object) } as never, state.createdAt);
    expect(toView(state, state.createdAt)).toMatchObject(shown);
  });

  it('of a start that nobody checked shows what can be shown', () => {
    const { state } = new SimulatedTrade();
    for (const [text, shown] of [
      ['2026-01-10T12:00:00-05:00', '2026-01-10T17:00:00.000Z'],
      ['soon', null],
      [{}, null],
    ] as const) {
      const view = toView({ ...state, request: { ...state.request, exitAt: text as never } }, state.createdAt);
      expect(view.exitAt).toBe(shown);
    }
  });
});

describe('what is not traded', () => {
  it.each([
    ['BTC-EUR', 'crypto', 'unsupported_currency'],
    ['ETH-GBP', 'crypto', 'unsupported_currency'],
    ['BTC-USD', 'crypto', undefined],
    ['BTC-USDC', 'crypto', undefined],
    ['BTC-USDT', 'crypto', undefined],
    ['AAPL', 'equity', undefined],
    ['BRK-B', 'equity', undefined],
    ['AAPL260116C00200000', 'option', undefined],
    ['AAPL1260116C00200000', 'option', 'unsupported_contract'],
    ['AAPL7260116C00200000', 'option', 'unsupported_contract'],
    ['2SPX260116C06000000', 'option', 'unsupported_contract'],
  ] as const)('%s (%s): %s', (symbol, assetClass, code) => {
    expect(whyNotTraded({ symbol, assetClass })?.code).toBe(code);
  });

  it.each([
    ['SPX260116C06000000', '2026-01-15T15:44-05:00', undefined],
    ['SPX260116C06000000', '2026-01-15T15:45-05:00', 'contract_expired'],
    ['SPXW260116C06000000', '2026-01-16T15:29-05:00', undefined],
    ['SPXW260116C06000000', '2026-01-16T15:30-05:00', 'contract_expired'],
  ])('%s at %s: %s', (symbol, time, code) => {
    expect(whyEnded(option(symbol), at(time))?.code).toBe(code);
  });
});
