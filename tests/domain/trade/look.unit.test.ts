import { describe, expect, it } from 'vitest';
import { decimalString } from '../../../src/domain/decimal.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { beginLooking } from '../../../src/domain/trade/polling.js';
import { toView } from '../../../src/domain/trade/to-view.js';
import { at, emulatedLong, type Shown, see } from './seen-market.js';
import { SimulatedTrade } from './simulated-trade.js';

describe('a quote that cannot be believed', () => {
  const unusable: [string, Shown][] = [
    ['without a bid', { ask: '94', last: '94' }],
    ['without an ask', { bid: '94', last: '94' }],
    ['of nothing', { bid: '0', ask: '0' }],
    ['crossed', { bid: '94', ask: '93' }],
    ['ten minutes old', { ...at('94'), age: 600 }],
    ['a tenth of the one before', at('10')],
    ['a hundred times the one before', at('10000')],
    ['with an ask from another world', { bid: '94', ask: '1000000000' }],
  ];
  it.each(unusable)('%s closes nothing', (_, quote) => {
    const trade = emulatedLong();
    see(trade, at('100'));
    see(trade, quote);
    expect(trade.state.closing).toBeUndefined();
    expect(trade.state.monitor.quote).toMatchObject({ bid: '100' });
  });

  it('is not confirmed by being read again', () => {
    const trade = emulatedLong();
    see(trade, at('100'));
    see(trade, at('10'));
    see(trade, { ...at('10'), age: 5 }, 5);
    expect(trade.state.closing).toBeUndefined();
    see(trade, at('10'), 5);
    expect(trade.state.closing).toMatchObject({ reason: 'stop' });
  });

  it('is believed when the next one says the same, and forgotten when it does not', () => {
    const trade = emulatedLong();
    for (const price of ['100', '10', '100', '10.2']) see(trade, at(price));
    expect(trade.state.closing).toBeUndefined();
    see(trade, at('10.1'));
    expect(trade.state.closing).toMatchObject({ reason: 'stop' });
  });

  it('wakes a person after 90 seconds, once for each gap', () => {
    const trade = emulatedLong();
    const alerts = () =>
      new Set(
        trade.state.pending.alerts.filter(({ code }) => code === 'market_data_unavailable').map(({ key }) => key),
      );
    see(trade, { last: '100' });
    see(trade, { last: '100' });
    expect(alerts().size).toBe(0);
    for (let minutes = 0; minutes < 5; minutes++) see(trade, { last: '100' });
    expect(alerts().size).toBe(1);
    see(trade, at('100'));
    for (let minutes = 0; minutes < 5; minutes++) see(trade, { last: '100' });
    expect(alerts().size).toBe(2);
  });
});

describe('outside of regular hours', () => {
  it('no price closes anything, and the night counts neither as a gap nor as a breach', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    see(trade, at('94'));
    expect(trade.state.monitor.breachedSince).toBeDefined();
    for (let minutes = 0; minutes < 30; minutes++) see(trade, { ...at('94'), session: 'post' });
    see(trade, { session: 'closed' });
    see(trade, at('94'));
    expect(trade.state.closing).toBeUndefined();
    expect(trade.state.pending.alerts).toEqual([]);
    see(trade, at('94'));
    expect(trade.state.closing).toMatchObject({ reason: 'stop' });
  });
});

describe('a trail that we watch ourselves', () => {
  it('follows the last trade, never back, and ignores one that is nowhere near the quote', () => {
    const trade = new SimulatedTrade({
      capabilities: { stopType: 'none' },
      request: { stopLoss: { trailPercent: decimalString('5') } },
    });
    trade.rest();
    const best = (shown: Shown) => {
      see(trade, shown);
      return trade.state.protection.trailBest;
    };
    expect(best(at('104'))).toBe('104');
    expect(best(at('101'))).toBe('104');
    expect(best({ bid: '103', ask: '103', last: '5000' })).toBe('104');
    expect(trade.state.closing).toBeUndefined();
    see(trade, at('98.8'));
    expect(trade.state.closing).toMatchObject({ reason: 'trailing' });
  });
});

