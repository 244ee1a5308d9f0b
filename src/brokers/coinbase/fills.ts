import { decimal } from '../../domain/decimal.js';
import { batchesOf } from '../../wire/quotes.js';
import type { CoinbaseCalls } from './calls.js';
import { type AnyFill, fillPage, type OrderRow } from './schemas.js';

const PAGE = '250';
/** So many ids go into the address of one call. */
const IDS_AT_ONCE = 50;

/** The fills of all of these orders, as they are listed. @throws as `CoinbaseCalls.get`. */
export async function readFills(
  calls: CoinbaseCalls,
  account: string,
  orders: readonly OrderRow[],
): Promise<AnyFill[]> {
  const filled = orders.filter(
    ({ status, filled_size }) => status === 'FILLED' || decimal(filled_size ?? '0').isPositive(),
  );
  const ids = filled.map(({ order_id }) => order_id);
  const fills: AnyFill[] = [];
  for (const order_ids of batchesOf(ids, IDS_AT_ONCE)) {
    const pages = await calls.pages(account, '/orders/historical/fills', { order_ids, limit: PAGE }, fillPage);
    fills.push(...pages.flatMap((page) => page.fills));
  }
  return fills;
}
