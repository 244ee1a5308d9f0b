/** What every live adapter does with quotes. */
import { type DecimalString, decimal } from '../domain/decimal.js';
import type { Quote } from '../domain/market.js';

/** The broker's price, and size, of one side; nothing where nobody quotes it, which brokers show as zero. */
export function quoted(
  side: 'bid' | 'ask' | 'last',
  price: DecimalString | null | undefined,
  size?: DecimalString | null | undefined,
): Partial<Quote> {
  if (!isPositive(price)) return {};
  return { [side]: price, ...(isPositive(size) && { [`${side}Size`]: size }) };
}

function isPositive(amount: DecimalString | null | undefined): amount is DecimalString {
  return amount !== undefined && amount !== null && decimal(amount).isPositive();
}

/** At most `size` in each: brokers limit what one call may name. */
export function batchesOf<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** How a subscription has to change. */
export function changes(asked: ReadonlySet<string>, wanted: ReadonlySet<string>): { more: string[]; fewer: string[] } {
  return {
    more: [...wanted].filter((symbol) => !asked.has(symbol)),
    fewer: [...asked].filter((symbol) => !wanted.has(symbol)),
  };
}
