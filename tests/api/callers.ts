/** Every kind of caller there is, each made anew for each call: some calls are the last that a caller makes. */
import { randomUUID } from 'node:crypto';
import type { Role, Scope } from '../../src/auth/caller.js';
import type { TradeId } from '../../src/domain/ids.js';
import { insertAcceptedTrade } from '../../src/storage/accepted-trades.js';
import { tradeRequest } from '../support/trading.js';
import { type Call, sessionCookie, type TestApi } from './harness.js';
import type { Operation } from './operations.js';

export interface CallerKind {
  name: string;
  /** whether the credential is one that counts */
  isValid: boolean;
  role: Role;
  /** of a token; a session has none */
  scopes?: readonly Scope[];
  /** of a session: whether the password was given just now */
  isFresh?: boolean;
  /** what is done to the credential before it is used */
  spoil?: 'omit' | 'invent' | 'expire' | 'revoke' | 'end';
}

const standard = { role: 'standard', isValid: true } as const;
const spoilt = { role: 'superadmin', isValid: false } as const;
const everything = ['read', 'trade', 'admin'] as const;

export const CALLERS: readonly CallerKind[] = [
  { ...spoilt, name: 'nobody', spoil: 'omit' },
  { ...spoilt, name: 'made-up token', scopes: everything, spoil: 'invent' },
  { ...spoilt, name: 'expired token', scopes: everything, spoil: 'expire' },
  { ...spoilt, name: 'revoked token', scopes: everything, spoil: 'revoke' },
  { ...spoilt, name: 'ended session', isFresh: true, spoil: 'end' },
  { ...standard, name: 'token: read', scopes: ['read'] },
  { ...standard, name: 'token: trade', scopes: ['trade'] },
  { ...standard, name: 'token: admin, of none', scopes: ['admin'] },
  { ...standard, name: 'token: admin', scopes: ['admin'], role: 'admin' },
  { ...standard, name: 'user, password long ago', isFresh: false },
  { ...standard, name: 'user', isFresh: true },
  { ...standard, name: 'admin', isFresh: true, role: 'admin' },
  { ...standard, name: 'superadmin', isFresh: true, role: 'superadmin' },
];

/** A new caller of a kind: the credential, and the id in a path that is its own. */
export async function newCaller(
  api: TestApi,
  { role, scopes, isFresh = false, spoil }: CallerKind,
): Promise<{ userId: string; credential: Call }> {
  const trader = await api.addTrader({ role, ...(scopes && { scopes }) });
  if (scopes) return { userId: trader.userId, credential: await tokenOf(api, trader, spoil) };
  return { userId: trader.userId, credential: await cookieOf(api, trader, { isFresh, spoil }) };
}

async function tokenOf(
  { database: { prisma } }: TestApi,
  { userId, token }: { userId: string; token: string },
  spoil: CallerKind['spoil'],
): Promise<Call> {
  const change = (data: object) => prisma.apiToken.updateMany({ where: { userId }, data });
  if (spoil === 'expire') await change({ expiresAt: new Date() });
  if (spoil === 'revoke') await change({ revokedAt: new Date() });
  return { token: spoil === 'invent' ? `${token.slice(0, -1)}x` : token };
}

async function cookieOf(
  { database: { prisma }, dependencies: { sessions } }: TestApi,
  { userId }: { userId: string },
  { isFresh, spoil }: { isFresh: boolean; spoil: CallerKind['spoil'] },
): Promise<Call> {
  if (spoil === 'omit') return {};
  // An authenticator, without which a superadmin may do nothing; its secret is never asked for here.
  await prisma.totpSecret.create({ data: { userId, sealed: new Uint8Array([1]) } });
  const set = await sessions.start({ id: userId, accessVersion: 0 }, { address: null, userAgent: null });
  if (!isFresh) await prisma.session.updateMany({ where: { userId }, data: { reauthenticatedAt: new Date(0) } });
  if (spoil === 'end') await sessions.endAll(userId as Parameters<typeof sessions.endAll>[0]);
  return { cookie: sessionCookie(new Headers([['set-cookie', set]])) };
}

/** The path of an operation with what the user owns in it. */
export async function pathFor(api: TestApi, { path }: Operation, userId: string): Promise<string> {
  const id = path.includes('{id}') ? await ownId(api, path, userId) : '';
  return path.replace('/api/v1', '').replace('{broker}', 'schwab').replace('{id}', id);
}

async function ownId(api: TestApi, path: string, userId: string): Promise<string> {
  const { database, dependencies } = api;
  if (path.includes('/admin/')) return userId;
  if (path.includes('/tokens/')) {
    const { stored } = await dependencies.tokens.create(userId as TestUserId, { name: 'own', scopes: ['read'] });
    return stored.id;
  }
  if (path.includes('/webhooks/')) {
    const own = { name: 'own', kind: 'signed', strategy: 'own' } as const;
    return (await dependencies.webhooks.create(userId as TestUserId, own)).webhook.id;
  }
  if (path.includes('/sessions/')) {
    await dependencies.sessions.start({ id: userId, accessVersion: 0 }, { address: null, userAgent: null });
    const newest = { where: { userId }, orderBy: { createdAt: 'desc' } } as const;
    return (await database.prisma.session.findFirstOrThrow(newest)).id;
  }
  if (path.includes('/alerts/')) {
    const data = { userId, severity: 2, code: 'own', message: 'own', key: randomUUID() };
    return String((await database.prisma.alert.create({ data })).id);
  }
  return addFinalTrade(api, userId as TestUserId);
}

type TestUserId = TestApi['trader']['userId'];

/** One that needs no worker to answer for it. */
async function addFinalTrade({ database: { prisma }, dependencies }: TestApi, userId: TestUserId): Promise<string> {
  const trade = tradeRequest({ account: `paper-${userId}` });
  const tradeId = randomUUID() as TradeId;
  const ticket = dependencies.tickets.sign({ tradeId, userId, trade, now: Date.now() });
  await insertAcceptedTrade(prisma, { trade, ticket });
  await prisma.trade.update({ where: { id: tradeId }, data: { status: 'cancelled' } });
  return tradeId;
}
