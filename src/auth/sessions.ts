/**
 * Sign-in sessions. The only file that knows lucia, whose 3.2.2 is frozen, so that it can be replaced here alone:
 *
 * 1. The cookie holds a random secret and the database its hash: a copy of the table gives no access.
 * 2. lucia's expiry is the absolute one of 12 hours; its sliding renewal does nothing here. We check idle time ourselves.
 * 3. A failed delete is an error: a failed log-out must not look like a successful one.
 * 4. lucia does not read the cookie header, because its parser throws on a bad escape in any cookie.
 * 5. A session is valid for the access version that its user had when the password was entered. A new password raises the
 *    version, so that a log-in with the old password that is still in progress leads to no valid session.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Adapter, type DatabaseSession, Lucia, TimeSpan } from 'lucia';
import type { Prisma, PrismaClient, Session, User } from '../../prisma/generated/client.js';
import { ArbionError } from '../domain/errors.js';
import type { UserId } from '../domain/ids.js';
import { type Caller, dutyOf, type Role } from './caller.js';
import { cookieValue } from './cookies.js';

const ABSOLUTE_HOURS = 12;
const IDLE_MS = 30 * 60_000;
/** The time of the last request is written at most this often. */
const LAST_SEEN_STEP_MS = 60_000;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

declare module 'lucia' {
  interface Register {
    Lucia: Lucia<SessionFacts, UserFacts>;
    DatabaseSessionAttributes: SessionFacts;
    DatabaseUserAttributes: UserFacts;
  }
}
/** Where a session was started, so that its owner can recognise it. */
interface Origin {
  address: string | null;
  userAgent: string | null;
}
interface SessionFacts extends Origin {
  createdAt: Date;
  lastSeenAt: Date;
  reauthenticatedAt: Date;
  accessVersion: number;
}
interface UserFacts {
  role: string;
  disabledAt: Date | null;
  mustChangePassword: boolean;
  accessVersion: number;
  hasTotp: boolean;
}

export type SessionCaller = Extract<Caller, { via: 'session' }>;

type SessionVerdict = { state: 'valid'; caller: SessionCaller } | { state: 'expired' } | { state: 'unknown' };

export interface Sessions {
  readonly cookieName: string;
  /** Starts a new session and returns its Set-Cookie header; an id sent by the browser is never reused. */
  start(user: Pick<User, 'id' | 'accessVersion'>, origin: Origin): Promise<string>;
  /** Requests that a page sends by itself are not activity: they do not keep a session from becoming idle. */
  validate(cookieHeader: string, seen: { now: Date; isActivity: boolean }): Promise<SessionVerdict>;
  /** The valid ones, newest first. */
  list(userId: UserId): Promise<Session[]>;
  end(sessionId: string): Promise<void>;
  /** Ends the session of this Cookie header, whatever else the request carries. */
  endOfCookie(cookieHeader: string): Promise<void>;
  /** Returns false when the user has no such session. */
  endOwn(userId: UserId, sessionId: string): Promise<boolean>;
  endOthers(caller: SessionCaller): Promise<void>;
  /** Ends also what is being started with a password that was given before. */
  endAll(userId: UserId): Promise<void>;
  /** Deletes sessions that have expired or were idle too long. */
  deleteExpired(now: Date): Promise<void>;
  /** The Set-Cookie header that deletes the cookie. */
  readonly blankCookie: string;
}

