/** What to expect at brokers that differ. */
import { expect } from 'vitest';
import type { TradeView } from '../../src/domain/trade/view.js';
import type { Scenario } from './scenario.js';
import type { PlainRequest } from './trading.js';

/** The simplest stop that the broker has. */
export function stopType({ can, instrument }: Scenario): 'stop' | 'stop_limit' {
  return can.orderTypes[instrument('AAPL').assetClass].includes('stop') ? 'stop' : 'stop_limit';
}

/** Where the filled part is protected while the rest of the entry works. */
export function guard({ can }: Scenario): TradeView['stopKind'] {
  return can.stopBesideEntry ? 'broker' : 'emulated';
}

/** A buy order that fills what is offered up to a price and leaves the rest working. */
export function buyingUpTo(price: string, { traits }: Scenario): PlainRequest {
  return traits.marketRests ? {} : { orderType: 'limit', limitPrice: price };
}

/** Expects the trade to continue with the filled quantity; `of` are the quantities of its entries. */
export async function expectRestCancelled(
  s: Scenario,
  trade: TradeView,
  { of, filled }: { of: string[]; filled: string },
): Promise<void> {
  const open = await s.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker');
  expect(open).toMatchObject({ filledQuantity: filled, openQuantity: filled, remainingQuantity: '0' });
  const record = await s.record(trade);
  expect(record.of('entry')).toMatchObject(of.map((quantity) => ({ quantity, status: 'cancelled' })));
  expect(record.entered).toBe(filled);
  expect(record.working()).toMatchObject([{ type: stopType(s), side: 'sell', quantity: filled }]);
}
