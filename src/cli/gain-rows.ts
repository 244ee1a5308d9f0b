/** What `arbion export gains` writes: a row for each lot that was closed, in the columns of Form 8949 of the IRS. */
import { z } from 'zod';
import { tradingDay } from '../domain/calendar.js';
import { type Decimal, decimal, decimalString } from '../domain/decimal.js';
import {
  type ClosedParcel,
  gainOf,
  isClosed,
  isLongTerm,
  type LotMethod,
  type LotMovement,
  parcelsOf,
} from '../domain/lots.js';
import type { ApiClient } from './api-client.js';
import { allItems } from './pages.js';
import { type Event, eventShape } from './trade-text.js';

/** Letters are the form's. */
export const GAIN_COLUMNS = [
  ...[
    'description (a)',
    'acquired (b)',
    'sold (c)',
    'proceeds (d)',
    'cost (e)',
    'code (f)',
    'adjustment (g)',
    'gain (h)',
  ],
  ...['term', 'quantity', 'symbol', 'account', 'tradeId'],
];

const tradeShape = z.looseObject({
  id: z.string(),
  account: z.string(),
  symbol: z.string(),
  assetClass: z.enum(['equity', 'option', 'crypto']),
  side: z.enum(['buy', 'sell_short']),
});
type Trade = z.infer<typeof tradeShape>;

export async function* gainRows(api: ApiClient, filter: Record<string, string>, method: LotMethod) {
  const movements: LotMovement[] = [];
  for await (const trade of allItems(api, '/trades', tradeShape, filter)) {
    for await (const event of allItems(api, `/trades/${trade.id}/events`, eventShape))
      movements.push(...movementsOf(trade, event));
  }
  const inOrder = movements.sort((one, other) => one.at - other.at);
  for (const parcel of parcelsOf(withoutRepeats(inOrder), method).filter(isClosed)) yield rowOf(parcel);
}

function* movementsOf({ id: tradeId, side, ...trade }: Trade, event: Event): Generator<LotMovement> {
  const { account, symbol, assetClass } = trade;
  const common = { account, symbol, assetClass, tradeId, at: Date.parse(event.at) };
  const { leg, quantity, price, fee, ratio } = event.data;
  const isLong = side === 'buy';
  if (event.kind === 'fill') {
    const amounts = { quantity: amountOf(quantity), price: amountOf(price), fee: amountOf(fee) };
    yield { ...common, kind: 'fill', buys: isLong === (leg === 'entry'), ...amounts };
  } else if (event.kind === 'external_change') {
    const taken = { ...common, quantity: amountOf(quantity) };
    // With a price it is the fraction of a share that a split left, paid in cash.
    if (price === null || price === undefined) yield { ...taken, kind: 'transfer' };
    else yield { ...taken, kind: 'fill', buys: !isLong, price: amountOf(price), fee: amountOf('0') };
  } else if (event.kind === 'split') yield { ...common, kind: 'split', ratio: amountOf(ratio) };
}

function amountOf(value: Event['data'][string] | undefined): Decimal {
  return decimal(decimalString(String(value)));
}

/** Each trade of an account and symbol has a split in its journal; it is one, from when the first of them saw it. */
function withoutRepeats(movements: readonly LotMovement[]): LotMovement[] {
  const splits = new Set<string>();
  return movements.filter((movement) => {
    if (movement.kind !== 'split') return true;
    const { account, symbol, ratio, at } = movement;
    const key = `${account} ${symbol} ${ratio} ${tradingDay('equity', at)}`;
    const isFirst = !splits.has(key);
    splits.add(key);
    return isFirst;
  });
}

function rowOf(parcel: ClosedParcel): Record<string, string> {
  const { symbol, account, tradeId, quantity, isShort, openedAt, closedAt, opened, closed, disallowed } = parcel;
  const isWash = disallowed.isPositive();
  return {
    'description (a)': `${quantity} ${symbol}`,
    // Of a short sale: when what closed it was bought, and delivered.
    'acquired (b)': dateOf(isShort ? closedAt : openedAt),
    'sold (c)': dateOf(closedAt),
    'proceeds (d)': cents(isShort ? opened : closed),
    'cost (e)': cents(isShort ? closed : opened),
    'code (f)': isWash ? 'W' : '',
    'adjustment (g)': isWash ? cents(disallowed) : '',
    'gain (h)': cents(gainOf(parcel).plus(disallowed)),
    term: isLongTerm(parcel) ? 'long' : 'short',
    quantity: quantity.toString(),
    ...{ symbol, account, tradeId },
  };
}

/** As the form wants it, by New York's days. */
function dateOf(at: number): string {
  const [year, month, day] = tradingDay('equity', at).split('-');
  return `${month}/${day}/${year}`;
}

function cents(amount: Decimal): string {
  const [whole = '0', part = ''] = amount.toString().split('.');
  return `${whole}.${part.padEnd(2, '0')}`;
}
