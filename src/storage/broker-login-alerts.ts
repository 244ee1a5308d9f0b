import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { endsEveryNight, type LoginWarning } from '../domain/broker-login.js';
import { FINAL_STATUSES } from '../domain/trade/status.js';
import type { BrokerLogin } from './broker-logins.js';

type Database = PrismaClient | Prisma.TransactionClient;

/** Tells once per credential that only a login helps, and which trades wait for it. */
export async function raiseLoginRequired(database: Database, brokerLogin: BrokerLogin, code: string): Promise<void> {
  const { id, userId, broker, generation, loginDueAt } = brokerLogin;
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
export async function raiseLoginDue(
  database: Database,
  brokerLogin: BrokerLogin,
  warning: LoginWarning,
): Promise<void> {
  const { id, userId, broker } = brokerLogin;
  const { key, dueAt, hoursLeft } = warning;
  const due = new Date(dueAt).toISOString();
  const isMissing = brokerLogin.state === 'reauth_required';
  const message = isMissing
    ? `There is no login at ${broker} today, and the market opens at ${due}. ${await waitingTrades(database, id)}`
    : `The login at ${broker} ends at ${due}: log in again before. ${await waitingTrades(database, id)}`;
  await raise(database, userId, { severity: hoursLeft <= 1 ? 1 : 2, code: 'login_due', message, key: `${id}:${key}` });
}

/** Tells that a permission was forgotten here but may still stand at the broker. */
export async function raiseNotRevoked(database: Database, brokerLogin: BrokerLogin): Promise<void> {
  const { id, userId, broker, generation } = brokerLogin;
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

/** The open trades of the broker login with what protects them meanwhile. */
async function waitingTrades(database: Database, loginId: string): Promise<string> {
  const trades = await openTradesAt(database, loginId);
  if (trades.length === 0) return 'No trade waits for it.';
  const lines = trades.map(({ id, symbol, stopKind, stopPrice }) =>
    stopKind === 'broker' ? `${symbol} ${id}: stop ${stopPrice} rests` : `${symbol} ${id}: no stop at the broker`,
  );
  return `Trades that wait: ${lines.join('; ')}.`;
}

/** Trades that are not final at the accounts of a broker login. */
export async function openTradesAt(database: Database, loginId: string) {
  const accounts = await database.brokerAccount.findMany({ where: { loginId }, select: { id: true } });
  return database.trade.findMany({
    where: { account: { in: accounts.map(({ id }) => id) }, status: { notIn: [...FINAL_STATUSES] } },
    orderBy: { createdAt: 'asc' },
    select: { id: true, symbol: true, stopKind: true, stopPrice: true },
  });
}
