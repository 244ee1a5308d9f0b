import { ValidationFailed } from '../../domain/errors.js';
import type { TradeId } from '../../domain/ids.js';
import type { TradeCursor } from '../../storage/trade-queries.js';

const TRADE_CURSOR = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function tradeCursorText({ createdAt, id }: TradeCursor): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}

/** @throws ValidationFailed when the text is not one of ours. */
export function parseTradeCursor(text: string): TradeCursor {
  const [, time, id] = TRADE_CURSOR.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (time === undefined || id === undefined) throw unknownCursor();
  return { createdAt: new Date(Number(time)), id: id as TradeId };
}

function unknownCursor(): ValidationFailed {
  return new ValidationFailed([{ field: 'cursor', message: 'must be the nextCursor of a page before' }]);
}
