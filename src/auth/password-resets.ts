/** One-time links that set a new password. Only a hash is stored; a link expires after half an hour. */
import type { PrismaClient, User } from '../../prisma/generated/client.js';
import { normalizedEmail, setPasswordHash } from './accounts.js';
import { hashOf, randomToken } from './one-time-secrets.js';
import type { Passwords } from './passwords.js';

const RESET_LIFETIME_MS = 30 * 60_000;

export interface PasswordResets {
  /** A new token for the account of this address; undefined if there is none or it is disabled. Earlier tokens stay valid. */
  begin(email: string, now: Date): Promise<{ user: User; token: string } | undefined>;
  /** The user whose password the token may set, or undefined. Does not use up the token. */
  find(token: string, now: Date): Promise<User | undefined>;
  /**
   * Sets the password, ends all sessions and revokes everything else that gives access. Returns undefined if the token was used or has expired.
   * @throws Refused `conflict` when another change came first
   */
  finish(token: string, password: string, now: Date): Promise<User | undefined>;
}

export function createPasswordResets(prisma: PrismaClient, passwords: Passwords): PasswordResets {
  return {
    begin: async (email, now) => {
      const user = await prisma.user.findUnique({ where: { email: normalizedEmail(email) } });
      if (!user || user.disabledAt) return undefined;
      const token = randomToken();
      await prisma.passwordReset.deleteMany({ where: { expiresAt: { lte: now } } });
      const expiresAt = new Date(now.getTime() + RESET_LIFETIME_MS);
      await prisma.passwordReset.create({ data: { tokenHash: hashOf(token), userId: user.id, expiresAt } });
      return { user, token };
    },
    find: async (token, now) => {
      const where = { tokenHash: hashOf(token), expiresAt: { gt: now }, user: { disabledAt: null } };
      return (await prisma.passwordReset.findFirst({ where, include: { user: true } }))?.user;
    },
    finish: async (token, password, now) => {
      const passwordHash = await passwords.hash(password);
      return prisma.$transaction(async (database) => {
        const where = { tokenHash: hashOf(token), expiresAt: { gt: now }, user: { disabledAt: null } };
        const reset = await database.passwordReset.findFirst({ where, include: { user: true } });
        // Setting the password deletes all tokens: of two at once, the second finds its user changed.
        return reset ? setPasswordHash(database, reset.user, passwordHash, { revokeAll: true }) : undefined;
      });
    },
  };
}
