import { z } from 'zod';
import { isTradeId } from '../domain/ids.js';
import type { ApiClient } from './api-client.js';
import { UsageProblem } from './context.js';
import { table } from './text.js';
import { tradeShape } from './trade-text.js';

/** Enough to see what an id was taken for. */
const SHOWN_MATCHES = 10;

/** For the argument of every command that takes a trade. */
export const TRADE_ID_HELP = 'the id of the trade, or the first digits of it (at least 4)';

/**
 * The full id of the trade that `text` begins. @throws UsageProblem when it is no id or fits several trades, Error when
 * it fits none
 */
export async function fullTradeId(api: ApiClient, text: string): Promise<string> {
  const id = text.toLowerCase();
  if (isTradeId(id)) return id;
  const digits = id.replaceAll('-', '');
  if (!/^[0-9a-f]{4,32}$/.test(digits)) {
    throw new UsageProblem(`${text} is not a trade id: give the id, or at least its first 4 digits (0-9, a-f).`);
  }
  const { json } = await api.get(`/trades?idPrefix=${digits}&limit=${SHOWN_MATCHES}`);
  const { items, nextCursor } = matchesShape.parse(json);
  const [match, ...others] = items;
  if (match === undefined) throw new Error(`You have no trade whose id begins with ${text}. See: arbion trades`);
  if (others.length === 0) return match.id;
  const rows = items.map(({ id, status, side, symbol }) => [`  ${id}`, status, side, symbol]);
  const more = nextCursor === undefined ? [] : ['  …'];
  throw new UsageProblem(
    [`${text} fits several trades; give more digits:`, table(['  id', 'status', 'side', 'symbol'], rows), ...more].join(
      '\n',
    ),
  );
}

const matchesShape = z.object({ items: z.array(tradeShape), nextCursor: z.string().optional() });
