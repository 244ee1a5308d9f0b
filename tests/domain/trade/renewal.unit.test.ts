/**
 * A stop that is good till cancelled for 90 days at Alpaca ("aged order policy"), 60 to 180 at others: found missing one
 * morning unless it is renewed.
 */
import { describe, expect, it } from 'vitest';
import type { TradeCapabilities } from '../../../src/domain/trade/settings.js';
import { SimulatedTrade } from './simulated-trade.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A long that looks once an hour, so that months pass in a moment. The simulation begins on a Monday at 10:00 in New York. */
function longLived(capabilities: Partial<TradeCapabilities>): SimulatedTrade {
  const trade = new SimulatedTrade({ capabilities });
  trade.state.settings.monitorIntervalMs = HOUR / 2;
  trade.rest();
  return trade;
}

function passDays(trade: SimulatedTrade, days: number): void {
  for (let hours = 0; hours < days * 24; hours++) {
    trade.market('100');
    trade.pass(HOUR);
  }
}

function generations(trade: SimulatedTrade): number {
  return Math.max(...trade.state.orders.filter(({ leg }) => leg === 'stop').map(({ generation }) => generation));
}

describe('a stop that nears its end', () => {
  it('is renewed ten days before it, once, with one stop alive', () => {
    const trade = longLived({ gtcLifeMs: 60 * DAY });
    passDays(trade, 49);
    expect(generations(trade)).toBe(1);
    passDays(trade, 4);
    expect(generations(trade)).toBe(2);
    passDays(trade, 30);
    expect(generations(trade)).toBe(2);
    expect(trade.working().map(({ type, quantity }) => `${type} ${quantity}`)).toEqual(['stop 10']);
    expect(trade.state.protection.unprotectedMs).toBeLessThan(5_000);
    expect(trade.state.pending.alerts.map(({ code }) => code)).not.toContain('stop_missing');
  });

  it('is renewed in the quiet of a session, not on a weekend or at the open', () => {
    const trade = longLived({ gtcLifeMs: 15 * DAY });
    passDays(trade, 12);
    const renewed = trade.state.orders.find(({ leg, generation }) => leg === 'stop' && generation === 2)?.placedAt ?? 0;
    // the fifth day is a Saturday: Monday, 2026-01-12
    expect(new Date(renewed).toISOString().slice(0, 10)).toBe('2026-01-12');
    expect(new Date(renewed).getUTCHours()).toBeGreaterThanOrEqual(15);
    expect(new Date(renewed).getUTCHours()).toBeLessThan(20);
  });

  it('is left alone where good till cancelled has no end', () => {
    const trade = longLived({});
    passDays(trade, 100);
    expect(generations(trade)).toBe(1);
  });
});
