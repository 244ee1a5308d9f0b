/** User accounts: checking who signs in, and changing passwords. How they come to be: registrations.ts. */
import { randomUUID } from 'node:crypto';
import { Prisma, type PrismaClient, type User } from '../../prisma/generated/client.js';
import type { UserId } from '../domain/ids.js';
import type { Role } from './caller.js';
import { claimCredentials, type ReadUser } from './credential-version.js';
import type { Passwords } from './passwords.js';

type Database = PrismaClient | Prisma.TransactionClient;

interface PasswordOptions {
  /** also revokes tokens and webhooks, and forgets known browsers: whoever had the account may have left some */
  revokeAll?: boolean;
}

export interface Accounts {
  /** The user of these credentials; undefined if there is none, the password is wrong or the account is disabled. All three take the same time. */
  signIn(email: string, password: string): Promise<User | undefined>;
  isPasswordOf(userId: UserId, password: string): Promise<boolean>;
  /**
   * Also ends every session, including any that is being started with the old password.
   * @throws Refused `conflict` when the user was changed since it was read
   */
  changePassword(user: ReadUser, password: string, options?: PasswordOptions): Promise<User>;
  find(userId: UserId): Promise<User | null>;
}

export function createAccounts(prisma: PrismaClient, passwords: Passwords): Accounts {
  const find = (userId: UserId) => prisma.user.findUnique({ where: { id: userId } });
  return {
    signIn: async (email, password) => {
      const user = await prisma.user.findUnique({ where: { email: normalizedEmail(email) } });
      const isRight = await passwords.verify(password, user?.passwordHash);
      return user && isRight && !user.disabledAt ? user : undefined;
    },
    isPasswordOf: async (userId, password) => passwords.verify(password, (await find(userId))?.passwordHash),
    changePassword: async (user, password, options = {}) => {
      const passwordHash = await passwords.hash(password);
      return prisma.$transaction((database) => setPasswordHash(database, user, passwordHash, options));
    },
    find,
  };
}

/** Afterwards the old password, all sessions and all reset links are invalid. */
export async function setPasswordHash(
  database: Prisma.TransactionClient,
  read: ReadUser,
  passwordHash: string,
  { revokeAll = false }: PasswordOptions,
): Promise<User> {
  await claimCredentials(database, read);
  const userId = read.id;
  if (revokeAll) await revokeAccess(database, userId);
  const user = await database.user.update({
    where: { id: userId },
    data: { passwordHash, mustChangePassword: false, accessVersion: { increment: 1 } },
  });
  await database.session.deleteMany({ where: { userId } });
  await database.passwordReset.deleteMany({ where: { userId } });
  return user;
}

async function revokeAccess(database: Prisma.TransactionClient, userId: string): Promise<void> {
  await database.apiToken.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: new Date() } });
  await database.webhook.updateMany({ where: { userId }, data: { sealed: null } });
  await database.user.update({ where: { id: userId }, data: { deviceVersion: { increment: 1 } } });
}

/** Returns undefined when the address is taken; of two at once, the database accepts one. */
export async function createUser(
  database: Database,
  user: { email: string; passwordHash: string; role: Role; mustChangePassword?: boolean },
): Promise<UserId | undefined> {
  const id = randomUUID() as UserId;
  try {
    await database.user.create({ data: { ...user, id, email: normalizedEmail(user.email) } });
    return id;
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return undefined;
    throw error;
  }
}

/** Two spellings of one address are one account. */
export function normalizedEmail(email: string): string {
  return email.toLowerCase();
}
