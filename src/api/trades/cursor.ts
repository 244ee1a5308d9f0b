import { z } from '@hono/zod-openapi';
import type { TradeId } from '../../domain/ids.js';
import type { TradeCursor } from '../../storage/trade-queries.js';

const TRADE_CURSOR = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Where a page of trades ended: when the last one was made, in epoch milliseconds, and its id. */
export const tradeCursor = z
  .string()
  .regex(TRADE_CURSOR, { error: 'must be the nextCursor of a page before', abort: true })
  .transform(parseTradeCursor)
  .openapi({ type: 'string', pattern: TRADE_CURSOR.source });

export function tradeCursorText({ createdAt, id }: TradeCursor): string {
  return `${createdAt.getTime()}.${id}`;
}

function parseTradeCursor(text: string): TradeCursor {
  const [time = '', id = ''] = text.split('.');
  return { createdAt: new Date(Number(time)), id: id as TradeId };
}
