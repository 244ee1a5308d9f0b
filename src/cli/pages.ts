/** Lists of the API that are longer than a page. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type ApiAnswer, type ApiClient, ApiProblem } from './api-client.js';

/** The most that the API gives at once. */
const PAGE = '200';

/** All items of a list, in the API's order. Waits where the API asks to. */
export async function* allItems<Item>(
  api: ApiClient,
  path: string,
  item: z.ZodType<Item>,
  filter: Record<string, string> = {},
): AsyncGenerator<Item> {
  const page = z.object({ items: z.array(item), nextCursor: z.string().optional() });
  for (let cursor: string | undefined; ; ) {
    const query = new URLSearchParams({ ...filter, limit: PAGE, ...(cursor && { cursor }) });
    const { items, nextCursor } = page.parse((await patiently(() => api.get(`${path}?${query}`))).json);
    yield* items;
    if (nextCursor === undefined) return;
    cursor = nextCursor;
  }
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Repeats a call that came too soon after others. */
export async function patiently(call: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.retryAfterSeconds === undefined) throw error;
      await sleep(1000 * error.retryAfterSeconds);
    }
  }
}
