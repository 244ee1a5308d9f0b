/** Which cash has settled. */
import { tradingDay } from '../../domain/calendar.js';
import { Decimal, decimal } from '../../domain/decimal.js';
import { contractMultiplier } from '../../domain/instrument.js';
import { type ExchangeOrder, executionsOf } from './orders.js';

/** What today's sales brought: sales settle on the next business day (T+1, SEC rule 15c6-1, since 28 May 2024). */
export function unsettledProceeds(orders: readonly ExchangeOrder[], now: number): Decimal {
  const today = tradingDay('equity', now);
  const sales = orders.filter(({ request }) => request.side === 'sell');
  return Decimal.sum(sales.map((sale) => soldOn(today, sale)));
}

function soldOn(day: string, order: ExchangeOrder): Decimal {
  const fills = executionsOf(order).filter(({ at }) => tradingDay('equity', at) === day);
  const value = Decimal.sum(fills.map((fill) => decimal(fill.quantity).times(decimal(fill.price))));
  return value.times(contractMultiplier(order.request.assetClass));
}
