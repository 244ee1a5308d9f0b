/** User accounts: making them, finding who signs in, and changing what they sign in with. */
import { randomUUID } from 'node:crypto';
import { Prisma, type PrismaClient, type User } from '../../prisma/generated/client.js';
import type { UserId } from '../domain/ids.js';
import { type Origin, recordAudit } from '../storage/audit.js';
import type { Role } from './caller.js';
import type { Passwords } from './passwords.js';

type Database = PrismaClient | Prisma.TransactionClient;

export interface Accounts {
  /** Nothing tells whether the address had an account already: neither an answer nor the time it takes. */
  register(email: string, password: string, from: Origin): Promise<void>;
  /** The user of these credentials, unless there is none, the password is wrong, or the account is disabled. All three look and last the same. */
  signIn(email: string, password: string): Promise<User | undefined>;
  isPasswordOf(userId: UserId, password: string): Promise<boolean>;
  /** Also ends every session, those included that are just being started with the old password. */
  changePassword(userId: UserId, password: string): Promise<User>;
  find(userId: UserId): Promise<User | null>;
}

export function createAccounts(prisma: PrismaClient, passwords: Passwords): Accounts {
  const find = (userId: UserId) => prisma.user.findUnique({ where: { id: userId } });
  return {
    register: async (email, password, from) => {
      // Hashed before anybody looks whether the address is taken, and one commit either way: time must not tell.
      const passwordHash = await passwords.hash(password);
      await prisma.$transaction(async (database) => {
        const id = randomUUID();
        const data = { id, email: normalizedEmail(email), passwordHash, role: 'standard' satisfies Role };
        const { count } = await database.user.createMany({ data, skipDuplicates: true });
        const action = count === 1 ? 'user_created' : 'user_registration_repeated';
        await recordAudit(database, { actor: 'unknown', action, ...(count === 1 && { subject: id }), from });
      });
    },
    signIn: async (email, password) => {
      const user = await prisma.user.findUnique({ where: { email: normalizedEmail(email) } });
      const isRight = await passwords.verify(password, user?.passwordHash);
      return user && isRight && !user.disabledAt ? user : undefined;
    },
    isPasswordOf: async (userId, password) => passwords.verify(password, (await find(userId))?.passwordHash),
    changePassword: async (userId, password) => {
      const passwordHash = await passwords.hash(password);
      return prisma.$transaction((database) => setPasswordHash(database, userId, passwordHash));
    },
    find,
  };
}

/** Afterwards neither the old password, nor a session, nor a link for another password opens anything. */
export async function setPasswordHash(
  database: Prisma.TransactionClient,
  userId: UserId,
  passwordHash: string,
): Promise<User> {
  const user = await database.user.update({
    where: { id: userId },
    data: { passwordHash, mustChangePassword: false, accessVersion: { increment: 1 } },
  });
  await database.session.deleteMany({ where: { userId } });
  await database.passwordReset.deleteMany({ where: { userId } });
  return user;
}

/** Answers undefined when the address is taken: of two at once, the database lets one in. */
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