describe('shares that are missing in the account', () => {
  interface Account {
    position: string;
    othersOpen?: string;
    othersInDoubt?: boolean;
    othersBefore?: number;
    takesSeconds?: number;
  }
  const missing = (trade: SimulatedTrade) => trade.state.ledger.external.map(({ quantity }) => quantity);
  const shown = (trade: SimulatedTrade, afterSeconds: number, { takesSeconds = 0, ...account }: Account) => {
    trade.now += afterSeconds * 1000;
    beginLooking(trade.state, trade.now);
    see(trade, at('100'), takesSeconds, account);
    return missing(trade);
  };

  it('are believed when they are missing twice, five seconds apart', () => {
    const trade = emulatedLong();
    expect(shown(trade, 60, { position: '6' })).toEqual([]);
    expect(shown(trade, 4, { position: '6' })).toEqual([]);
    expect(shown(trade, 1, { position: '6' })).toEqual(['4']);
    expect(shown(trade, 60, { position: '6' })).toEqual(['4']);
  });

  it('are not believed by a look that was slow: what it shows may be as old as the one before', () => {
    const trade = emulatedLong();
    shown(trade, 60, { position: '6', takesSeconds: 8 });
    expect(shown(trade, 0, { position: '6', takesSeconds: 8 })).toEqual([]);
    expect(shown(trade, 0, { position: '6' })).toEqual(['4']);
  });

  it('are not believed while the position may lag behind the entry', () => {
    const trade = new SimulatedTrade({ capabilities: { settleWindowMs: 75_000 } });
    trade.rest();
    for (const seconds of [1, 30, 43]) expect(shown(trade, seconds, { position: '0' })).toEqual([]);
    expect(shown(trade, 0, { position: '10' })).toEqual([]);
    const other = new SimulatedTrade({ capabilities: { settleWindowMs: 75_000 } });
    other.rest();
    for (const seconds of [1, 30, 43]) expect(shown(other, seconds, { position: '0' })).toEqual([]);
    expect(shown(other, 1, { position: '0' })).toEqual(['10']);
  });

  it('are looked at anew when another trade has sold or bought meanwhile', () => {
    const trade = emulatedLong();
    const short = { position: '3', othersOpen: '2', othersBefore: 1 };
    for (const seconds of [60, 60, 60]) expect(shown(trade, seconds, short)).toEqual([]);
    const later = { position: '2', othersOpen: '1', othersBefore: 1 };
    for (const seconds of [5, 60, 60]) expect(shown(trade, seconds, later)).toEqual([]);
    expect(shown(trade, 5, later)).toEqual(['9']);
  });

  it('were sold by the stop after all when its fill is reported late', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    trade.market('94');
    shown(trade, 60, { position: '0' });
    expect(shown(trade, 5, { position: '0' })).toEqual(['10']);
    trade.rest();
    expect(toView(trade.state, trade.now)).toMatchObject({
      ...{ status: 'closed', exitReason: 'stop', filledQuantity: '10', openQuantity: '0', realizedPnl: '-60' },
    });
  });

  it('are looked at anew when another number is missing', () => {
    const trade = emulatedLong();
    shown(trade, 60, { position: '6' });
    expect(shown(trade, 5, { position: '5' })).toEqual([]);
    expect(shown(trade, 5, { position: '5' })).toEqual(['5']);
  });

  it("may be another trade's, which is given its own look to say so", () => {
    const trade = emulatedLong();
    const sold = { position: '10', othersOpen: '10' };
    shown(trade, 60, sold);
    expect(shown(trade, 60, sold)).toEqual([]);
    expect(shown(trade, 1, { position: '10', othersOpen: '0' })).toEqual([]);

    const other = emulatedLong();
    shown(other, 60, sold);
    shown(other, 60, sold);
    expect(shown(other, 5, sold)).toEqual(['10']);
  });

  it("may have been sold by another trade's order that is still looked for", () => {
    const trade = emulatedLong();
    const sold = { position: '10', othersOpen: '10', othersInDoubt: true };
    for (let looks = 0; looks < 5; looks++) expect(shown(trade, 60, sold)).toEqual([]);
    expect(shown(trade, 5, { ...sold, othersInDoubt: false })).toEqual(['10']);
  });

  it('are taken off one trade after the other, each of which sees what the one before has taken', () => {
    const trade = emulatedLong();
    const sold = { position: '15', othersOpen: '10', othersBefore: 1 };
    for (const seconds of [60, 60, 5, 54]) expect(shown(trade, seconds, sold)).toEqual([]);
    expect(shown(trade, 1, { ...sold, othersOpen: '5' })).toEqual([]);
    expect(trade.state.monitor.unexplained).toBeUndefined();
  });

  it("are never more than the trade has, and a surplus is nobody's", () => {
    const trade = emulatedLong();
    shown(trade, 60, { position: '-5' });
    expect(shown(trade, 5, { position: '-5' })).toEqual(['10']);
    const rich = emulatedLong();
    shown(rich, 60, { position: '50' });
    expect(shown(rich, 5, { position: '50' })).toEqual([]);
  });
});

it('a look that is asked for while another is under way is not answered by that one', () => {
  const trade = emulatedLong();
  beginLooking(trade.state, trade.now);
  trade.state.monitor.lookWanted = true;
  see(trade, at('100'), 0);
  expect(nextStep(trade.state, trade.now)).toEqual({ kind: 'look' });
});
