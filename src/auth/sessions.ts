/**
 * Sign-in sessions. The only file that knows lucia, whose 3.2.2 is frozen, so that it can be replaced here alone:
 *
 * 1. The cookie holds a random secret; the database holds its hash. A copy of the table signs nobody in.
 * 2. lucia's expiry is the absolute one of 12 hours: its sliding renewal does nothing here. Idle time is ours.
 * 3. A failed delete is an error: a log-out that did not happen must not look like one.
 * 4. The cookie header is read here, because lucia's reader throws at a bad escape in any cookie.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Adapter, type DatabaseSession, Lucia, TimeSpan } from 'lucia';
import type { PrismaClient, Session } from '../../prisma/generated/client.js';
import type { UserId } from '../domain/ids.js';
import type { Caller, Role } from './caller.js';

const ABSOLUTE_HOURS = 12;
const IDLE_MS = 30 * 60_000;
/** More often than this, the time of the last request is not worth a write. */
const LAST_SEEN_STEP_MS = 60_000;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

declare module 'lucia' {
  interface Register {
    Lucia: Lucia<SessionFacts, UserFacts>;
    DatabaseSessionAttributes: SessionFacts;
    DatabaseUserAttributes: UserFacts;
  }
}
interface SessionFacts {
  lastSeenAt: Date;
  reauthenticatedAt: Date;
}
interface UserFacts {
  role: string;
  disabledAt: Date | null;
}

export type SessionCaller = Extract<Caller, { via: 'session' }>;

export type SessionVerdict = { state: 'valid'; caller: SessionCaller } | { state: 'expired' } | { state: 'unknown' };

export interface Sessions {
  readonly cookieName: string;
  /** Starts a new session and answers the Set-Cookie header for it; an id that the browser brought is never used. */
  start(userId: UserId): Promise<string>;
  /** What a page does by itself is no activity: it does not keep a session from getting idle. */
  validate(cookieHeader: string, seen: { now: Date; isActivity: boolean }): Promise<SessionVerdict>;
  end(sessionId: string): Promise<void>;
  endAll(userId: UserId): Promise<void>;
  /** The Set-Cookie header that makes the browser forget. */
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

  return {
    cookieName,
    start: async (userId) => {
      const secret = randomBytes(32).toString('base64url');
      const now = new Date();
      await lucia.createSession(userId, { lastSeenAt: now, reauthenticatedAt: now }, { sessionId: idOf(secret) });
      return lucia.createSessionCookie(secret).serialize();
    },
    validate: async (cookieHeader, { now, isActivity }) => {
      const secret = secretIn(cookieHeader, cookieName);
      if (secret === undefined) return { state: 'unknown' };
      const { session, user } = await lucia.validateSession(idOf(secret));
      if (!session || user.disabledAt) return { state: 'unknown' };
      const idleMs = now.getTime() - session.lastSeenAt.getTime();
      if (idleMs > IDLE_MS) {
        await lucia.invalidateSession(session.id);
        return { state: 'expired' };
      }
      if (isActivity && idleMs > LAST_SEEN_STEP_MS) {
        await prisma.session.updateMany({ where: { id: session.id }, data: { lastSeenAt: now } });
      }
      return {
        state: 'valid',
        caller: {
          via: 'session',
          userId: user.id as UserId,
          role: user.role as Role,
          sessionId: session.id,
          reauthenticatedAt: session.reauthenticatedAt,
        },
      };
    },
    end: (sessionId) => lucia.invalidateSession(sessionId),
    endAll: (userId) => lucia.invalidateUserSessions(userId),
    blankCookie: lucia.createBlankSessionCookie().serialize(),
  };
}

/** The session's secret, unless the header has none, or several, or something that cannot be one. */
function secretIn(cookieHeader: string, cookieName: string): string | undefined {
  const values = cookieHeader
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${cookieName}=`))
    .map((pair) => pair.slice(cookieName.length + 1));
  const [value = ''] = values;
  return values.length === 1 && SECRET.test(value) ? value : undefined;
}

function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function createAdapter(prisma: PrismaClient): Adapter {
  return {
    getSessionAndUser: async (id) => {
      const row = await prisma.session.findUnique({ where: { id }, include: { user: true } });
      if (!row) return [null, null];
      const { role, disabledAt } = row.user;
      return [toDatabaseSession(row), { id: row.userId, attributes: { role, disabledAt } }];
    },
    getUserSessions: async (userId) => (await prisma.session.findMany({ where: { userId } })).map(toDatabaseSession),
    setSession: async ({ id, userId, expiresAt, attributes }) => {
      await prisma.session.create({ data: { id, userId, expiresAt, ...attributes } });
    },
    updateSessionExpiration: async () => {},
    // Deleting what is gone already is no error: two log-outs at once both succeed.
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
  const { id, userId, expiresAt, lastSeenAt, reauthenticatedAt } = row;
  return { id, userId, expiresAt, attributes: { lastSeenAt, reauthenticatedAt } };
}
