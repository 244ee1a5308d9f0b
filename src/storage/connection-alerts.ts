import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { endsEveryNight, type LoginWarning } from '../domain/connection.js';
import { FINAL_STATUSES } from '../domain/trade/status.js';
import type { Connection } from './connections.js';

type Database = PrismaClient | Prisma.TransactionClient;

/** Tells once per credential that only a login helps, and which trades wait for it. */
export async function raiseLoginRequired(database: Database, connection: Connection, code: string): Promise<void> {
  const { id, userId, broker, generation, loginDueAt } = connection;
  // An end that comes every night is told before the market opens, and wakes nobody.
  const isExpected = endsEveryNight(broker) && loginDueAt !== null && loginDueAt.getTime() <= Date.now();
  const message = `${broker} wants a new login (${code}). ${await waitingTrades(database, id)}`;
  await raise(database, userId, {
    severity: isExpected ? 3 : 1,
    code: 'reauth_required',
    message,
    key: `${id}:reauth_required:${generation}`,
  });
}

/** Tells once per date and stage that a login will be needed. */
export async function raiseLoginDue(database: Database, connection: Connection, warning: LoginWarning): Promise<void> {
  const { id, userId, broker } = connection;
  const { key, dueAt, hoursLeft } = warning;
  const due = new Date(dueAt).toISOString();
  const isMissing = connection.state === 'reauth_required';
  const message = isMissing
    ? `There is no login at ${broker} today, and the market opens at ${due}. ${await waitingTrades(database, id)}`
    : `The login at ${broker} ends at ${due}: log in again before. ${await waitingTrades(database, id)}`;
  await raise(database, userId, { severity: hoursLeft <= 1 ? 1 : 2, code: 'login_due', message, key: `${id}:${key}` });
}

/** Tells that a permission was forgotten here but may still stand at the broker. */
export async function raiseNotRevoked(database: Database, connection: Connection): Promise<void> {
  const { id, userId, broker, generation } = connection;
  const message = `${broker} could not be asked to end the permission: end it on the broker's own pages.`;
  await raise(database, userId, { severity: 2, code: 'not_revoked', message, key: `${id}:not_revoked:${generation}` });
}

interface NewAlert {
  severity: 1 | 2 | 3;
  code: string;
  message: string;
  key: string;
}

async function raise(database: Database, userId: string, alert: NewAlert): Promise<void> {
  await database.alert.createMany({ data: { ...alert, userId }, skipDuplicates: true });
}

/** The open trades of the connection with what protects them meanwhile. */
async function waitingTrades(database: Database, connectionId: string): Promise<string> {
  const trades = await openTradesAt(database, connectionId);
  if (trades.length === 0) return 'No trade waits for it.';
  const lines = trades.map(({ id, symbol, stopKind, stopPrice }) =>
    stopKind === 'broker' ? `${symbol} ${id}: stop ${stopPrice} rests` : `${symbol} ${id}: no stop at the broker`,
  );
  return `Trades that wait: ${lines.join('; ')}.`;
}

/** Trades that are not final at the accounts of a connection. */
export async function openTradesAt(database: Database, connectionId: string) {
  const accounts = await database.brokerAccount.findMany({ where: { connectionId }, select: { id: true } });
  return database.trade.findMany({
    where: { account: { in: accounts.map(({ id }) => id) }, status: { notIn: [...FINAL_STATUSES] } },
    orderBy: { createdAt: 'asc' },
    select: { id: true, symbol: true, stopKind: true, stopPrice: true },
  });
}
