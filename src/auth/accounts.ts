/** User accounts: making them, and finding who signs in. */
import { randomUUID } from 'node:crypto';
import { Prisma, type PrismaClient, type User } from '../../prisma/generated/client.js';
import type { UserId } from '../domain/ids.js';
import type { Role } from './caller.js';
import type { Passwords } from './passwords.js';

export interface Accounts {
  /** Answers false when the address has an account already; callers must not show the difference. */
  register(email: string, password: string): Promise<boolean>;
  /** The user of these credentials, unless there is none, the password is wrong, or the account is disabled. All three look and last the same. */
  signIn(email: string, password: string): Promise<User | undefined>;
  isPasswordOf(userId: UserId, password: string): Promise<boolean>;
  changePassword(userId: UserId, password: string): Promise<void>;
  find(userId: UserId): Promise<User | null>;
}

export function createAccounts(prisma: PrismaClient, passwords: Passwords): Accounts {
  const find = (userId: UserId) => prisma.user.findUnique({ where: { id: userId } });
  return {
    register: async (email, password) => {
      // Hashed before anybody looks whether the address is taken, so that time does not tell.
      const passwordHash = await passwords.hash(password);
      return (await createUser(prisma, { email, passwordHash, role: 'standard' })) !== undefined;
    },
    signIn: async (email, password) => {
      const user = await prisma.user.findUnique({ where: { email: normalizedEmail(email) } });
      const isRight = await passwords.verify(password, user?.passwordHash);
      return user && isRight && !user.disabledAt ? user : undefined;
    },
    isPasswordOf: async (userId, password) => passwords.verify(password, (await find(userId))?.passwordHash),
    changePassword: async (userId, password) => {
      const passwordHash = await passwords.hash(password);
      await prisma.user.update({ where: { id: userId }, data: { passwordHash } });
    },
    find,
  };
}

/** Answers undefined when the address is taken: of two at once, the database lets one in. */
export async function createUser(
  prisma: PrismaClient,
  user: { email: string; passwordHash: string; role: Role },
): Promise<UserId | undefined> {
  const id = randomUUID() as UserId;
  try {
    await prisma.user.create({ data: { ...user, id, email: normalizedEmail(user.email) } });
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
