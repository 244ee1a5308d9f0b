/** Lists of the API as tables: which columns there are, and what each shows of an item. */
import { z } from 'zod';
import { table } from './text.js';

export interface Listing<Item> {
  item: z.ZodType<Item>;
  /** by their headings; what an item does not have is shown as - */
  columns: Readonly<Record<string, (item: Item) => string | null | undefined>>;
  /** the text for an empty list */
  none: string;
}

/** `json` is an answer of the API with `items`. */
export function listingText<Item>({ item, columns, none }: Listing<Item>, json: unknown): string {
  const { items } = z.object({ items: z.array(item) }).parse(json);
  if (items.length === 0) return none;
  const cells = Object.values(columns);
  return table(
    Object.keys(columns),
    items.map((each) => cells.map((cell) => cell(each) ?? '-')),
  );
}
