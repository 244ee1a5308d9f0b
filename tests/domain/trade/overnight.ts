/** What a live broker shows a trade from one evening to the next morning: it announces no splits. */
import { type DecimalString, decimalString } from '../../../src/domain/decimal.js';
import type { MarketLook } from '../../../src/domain/market.js';
import { conclude } from '../../../src/domain/trade/conclude.js';
import { applyLook } from '../../../src/domain/trade/look.js';
import { factOf, type OrderFact } from '../../../src/domain/trade/order-facts.js';
import { SimulatedTrade, type SimulationOptions } from './simulated-trade.js';

/** Monday, 2026-01-05, 15:59 in New York; the next morning before the open, at the open, and ten minutes later. */
export const EVENING = Date.UTC(2026, 0, 5, 20, 59);
export const EARLY = Date.UTC(2026, 0, 6, 12, 0);
export const OPEN = Date.UTC(2026, 0, 6, 14, 30, 30);
export const LATER = Date.UTC(2026, 0, 6, 14, 40);

interface Seen {
  price: string;
  bid?: string;
  ask?: string;
  position?: string;
  quoteAt?: number;
  othersOpen?: string;
  stop?: { quantity: string; stopPrice: string; filled?: string; fillPrice?: string } | 'cancelled';
}

export function show(trade: SimulatedTrade, at: number, seen: Seen): void {
  trade.now = at;
  const { price, position = '10', stop, quoteAt = at, othersOpen = '0' } = seen;
  const session: MarketLook['session'] = at < OPEN - 30_000 && at > EVENING + 60_000 ? 'pre' : 'regular';
  const market: MarketLook = {
    ...{ marketTime: at, session, staleAfterMs: 15_000, orders: [], position: decimalString(position) },
    quote: {
      symbol: 'AAPL',
      at: quoteAt,
      bid: decimalString(seen.bid ?? price),
      ask: decimalString(seen.ask ?? price),
      last: decimalString(price),
    },
  };
  const others = { othersOpen: decimalString(othersOpen), othersInDoubt: false };
  applyLook(trade.state, { market, facts: stop ? [stopFact(trade, stop)] : [], ...others }, at);
  conclude(trade.state, at);
}

function stopFact(trade: SimulatedTrade, stop: NonNullable<Seen['stop']>): OrderFact {
  const order = trade.state.orders.findLast(({ leg }) => leg === 'stop');
  if (!order) throw new Error('there is no stop');
  if (stop === 'cancelled') {
    return factOf(order, {
      orderId: order.brokerOrderId ?? '',
      ...{ quantity: order.quantity, filledQuantity: decimalString('0'), stopPrice: order.stopPrice as DecimalString },
      ...{ status: 'cancelled' as const, triggered: false, executions: [], placedAt: EVENING },
    });
  }
  const filled = stop.filled ?? '0';
  const fill = {
    executionId: 'stop-fill',
    quantity: decimalString(filled),
    price: decimalString(stop.fillPrice ?? '0'),
    fee: decimalString('0'),
    at: trade.now - 5_000,
  };
  return factOf(order, {
    orderId: order.brokerOrderId ?? '',
    quantity: decimalString(stop.quantity),
    filledQuantity: decimalString(filled),
    stopPrice: decimalString(stop.stopPrice),
    status: filled === stop.quantity ? 'filled' : 'working',
    ...{ triggered: filled !== '0', executions: filled === '0' ? [] : [fill], placedAt: EVENING },
  });
}

export function inTheEvening(options: SimulationOptions = {}, position = '10'): SimulatedTrade {
  const trade = new SimulatedTrade(options);
  trade.rest();
  show(trade, EVENING, { price: '100', position });
  return trade;
}
