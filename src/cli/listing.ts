/** Lists as tables: which columns there are, and what each shows of an item. */
import { z } from 'zod';
import { table } from './text.js';

/** By their headings. What an item does not have is shown as -. */
export type Columns<Item> = Readonly<Record<string, (item: Item, index: number) => string | null | undefined>>;

export interface Listing<Item> {
  item: z.ZodType<Item>;
  columns: Columns<Item>;
  /** the text for an empty list */
  none: string;
}

/** `json` is an answer of the API with `items`. */
export function listingText<Item>({ item, columns, none }: Listing<Item>, json: unknown): string {
  const { items } = z.object({ items: z.array(item) }).parse(json);
  return items.length === 0 ? none : tableOf(items, columns);
}

export function tableOf<Item>(items: readonly Item[], columns: Columns<Item>): string {
  const cells = Object.values(columns);
  const rows = items.map((item, index) => cells.map((cell) => cell(item, index) ?? '-'));
  return table(Object.keys(columns), rows);
}