export function createSessions(prisma: PrismaClient, publicUrl: string): Sessions {
  const isSecure = publicUrl.startsWith('https:');
  const cookieName = isSecure ? '__Host-arbion_session' : 'arbion_session';
  const lucia = new Lucia(createAdapter(prisma), {
    sessionExpiresIn: new TimeSpan(ABSOLUTE_HOURS, 'h'),
    sessionCookie: { name: cookieName, attributes: { secure: isSecure, sameSite: 'lax', path: '/' } },
    getSessionAttributes: (facts) => facts,
    getUserAttributes: (facts) => facts,
  });

  const idIn = (cookieHeader: string) => {
    const secret = cookieValue(cookieHeader, cookieName);
    return secret !== undefined && SECRET.test(secret) ? idOf(secret) : undefined;
  };

  return {
    cookieName,
    start: async ({ id, accessVersion }, origin) => {
      const secret = randomBytes(32).toString('base64url');
      const now = new Date();
      const facts = { ...origin, createdAt: now, lastSeenAt: now, reauthenticatedAt: now, accessVersion };
      await lucia.createSession(id, facts, { sessionId: idOf(secret) });
      return lucia.createSessionCookie(secret).serialize();
    },
    validate: async (cookieHeader, { now, isActivity }) => {
      const id = idIn(cookieHeader);
      if (id === undefined) return { state: 'unknown' };
      const { session, user } = await lucia.validateSession(id);
      if (!session || user.disabledAt || session.accessVersion !== user.accessVersion) return { state: 'unknown' };
      const idleMs = now.getTime() - session.lastSeenAt.getTime();
      if (idleMs > IDLE_MS) {
        await lucia.invalidateSession(session.id);
        return { state: 'expired' };
      }
      if (isActivity && idleMs > LAST_SEEN_STEP_MS) {
        await prisma.session.updateMany({ where: { id: session.id }, data: { lastSeenAt: now } });
      }
      const duty = dutyOf(user);
      return {
        state: 'valid',
        caller: {
          via: 'session',
          userId: user.id as UserId,
          role: user.role as Role,
          sessionId: session.id,
          reauthenticatedAt: session.reauthenticatedAt,
          ...(duty && { duty }),
        },
      };
    },
    list: (userId) => prisma.session.findMany({ where: usableBy(userId, new Date()), orderBy: { createdAt: 'desc' } }),
    end: (sessionId) => lucia.invalidateSession(sessionId),
    endOfCookie: async (cookieHeader) => {
      const id = idIn(cookieHeader);
      if (id !== undefined) await lucia.invalidateSession(id);
    },
    endOwn: async (userId, id) => (await prisma.session.deleteMany({ where: { id, userId } })).count > 0,
    endOthers: async ({ userId, sessionId }) => {
      await prisma.session.deleteMany({ where: { userId, id: { not: sessionId } } });
    },
    endAll: (userId) => prisma.$transaction((database) => endSessions(database, userId)),
    deleteExpired: async (now) => {
      const idle = { lastSeenAt: { lte: new Date(now.getTime() - IDLE_MS) } };
      await prisma.session.deleteMany({ where: { OR: [{ expiresAt: { lte: now } }, idle] } });
    },
    blankCookie: lucia.createBlankSessionCookie().serialize(),
  };
}

/** The new version also ends a session that is being started now, for which the password was checked before. */
export async function endSessions(database: Prisma.TransactionClient, id: string): Promise<void> {
  await database.user.updateMany({ where: { id }, data: { accessVersion: { increment: 1 } } });
  await database.session.deleteMany({ where: { userId: id } });
}

/**
 * Locks the user for a change that gives access, and makes sure that the session which asks for it has not ended meanwhile:
 * what a reset has just revoked must not come back behind it. @throws ArbionError `unauthenticated`
 */
export async function lockSignedIn(
  database: Prisma.TransactionClient,
  userId: string,
  sessionId: string | undefined,
): Promise<void> {
  await database.$queryRaw`SELECT id FROM users WHERE id = ${userId}::uuid FOR UPDATE`;
  if (sessionId === undefined || (await database.session.count({ where: { id: sessionId, userId } })) === 1) return;
  throw new ArbionError('unauthenticated', 'The session has ended.', 'Log in again.');
}

function usableBy(userId: UserId, now: Date): Prisma.SessionWhereInput {
  return { userId, expiresAt: { gt: now }, lastSeenAt: { gt: new Date(now.getTime() - IDLE_MS) } };
}

function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function createAdapter(prisma: PrismaClient): Adapter {
  return {
    getSessionAndUser: async (id) => {
      const totp = { select: { sealed: true } };
      const row = await prisma.session.findUnique({ where: { id }, include: { user: { include: { totp } } } });
      if (!row) return [null, null];
      const { role, disabledAt, mustChangePassword, accessVersion } = row.user;
      const hasTotp = row.user.totp !== null && row.user.totp.sealed !== null;
      const attributes = { role, disabledAt, mustChangePassword, accessVersion, hasTotp };
      return [toDatabaseSession(row), { id: row.userId, attributes }];
    },
    getUserSessions: async (userId) => (await prisma.session.findMany({ where: { userId } })).map(toDatabaseSession),
    setSession: async ({ id, userId, expiresAt, attributes }) => {
      await prisma.session.create({ data: { id, userId, expiresAt, ...attributes } });
    },
    updateSessionExpiration: async () => {},
    // Deleting a deleted session is no error: two log-outs at once both succeed.
    deleteSession: async (id) => {
      await prisma.session.deleteMany({ where: { id } });
    },
    deleteUserSessions: async (userId) => {
      await prisma.session.deleteMany({ where: { userId } });
    },
    deleteExpiredSessions: async () => {
      await prisma.session.deleteMany({ where: { expiresAt: { lte: new Date() } } });
    },
  };
}

function toDatabaseSession(row: Session): DatabaseSession {
  const { id, userId, expiresAt, ...attributes } = row;
  return { id, userId, expiresAt, attributes };
}
