/**
 * Broker logins as rows. Credentials are bytes here that only src/vault understands.
 *
 * Every change of a credential names the generation that it takes the place of, so that of two that come at once the later
 * one changes nothing.
 */
import { randomUUID } from 'node:crypto';
import type {
  BrokerAccount,
  BrokerLogin as BrokerLoginRow,
  Prisma,
  PrismaClient,
} from '../../prisma/generated/client.js';
import type { BrokerLoginState, LiveBroker } from '../domain/broker-login.js';
import type { UserId } from '../domain/ids.js';

type Database = PrismaClient | Prisma.TransactionClient;

export type BrokerLogin = Omit<BrokerLoginRow, 'userId' | 'broker' | 'state'> & {
  userId: UserId;
  broker: LiveBroker;
  state: BrokerLoginState;
};
export type BrokerLoginWithAccounts = BrokerLogin & { accounts: BrokerAccount[] };

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

export async function findBrokerLogin(database: Database, id: string): Promise<BrokerLogin | undefined> {
  const row = await database.brokerLogin.findUnique({ where: { id } });
  return row === null ? undefined : (row as BrokerLogin);
}

export async function findBrokerLoginAt(
  prisma: PrismaClient,
  userId: UserId,
  broker: LiveBroker,
): Promise<BrokerLogin | undefined> {
  const row = await prisma.brokerLogin.findUnique({ where: { userId_broker: { userId, broker } } });
  return row === null ? undefined : (row as BrokerLogin);
}

/** An account that the last login opened. */
export async function findAccount(
  prisma: PrismaClient,
  id: string,
): Promise<{ accountKey: string; brokerLogin: BrokerLogin } | undefined> {
  const row = await prisma.brokerAccount.findUnique({ where: { id, offered: true }, include: { login: true } });
  return row === null ? undefined : { accountKey: row.accountKey, brokerLogin: row.login as BrokerLogin };
}

export async function brokerLoginsOf(prisma: PrismaClient, userId: UserId): Promise<BrokerLoginWithAccounts[]> {
  const rows = await prisma.brokerLogin.findMany({
    where: { userId },
    include: { accounts: { where: { offered: true }, orderBy: { createdAt: 'asc' } } },
  });
  return rows as BrokerLoginWithAccounts[];
}

/** The user's login at the broker; creates one without a credential if there is none. */
export async function ensureBrokerLogin(
  prisma: PrismaClient,
  userId: UserId,
  broker: LiveBroker,
): Promise<BrokerLogin> {
  const row = await prisma.brokerLogin.upsert({
    where: { userId_broker: { userId, broker } },
    create: { id: randomUUID(), userId, broker, state: 'disconnected' satisfies BrokerLoginState },
    update: {},
  });
  return row as BrokerLogin;
}

/** Keeps what a login brought. An account that was there before keeps its id; one that is not among them rests. */
export async function storeLogin(
  prisma: PrismaClient,
  { id, userId, broker }: BrokerLogin,
  credential: NewCredential,
  accounts: readonly NamedAccount[],
): Promise<void> {
  await prisma.$transaction(async (database) => {
    await database.brokerLogin.update({
      where: { id },
      data: { ...credential, ...renewed },
    });
    await database.brokerAccount.updateMany({ where: { loginId: id }, data: { offered: false } });
    for (const { key: accountKey, label } of accounts) {
      const identity = { loginId: id, accountKey, label };
      await database.brokerAccount.upsert({
        where: { loginId_accountKey_label: identity },
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
export async function markRefreshSent(prisma: PrismaClient, brokerLogin: BrokerLogin, now: Date): Promise<boolean> {
  return change(prisma, brokerLogin, { state: 'refreshing', refreshSends: { increment: 1 }, refreshSentAt: now });
}

/** The refresh certainly changed nothing at the provider. `brokerLogin` is as it was before the send. */
export async function markRefreshFailed(prisma: PrismaClient, brokerLogin: BrokerLogin, code: string): Promise<void> {
  await change(prisma, brokerLogin, { state: 'error', code, refreshSends: brokerLogin.refreshSends });
}

/** Answers false when the credential is another by now: a login was faster. */
export async function storeRefreshed(
  prisma: PrismaClient,
  brokerLogin: BrokerLogin,
  credential: NewCredential,
): Promise<boolean> {
  return change(prisma, brokerLogin, { ...credential, ...renewed });
}

/** From here on nothing is sent with this credential. Answers false when it is another by now, or that was so before. */
export async function requireLogin(
  database: Database,
  { id, generation }: BrokerLogin,
  code: string,
): Promise<boolean> {
  const state = 'reauth_required' satisfies BrokerLoginState;
  const where = { id, generation, state: { not: state } };
  return (await database.brokerLogin.updateMany({ where, data: { state, code } })).count === 1;
}

/** Forgets the credential; the accounts keep their ids for a later login. */
export async function markDisconnected(database: Database, id: string): Promise<void> {
  await database.brokerLogin.update({
    where: { id },
    data: {
      ...renewed,
      state: 'disconnected' satisfies BrokerLoginState,
      sealed: null,
      expiresAt: null,
      loginDueAt: null,
    },
  });
}

/** The ids of all broker logins that need upkeep. */
export async function brokerLoginsToKeep(prisma: PrismaClient): Promise<string[]> {
  const state = { not: 'disconnected' satisfies BrokerLoginState };
  const rows = await prisma.brokerLogin.findMany({ where: { state }, select: { id: true } });
  return rows.map(({ id }) => id);
}

async function change(
  database: Database,
  { id, generation }: BrokerLogin,
  data: Omit<Prisma.BrokerLoginUpdateManyMutationInput, 'state'> & { state: BrokerLoginState },
): Promise<boolean> {
  const { count } = await database.brokerLogin.updateMany({ where: { id, generation }, data });
  return count === 1;
}
