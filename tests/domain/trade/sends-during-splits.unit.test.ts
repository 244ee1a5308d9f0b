/** Sends and cancels that go on although they should not. Each failed when it was written. */
import { describe, expect, it } from 'vitest';
import { type DecimalString, decimalString } from '../../../src/domain/decimal.js';
import type { MarketLook } from '../../../src/domain/market.js';
import { conclude } from '../../../src/domain/trade/conclude.js';
import { applyLook } from '../../../src/domain/trade/look.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { SimulatedTrade } from './simulated-trade.js';

describe('a stop whose send was lost', () => {
  it('is not sent again in old shares while a split is suspected', () => {
    const trade = new SimulatedTrade();
    trade.rest();
    const evening = Date.UTC(2026, 0, 5, 20, 59);
    const show = (at: number, price: string, position: string) => {
      trade.now = at;
      const text = decimalString(price);
      const market: MarketLook = {
        ...{ marketTime: at, session: 'regular', staleAfterMs: 15_000, orders: [], position: decimalString(position) },
        quote: { symbol: 'AAPL', at, bid: text, ask: text, last: text },
      };
      applyLook(trade.state, { market, facts: [], othersOpen: '0' as DecimalString, othersInDoubt: false }, at);
      conclude(trade.state, at);
    };
    show(evening, '100', '10');
    // the broker went away as the stop was sent, and came back the next morning
    const stop = trade.state.orders.find(({ leg }) => leg === 'stop');
    if (!stop) throw new Error('there is no stop');
    stop.state = 'unknown';
    delete stop.brokerOrderId;
    delete stop.status;
    const open = Date.UTC(2026, 0, 6, 14, 30, 30);
    stop.lookup = { nextAt: open, count: 4, since: open - 60_000, resent: false };
    show(open, '50', '20');
    expect(trade.state.attention?.code).toBe('suspected_split');
    expect(nextStep(trade.state, open)).not.toMatchObject({ kind: 'resolve', resend: true });
  });
});
