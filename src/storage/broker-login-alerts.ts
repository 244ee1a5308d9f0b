import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { endsEveryNight, type LoginWarning } from '../domain/broker-login.js';
import { FINAL_STATUSES } from '../domain/trade/status.js';
import type { TradeView } from '../domain/trade/view.js';
import type { BrokerLogin } from './broker-logins.js';
import { viewOf } from './trade-view.js';

type Database = PrismaClient | Prisma.TransactionClient;

/** Alerts once per credential that the user must log in again, and names the trades that wait for it. */
export async function raiseLoginRequired(database: Database, brokerLogin: BrokerLogin, code: string): Promise<void> {
  const { id, userId, broker, generation, loginDueAt } = brokerLogin;
  // A login that ends every night wakes nobody: `raiseLoginDue` reminds the user before the market opens.
  const isExpected = endsEveryNight(broker) && loginDueAt !== null && loginDueAt.getTime() <= Date.now();
  const message = `Log in at ${broker} again: it no longer accepts the stored login (${code}). ${await waitingTrades(database, id)}`;
  await raise(database, userId, {
    severity: isExpected ? 3 : 1,
    code: 'reauth_required',
    message,
    key: `${id}:reauth_required:${generation}`,
  });
}

/** Alerts once per due date and stage that a login will be needed. */
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
    ? `Log in at ${broker} before the market opens at ${due}: there is no login for today. ${await waitingTrades(database, id)}`
    : `Log in at ${broker} again before ${due}, when the current login ends. ${await waitingTrades(database, id)}`;
  await raise(database, userId, { severity: hoursLeft <= 1 ? 1 : 2, code: 'login_due', message, key: `${id}:${key}` });
}

/** Alerts that a permission was deleted here but may still be valid at the broker. */
export async function raiseNotRevoked(database: Database, brokerLogin: BrokerLogin): Promise<void> {
  const { id, userId, broker, generation } = brokerLogin;
  const message = `Arbion's access could not be ended at ${broker}. End it on the broker's own pages.`;
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

/** The open trades of the broker login, each with its stop at the broker. */
async function waitingTrades(database: Database, loginId: string): Promise<string> {
  const trades = await openTradesAt(database, loginId);
  if (trades.length === 0) return 'No open trade depends on it.';
  const lines = trades.map(({ id, symbol, stopKind, stopPrice }) =>
    stopKind === 'broker'
      ? `${symbol} ${id}: stop at ${stopPrice} is working`
      : `${symbol} ${id}: no stop at the broker`,
  );
  return `Open trades that depend on it: ${lines.join('; ')}.`;
}

/** The trades at the login's accounts that have not ended, oldest first. */
export async function openTradesAt(database: Database, loginId: string): Promise<TradeView[]> {
  const accounts = await database.brokerAccount.findMany({ where: { loginId }, select: { id: true } });
  const rows = await database.trade.findMany({
    where: { account: { in: accounts.map(({ id }) => id) }, status: { notIn: [...FINAL_STATUSES] } },
    orderBy: { createdAt: 'asc' },
    select: { view: true },
  });
  return rows.map(viewOf);
}
