/**
 * Connections to brokers as rows. Credentials are bytes here that only src/vault understands.
 *
 * Every change of a credential names the generation that it takes the place of, so that of two that come at once the later
 * one changes nothing.
 */
import { randomUUID } from 'node:crypto';
import type { BrokerAccount, BrokerConnection, Prisma, PrismaClient } from '../../prisma/generated/client.js';
import type { ConnectionState, LiveBroker } from '../domain/connection.js';
import type { UserId } from '../domain/ids.js';

type Database = PrismaClient | Prisma.TransactionClient;

export type Connection = Omit<BrokerConnection, 'userId' | 'broker' | 'state'> & {
  userId: UserId;
  broker: LiveBroker;
  state: ConnectionState;
};
export type ConnectionWithAccounts = Connection & { accounts: BrokerAccount[] };

/** A credential that takes the place of another, and how long it is good. */
export interface NewCredential {
  sealed: Uint8Array<ArrayBuffer>;
  expiresAt: Date | null;
  loginDueAt: Date | null;
}

/** The broker's name of an account: in its paths, and for people. */
export interface NamedAccount {
  key: string;
  label: string;
}

export async function findConnection(database: Database, id: string): Promise<Connection | undefined> {
  const row = await database.brokerConnection.findUnique({ where: { id } });
  return row === null ? undefined : (row as Connection);
}

export async function findConnectionTo(
  prisma: PrismaClient,
  userId: UserId,
  broker: LiveBroker,
): Promise<Connection | undefined> {
  const row = await prisma.brokerConnection.findUnique({ where: { userId_broker: { userId, broker } } });
  return row === null ? undefined : (row as Connection);
}

/** An account that the connection's last login opened. */
export async function findAccount(
  prisma: PrismaClient,
  id: string,
): Promise<{ accountKey: string; connection: Connection } | undefined> {
  const row = await prisma.brokerAccount.findUnique({ where: { id, offered: true }, include: { connection: true } });
  return row === null ? undefined : { accountKey: row.accountKey, connection: row.connection as Connection };
}

export async function connectionsOf(prisma: PrismaClient, userId: UserId): Promise<ConnectionWithAccounts[]> {
  const rows = await prisma.brokerConnection.findMany({
    where: { userId },
    include: { accounts: { where: { offered: true }, orderBy: { createdAt: 'asc' } } },
  });
  return rows as ConnectionWithAccounts[];
}

/** The connection of a user to a broker, made without a credential if there is none. */
export async function ensureConnection(prisma: PrismaClient, userId: UserId, broker: LiveBroker): Promise<Connection> {
  const row = await prisma.brokerConnection.upsert({
    where: { userId_broker: { userId, broker } },
    create: { id: randomUUID(), userId, broker, state: 'disconnected' satisfies ConnectionState },
    update: {},
  });
  return row as Connection;
}

/** Keeps what a login brought. An account that was there before keeps its id; one that is not among them rests. */
export async function storeLogin(
  prisma: PrismaClient,
  { id, userId, broker }: Connection,
  credential: NewCredential,
  accounts: readonly NamedAccount[],
): Promise<void> {
  await prisma.$transaction(async (database) => {
    await database.brokerConnection.update({
      where: { id },
      data: { ...credential, ...renewed },
    });
    await database.brokerAccount.updateMany({ where: { connectionId: id }, data: { offered: false } });
    for (const { key: accountKey, label } of accounts) {
      const identity = { connectionId: id, accountKey, label };
      await database.brokerAccount.upsert({
        where: { connectionId_accountKey_label: identity },
        create: { id: `${broker}-${randomUUID()}`, userId, broker, ...identity },
        update: { offered: true },
      });
    }
  });
}

const renewed = {
  state: 'active',
  code: null,
  generation: { increment: 1 },
  refreshSends: 0,
  refreshSentAt: null,
} as const;

/** Notes that a refresh is sent now, before it is. Answers false when the credential is another by now. */
export async function markRefreshSent(prisma: PrismaClient, connection: Connection, now: Date): Promise<boolean> {
  return change(prisma, connection, { state: 'refreshing', refreshSends: { increment: 1 }, refreshSentAt: now });
}

/** The refresh certainly changed nothing at the provider. `connection` is as it was before the send. */
export async function markRefreshFailed(prisma: PrismaClient, connection: Connection, code: string): Promise<void> {
  await change(prisma, connection, { state: 'error', code, refreshSends: connection.refreshSends });
}

/** Answers false when the credential is another by now: a login was faster. */
export async function storeRefreshed(
  prisma: PrismaClient,
  connection: Connection,
  credential: NewCredential,
): Promise<boolean> {
  return change(prisma, connection, { ...credential, ...renewed });
}

/** From here on nothing is sent with this credential. Answers false when it is another by now, or that was so before. */
export async function requireLogin(database: Database, { id, generation }: Connection, code: string): Promise<boolean> {
  const state = 'reauth_required' satisfies ConnectionState;
  const where = { id, generation, state: { not: state } };
  return (await database.brokerConnection.updateMany({ where, data: { state, code } })).count === 1;
}

/** Forgets the credential; the accounts keep their ids for a later login. */
export async function markDisconnected(database: Database, id: string): Promise<void> {
  await database.brokerConnection.update({
    where: { id },
    data: {
      ...renewed,
      state: 'disconnected' satisfies ConnectionState,
      sealed: null,
      expiresAt: null,
      loginDueAt: null,
    },
  });
}

/** The ids of all connections that need upkeep. */
export async function connectionsToKeep(prisma: PrismaClient): Promise<string[]> {
  const state = { not: 'disconnected' satisfies ConnectionState };
  const rows = await prisma.brokerConnection.findMany({ where: { state }, select: { id: true } });
  return rows.map(({ id }) => id);
}

async function change(
  database: Database,
  { id, generation }: Connection,
  data: Omit<Prisma.BrokerConnectionUpdateManyMutationInput, 'state'> & { state: ConnectionState },
): Promise<boolean> {
  const { count } = await database.brokerConnection.updateMany({ where: { id, generation }, data });
  return count === 1;
}
