import type { PrismaClient } from '../prisma/generated/client.js';
import type { PassedOver } from '../src/broker-port/listing.js';
import { CLIENT_ORDER_ID_PREFIX } from '../src/domain/ids.js';
import { parseOptionSymbol } from '../src/domain/instrument.js';
import { raiseAccountAlert } from '../src/storage/account-alerts.js';
import { brokerOrderIdsOfTrades, symbolsOfOpenTrades } from '../src/storage/guarded-trades.js';

/**
 * What lists passed over. Of what is not ours the owner learns once for each kind. Answers what is ours: an order of a trade,
 * or a position in a symbol that a trade is in. It may be readable a moment later, as a fill that is not listed yet.
 */
export async function reportPassedOver(
  prisma: PrismaClient,
  account: string,
  passedOver: readonly PassedOver[],
): Promise<PassedOver[]> {
  if (passedOver.length === 0) return [];
  const orderIds = passedOver.flatMap(({ orderId }) => orderId ?? []);
  const known = await brokerOrderIdsOfTrades(prisma, account, orderIds);
  const symbols = await symbolsOfOpenTrades(prisma, account);
  const isOurs = (row: PassedOver) =>
    row.what === 'order'
      ? known.has(row.orderId ?? '') || (row.clientOrderId ?? '').startsWith(CLIENT_ORDER_ID_PREFIX)
      : symbols.has(row.symbol ?? '') || isOptionOn(row.optionOn, symbols);
  const unrelated = passedOver.filter((row) => !isOurs(row));
  for (const row of new Map(unrelated.map((row) => [keyOf(row), row])).values())
    await reportUnrelated(prisma, account, row);
  return passedOver.filter(isOurs);
}

/** An option that cannot be named may be one that a trade holds. */
function isOptionOn(share: string | undefined, symbols: ReadonlySet<string>): boolean {
  return share !== undefined && [...symbols].some((symbol) => parseOptionSymbol(symbol)?.root === share);
}

/** One of ours that stays unreadable. `since`: epoch milliseconds. */
export async function reportUnreadable(
  prisma: PrismaClient,
  account: string,
  row: PassedOver,
  since: number,
): Promise<void> {
  const name = row.what === 'order' ? (row.orderId ?? row.clientOrderId) : (row.symbol ?? row.optionOn);
  const message = `The broker shows the ${row.what} ${name} of a trade in a form that Arbion cannot read (${row.reason}). Check it at the broker.`;
  const key = `${account}:unreadable:${row.what}:${name}:${since}`;
  await raiseAccountAlert(prisma, account, { severity: 1, code: `unreadable_${row.what}`, message, key });
}

async function reportUnrelated(prisma: PrismaClient, account: string, row: PassedOver): Promise<void> {
  const { what, reason } = row;
  const message = `The account holds something that Arbion cannot read and does not trade (${what}: ${reason}). It is left alone.`;
  const key = `${account}:unreadable-unrelated:${keyOf(row)}`;
  await raiseAccountAlert(prisma, account, { severity: 3, code: 'unreadable_stranger', message, key });
}

/** Without numbers and ids: a hundred rows of one kind are one alert. */
function keyOf({ what, reason }: PassedOver): string {
  return `${what}:${reason.replace(/\S*\d\S*/g, '#').slice(0, 100)}`;
}
