/** The list of orders: its query parameters, and the orders that match them (docs/brokers/alpaca.md, section 5.1). */
import { z } from 'zod';
import { isBuying } from '../../domain/order.js';
import { type ExchangeOrder, isOver } from '../exchange/orders.js';
import { badInput, type Problem } from './answers.js';
import { fromAlpacaSymbol } from './symbols.js';

const instant = z.iso
  .datetime({ offset: true })
  .or(z.iso.date())
  .transform((text) => Date.parse(text));

const query = z.object({
  status: z.enum(['open', 'closed', 'all']).default('open'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  after: instant.optional(),
  until: instant.optional(),
  direction: z.enum(['asc', 'desc']).default('desc'),
  nested: z
    .string()
    .default('false')
    .transform((text) => text.toLowerCase() === 'true'),
  symbols: z
    .string()
    .optional()
    .transform((text) => text?.split(',').map((symbol) => fromAlpacaSymbol(symbol) ?? symbol)),
  side: z.enum(['buy', 'sell']).optional(),
});
export type ListQuery = z.infer<typeof query>;

export function listQuery(parameters: Record<string, string>): ListQuery | Problem {
  const parsed = query.safeParse(parameters);
  return parsed.success ? parsed.data : badInput(`invalid ${parsed.error.issues[0]?.path.join('.') ?? 'query'}`);
}

/** `orders` come oldest first. */
export function filtered(orders: readonly ExchangeOrder[], wanted: ListQuery): ExchangeOrder[] {
  const fitting = orders.filter((order) => {
    if (wanted.status !== 'all' && (wanted.status === 'closed') !== isOver(order)) return false;
    if (wanted.after !== undefined && order.placedAt <= wanted.after) return false;
    if (wanted.until !== undefined && order.placedAt >= wanted.until) return false;
    if (wanted.symbols !== undefined && !wanted.symbols.includes(order.state.symbol)) return false;
    if (wanted.side !== undefined && (wanted.side === 'buy') !== isBuying(order.state.side)) return false;
    // With `nested`, legs are shown inside their entry.
    return !(wanted.nested && order.parent !== undefined);
  });
  const sorted = wanted.direction === 'asc' ? fitting : fitting.reverse();
  return sorted.slice(0, wanted.limit);
}
