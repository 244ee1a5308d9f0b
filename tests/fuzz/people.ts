/** Who calls the API at random, and what keeps them able to: random calls log out, revoke, disable and halt. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { PrismaClient, Session } from '../../prisma/generated/client.js';
import { createUser } from '../../src/auth/accounts.js';
import type { Role, Scope } from '../../src/auth/caller.js';
import { createPasswords } from '../../src/auth/passwords.js';
import { createSessions } from '../../src/auth/sessions.js';
import { createTokens } from '../../src/auth/tokens.js';
import type { UserId } from '../../src/domain/ids.js';

const PUT_BACK_EVERY_MS = 200;
const TOKEN_NAME = 'of the test';

export interface People {
  /** A new user's token. */
  token(role: Role, scopes: readonly Scope[]): Promise<string>;
  /** The value of a new user's session cookie. */
  session(role: Role): Promise<string>;
  leave(): Promise<void>;
}

export function peopleOf(prisma: PrismaClient, publicUrl: string): People {
  const sessions = createSessions(prisma, publicUrl);
  const tokens = createTokens(prisma);
  const passwordHash = createPasswords().hash(randomUUID());
  const users: { id: UserId; role: Role }[] = [];
  const begun: Session[] = [];

  const add = async (role: Role) => {
    const email = `${randomUUID()}@example.test`;
    const id = await createUser(prisma, { email, passwordHash: await passwordHash, role });
    if (id === undefined) throw new Error('the address was taken');
    users.push({ id, role });
    return id;
  };

  const leaving = new AbortController();
  const putBack = async () => {
    while (!leaving.signal.aborted) {
      await putBackOnce(prisma, users, begun);
      await pause(PUT_BACK_EVERY_MS, undefined, { signal: leaving.signal }).catch(() => {});
    }
  };
  const caring = putBack();

  return {
    token: async (role, scopes) => (await tokens.create(await add(role), { name: TOKEN_NAME, scopes })).token,
    session: async (role) => {
      const userId = await add(role);
      const cookie = await sessions.start({ id: userId, accessVersion: 0 }, { address: null, userAgent: null });
      begun.push(await prisma.session.findFirstOrThrow({ where: { userId } }));
      return /=([^;]+)/.exec(cookie)?.[1] ?? '';
    },
    leave: () => {
      leaving.abort();
      return caring;
    },
  };
}

async function putBackOnce(
  prisma: PrismaClient,
  users: readonly { id: UserId; role: Role }[],
  begun: readonly Session[],
): Promise<void> {
  for (const { id, role } of users) {
    await prisma.user.update({ where: { id }, data: { role, disabledAt: null, accessVersion: 0 } });
  }
  const theirs = { userId: { in: users.map(({ id }) => id) } };
  await prisma.apiToken.updateMany({ where: { ...theirs, name: TOKEN_NAME }, data: { revokedAt: null } });
  await prisma.session.createMany({ data: [...begun], skipDuplicates: true });
  const now = new Date();
  await prisma.session.updateMany({ where: theirs, data: { lastSeenAt: now, reauthenticatedAt: now } });
  await prisma.killSwitch.updateMany({ data: { engaged: false } });
  await prisma.rateWindow.deleteMany();
}
