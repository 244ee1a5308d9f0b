/**
 * What was bought and sold, lot by lot, with its gains and wash sales, as a tax return of the United States asks for it
 * (Form 8949 and its instructions; Publication 550, *Wash Sales*). Amounts are dollars, each fill's rounded to the cent once.
 */
import { Decimal } from './decimal.js';
import { DAY_MS, newYorkDay } from './exchange-days.js';
import { type AssetClass, contractMultiplier } from './instrument.js';

/** Which lot a sale closes: the oldest, the newest, or that of its own trade (specific identification), else the oldest. */
export const LOT_METHODS = ['fifo', 'lifo', 'trade'] as const;
export type LotMethod = (typeof LOT_METHODS)[number];

interface Holding {
  account: string;
  symbol: string;
  assetClass: AssetClass;
}

export interface LotFill extends Holding {
  kind: 'fill';
  /** epoch milliseconds */
  at: number;
  tradeId: string;
  buys: boolean;
  quantity: Decimal;
  /** dollars per unit, multiplier not included */
  price: Decimal;
  fee: Decimal;
}

/** Shares that left the account without an order. They take their cost along. */
interface LotTransfer extends Holding {
  kind: 'transfer';
  at: number;
  tradeId: string;
  quantity: Decimal;
}

/** One old share became `ratio` new ones. */
interface LotSplit extends Holding {
  kind: 'split';
  at: number;
  ratio: Decimal;
}

export type LotMovement = LotFill | LotTransfer | LotSplit;

/** A part of a lot that was opened together and, if it is not held any more, closed together. */
export interface Parcel extends Holding {
  /** parts of one fill have one number */
  lot: number;
  tradeId: string;
  isShort: boolean;
  quantity: Decimal;
  openedAt: number;
  /** earlier than `openedAt` when it took the place of shares that were sold at a loss */
  heldFrom: number;
  /** what was paid for it; of a short what it was sold for; fees included */
  opened: Decimal;
  closedAt?: number;
  /** what it was sold for; of a short what was paid */
  closed?: Decimal;
  /** the part of its loss that a wash sale does not allow */
  disallowed: Decimal;
  /** its cost includes a loss that was not allowed */
  isReplacement: boolean;
}

export interface ClosedParcel extends Parcel {
  closedAt: number;
  closed: Decimal;
}

const CENTS = 2;
const WASH_SALE_DAYS = 30;

/** All parcels, those still held among them, in the order in which they were opened. `movements` in the order of their times. */
export function parcelsOf(movements: readonly LotMovement[], method: LotMethod): Parcel[] {
  const books = new Map<string, Parcel[]>();
  const ended: Parcel[] = [];
  for (const [lot, movement] of movements.entries()) {
    const key = `${movement.account} ${movement.symbol}`;
    const book = books.get(key) ?? [];
    if (movement.kind === 'split') books.set(key, book.map(splitBy(movement.ratio)));
    else if (movement.kind === 'transfer') books.set(key, takeFrom(book, movement, 'trade').left);
    else {
      const { taken, left } = takeFrom(book, movement, method);
      ended.push(...closeAll(taken, movement));
      books.set(key, [...left, ...openRest(taken, movement, lot)]);
    }
  }
  const parcels = [...ended, ...[...books.values()].flat()];
  const symbols = new Set(parcels.map(({ symbol }) => symbol));
  return [...symbols]
    .flatMap((wanted) => withWashSales(parcels.filter(({ symbol }) => symbol === wanted)))
    .sort(byOpening);
}

export function isClosed(parcel: Parcel): parcel is ClosedParcel {
  return parcel.closedAt !== undefined && parcel.closed !== undefined;
}

/** Before what a wash sale does not allow; negative is a loss. */
export function gainOf({ isShort, opened, closed }: ClosedParcel): Decimal {
  return isShort ? opened.minus(closed) : closed.minus(opened);
}

/** Held for more than a year, by New York's days and counted from the day after; gains of shorts are short-term. */
export function isLongTerm({ isShort, heldFrom, closedAt }: ClosedParcel): boolean {
  if (isShort) return false;
  const day = new Date(newYorkDay(heldFrom));
  const month = day.getUTCMonth();
  day.setUTCFullYear(day.getUTCFullYear() + 1);
  // A year after February 29 is February 28.
  if (day.getUTCMonth() !== month) day.setUTCDate(0);
  return newYorkDay(closedAt) > day.getTime();
}

function byOpening(one: Parcel, other: Parcel): number {
  return one.openedAt - other.openedAt || one.lot - other.lot;
}

function splitBy(ratio: Decimal): (parcel: Parcel) => Parcel {
  return (parcel) => ({ ...parcel, quantity: parcel.quantity.times(ratio) });
}

/** What of the parcels a movement closes, the next ones first; a parcel that is closed in part becomes two. */
function takeFrom(book: readonly Parcel[], movement: LotFill | LotTransfer, method: LotMethod) {
  const taken: Parcel[] = [];
  let open = movement.quantity;
  const left = new Set(book);
  for (const parcel of inOrder(book, movement, method)) {
    if (!open.isPositive()) break;
    left.delete(parcel);
    const [part, rest] = divided(parcel, open.min(parcel.quantity));
    taken.push(part);
    if (rest) left.add(rest);
    open = open.minus(part.quantity);
  }
  return { taken, left: [...left] };
}

