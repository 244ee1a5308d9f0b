/** Bearer tokens for programs: `arb_`, 43 random characters and a checksum of 8. Only their hash is stored. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { ApiToken, PrismaClient } from '../../prisma/generated/client.js';
import type { UserId } from '../domain/ids.js';
import type { Caller, Role, Scope } from './caller.js';
import { lockSignedIn } from './sessions.js';

const TOKEN = /^arb_([A-Za-z0-9_-]{43})([0-9a-f]{8})$/;
/** The time of the last use is written at most this often. */
const LAST_USED_STEP_MS = 60_000;

interface NewToken {
  name: string;
  scopes: readonly Scope[];
  expiresAt?: Date;
  /** the session that asks for it; none at the first start */
  sessionId?: string;
}

export interface Tokens {
  /** Only here is the token itself returned. */
  create(userId: UserId, token: NewToken): Promise<{ token: string; stored: ApiToken }>;
  list(userId: UserId): Promise<ApiToken[]>;
  /** Returns false when the user has no such token. */
  revoke(userId: UserId, id: string): Promise<boolean>;
  /** The caller of the token, or undefined. The checksum detects a mistyped or invented token without a query. */
  authenticate(token: string, now: Date): Promise<Caller | undefined>;
}

export function createTokens(prisma: PrismaClient): Tokens {
  return {
    create: async (userId, { name, scopes, expiresAt, sessionId }) => {
      const token = mintToken();
      const expiry = expiresAt === undefined ? {} : { expiresAt };
      const data = { id: randomUUID(), userId, name, scopes: [...scopes], tokenHash: hashOf(token), ...expiry };
      const stored = await prisma.$transaction(async (database) => {
        await lockSignedIn(database, userId, sessionId);
        return database.apiToken.create({ data });
      });
      return { token, stored };
    },
    list: (userId) => prisma.apiToken.findMany({ where: { userId, revokedAt: null }, orderBy: { createdAt: 'asc' } }),
    revoke: async (userId, id) => {
      const { count } = await prisma.apiToken.updateMany({
        where: { id, userId, revokedAt: null },
        data: { revokedAt: new Date() },
      });
      return count > 0;
    },
    authenticate: async (token, now) => {
      if (!hasRightChecksum(token)) return undefined;
      const stored = await findStanding(prisma, hashOf(token));
      if (!stored || (stored.expiresAt && stored.expiresAt <= now)) return undefined;
      if (now.getTime() - (stored.lastUsedAt?.getTime() ?? 0) > LAST_USED_STEP_MS) {
        await prisma.apiToken.updateMany({ where: { id: stored.id }, data: { lastUsedAt: now } });
      }
      const { userId, role, scopes } = stored;
      return { via: 'token', userId, role, scopes };
    },
  };
}

interface Standing {
  id: string;
  userId: UserId;
  role: Role;
  scopes: Scope[];
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

/** The token, unless it was revoked or its user disabled. One statement: every request asks. */
async function findStanding(prisma: PrismaClient, tokenHash: string): Promise<Standing | undefined> {
  const [stored] = await prisma.$queryRaw<Standing[]>`
    SELECT token.id, token.user_id AS "userId", users.role, token.scopes, token.expires_at AS "expiresAt",
      token.last_used_at AS "lastUsedAt"
    FROM api_tokens AS token JOIN users ON users.id = token.user_id
    WHERE token.token_hash = ${tokenHash} AND token.revoked_at IS NULL AND users.disabled_at IS NULL`;
  return stored;
}

function mintToken(): string {
  const secret = randomBytes(32).toString('base64url');
  return `arb_${secret}${checksumOf(secret)}`;
}

/** Lets us, and scanners for leaked secrets, distinguish a token from a similar text. */
function checksumOf(secret: string): string {
  return createHash('sha256').update(`arb_${secret}`).digest('hex').slice(0, 8);
}

function hasRightChecksum(token: string): boolean {
  const [, secret, checksum] = TOKEN.exec(token) ?? [];
  return secret !== undefined && checksumOf(secret) === checksum;
}

/** A fast hash is enough: 256 random bits cannot be guessed. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