function inOrder(book: readonly Parcel[], movement: LotFill | LotTransfer, method: LotMethod): Parcel[] {
  const closable = book.filter(({ isShort }) => movement.kind === 'transfer' || isShort === movement.buys);
  const byAge = closable.toSorted(byOpening);
  if (method === 'lifo') return byAge.reverse();
  const isOwn = ({ tradeId }: Parcel) => tradeId === movement.tradeId;
  return method === 'fifo' ? byAge : [...byAge.filter(isOwn), ...byAge.filter((parcel) => !isOwn(parcel))];
}

/** Cents are divided so that the parts add up to the whole. */
function divided(parcel: Parcel, quantity: Decimal): [Parcel, Parcel?] {
  if (quantity.equals(parcel.quantity)) return [parcel];
  const part = (amount: Decimal) => amount.times(quantity).dividedBy(parcel.quantity).roundedTo(CENTS, 'half_even');
  const [opened, closed] = [part(parcel.opened), parcel.closed && part(parcel.closed)];
  const disallowed = part(parcel.disallowed);
  return [
    { ...parcel, quantity, opened, disallowed, ...(closed && { closed }) },
    {
      ...parcel,
      quantity: parcel.quantity.minus(quantity),
      opened: parcel.opened.minus(opened),
      disallowed: parcel.disallowed.minus(disallowed),
      ...(closed && parcel.closed && { closed: parcel.closed.minus(closed) }),
    },
  ];
}

/** What a fill brought in or cost, with its fee. */
function amountOf({ assetClass, buys, quantity, price, fee }: LotFill): Decimal {
  const value = quantity.times(price).times(contractMultiplier(assetClass));
  return (buys ? value.plus(fee) : value.minus(fee)).roundedTo(CENTS, 'half_even');
}

/** The part of a fill's amount for each parcel that it closes. */
function closeAll(taken: readonly Parcel[], fill: LotFill): Parcel[] {
  const amount = amountOf(fill);
  let quantity = Decimal.zero;
  let paid = Decimal.zero;
  return taken.map((parcel) => {
    quantity = quantity.plus(parcel.quantity);
    const upToHere = amount.times(quantity).dividedBy(fill.quantity).roundedTo(CENTS, 'half_even');
    const closed = upToHere.minus(paid);
    paid = upToHere;
    return { ...parcel, closedAt: fill.at, closed };
  });
}

/** What a fill opens: all of it that closes nothing. */
function openRest(taken: readonly Parcel[], fill: LotFill, lot: number): Parcel[] {
  const quantity = fill.quantity.minus(Decimal.sum(taken.map((parcel) => parcel.quantity)));
  if (!quantity.isPositive()) return [];
  const { account, symbol, assetClass, tradeId, at, buys } = fill;
  const amount = amountOf(fill);
  const used = amount.times(fill.quantity.minus(quantity)).dividedBy(fill.quantity).roundedTo(CENTS, 'half_even');
  const opened = amount.minus(used);
  const dates = { openedAt: at, heldFrom: at };
  const marks = { disallowed: Decimal.zero, isReplacement: false };
  return [{ account, symbol, assetClass, lot, tradeId, isShort: !buys, quantity, opened, ...dates, ...marks }];
}

/**
 * `parcels`: of one symbol. A loss is not allowed as far as the same was bought within 30 days before or after the sale: it is added to the cost of what
 * was bought, which counts as held since then. Coins are no securities.
 */
function withWashSales(parcels: Parcel[]): Parcel[] {
  const all = [...parcels];
  const judged = new Set<Parcel>();
  // A replacement may be sold at a loss later, and then at another cost than before.
  const nextLoss = () =>
    all
      .filter(isClosed)
      .filter((parcel) => isWashable(parcel) && !judged.has(parcel))
      .sort((one, other) => one.closedAt - other.closedAt)[0];
  for (let loss = nextLoss(); loss; loss = nextLoss()) {
    const after = judge(all, loss);
    all[all.indexOf(loss)] = after;
    judged.add(after);
  }
  return all;
}

function isWashable(parcel: ClosedParcel): boolean {
  return parcel.assetClass !== 'crypto' && !parcel.isShort && gainOf(parcel).isNegative();
}

/** The loss with what of it is not allowed; its replacements in `all` take that over. */
function judge(all: Parcel[], loss: ClosedParcel): ClosedParcel {
  const amount = gainOf(loss).absolute();
  let open = loss.quantity;
  let disallowed = Decimal.zero;
  for (const candidate of replacementsOf(all, loss)) {
    if (!open.isPositive()) break;
    const [part, rest] = divided(candidate, open.min(candidate.quantity));
    open = open.minus(part.quantity);
    const replaced = loss.quantity.minus(open);
    const upToHere = amount.times(replaced).dividedBy(loss.quantity).roundedTo(CENTS, 'half_even');
    const heldFrom = part.openedAt - (loss.closedAt - loss.heldFrom);
    const opened = part.opened.plus(upToHere).minus(disallowed);
    all.splice(all.indexOf(candidate), 1, { ...part, opened, heldFrom, isReplacement: true }, ...(rest ? [rest] : []));
    disallowed = upToHere;
  }
  return { ...loss, disallowed };
}

/** Not of the same fill, not used for another loss, and still held after the sale; what was bought first comes first. */
function replacementsOf(all: readonly Parcel[], loss: ClosedParcel): Parcel[] {
  const found = all.filter(
    ({ isShort, lot, isReplacement, openedAt, closedAt }) =>
      !isShort &&
      lot !== loss.lot &&
      !isReplacement &&
      Math.abs(newYorkDay(openedAt) - newYorkDay(loss.closedAt)) <= WASH_SALE_DAYS * DAY_MS &&
      (closedAt === undefined || closedAt > loss.closedAt),
  );
  return found.sort(byOpening);
}
