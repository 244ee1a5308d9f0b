/** Two thousand clients of the stream of one API process; `USERS=40` for a tenth of them. */
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createUser } from '../../src/auth/accounts.js';
import { createTokens } from '../../src/auth/tokens.js';
import type { TradeId } from '../../src/domain/ids.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import { insertAcceptedTrade } from '../../src/storage/accepted-trades.js';
import { percentile } from '../support/percentile.js';
import { tradeRequest } from '../support/trading.js';
import { ApiProcess } from './api-process.js';
import { followStream, type StreamClient } from './stream-client.js';

const USERS = Number(process.env.USERS ?? 400);
const STREAMS_OF_EACH = 5;
const SINGLE_CHANGES = 300;

interface Owner {
  tradeId: TradeId;
  clients: StreamClient[];
  /** by id, when its writing began */
  writtenAt: Map<string, number>;
  /** how long each writing took: what everything takes on this machine now */
  writesTookMs: number[];
}

let api: ApiProcess;
beforeAll(async () => {
  // So that each user has an address of its own: many streams from one are refused.
  api = await ApiProcess.start({ TRUSTED_HOPS: '1' });
});
afterAll(() => api.close());

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

async function openOwner(number: number): Promise<Owner> {
  const { prisma } = api.database;
  const email = `${randomUUID()}@example.test`;
  const userId = await createUser(prisma, { email, passwordHash: 'none', role: 'standard' });
  if (userId === undefined) throw new Error('the address was taken');
  const { token } = await createTokens(prisma).create(userId, { name: 'test', scopes: ['read'] });
  const tradeId = randomUUID() as TradeId;
  const ticket = { tradeId, userId, scope: 'trade', issuedAt: Date.now() } as TradeInput['ticket'];
  await insertAcceptedTrade(prisma, { trade: tradeRequest({ account: `paper-${userId}` }), ticket });
  // Not for the outbox to start.
  await prisma.trade.update({ where: { id: tradeId }, data: { startedAt: new Date() } });
  const address = `10.0.${Math.floor(number / 250)}.${number % 250}`;
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address };
  const follow = () => followStream(`${api.url}/api/v1/stream`, agent, headers);
  const clients = await Promise.all(Array.from({ length: STREAMS_OF_EACH }, follow));
  return { tradeId, clients, writtenAt: new Map(), writesTookMs: [] };
}

async function change({ tradeId, writtenAt, writesTookMs }: Owner): Promise<void> {
  const begunAt = performance.now();
  const entry = { tradeId, key: randomUUID(), at: new Date(), kind: 'status', data: { status: 'open' } };
  const { id } = await api.database.prisma.tradeEvent.create({ data: entry });
  writtenAt.set(String(id), begunAt);
  writesTookMs.push(performance.now() - begunAt);
}

function show(what: string, owners: readonly Owner[]): void {
  const delays = owners.flatMap(({ clients, writtenAt }) =>
    clients.flatMap(({ cameAt }) => [...writtenAt].map(([id, at]) => (cameAt.get(id) ?? Number.NaN) - at)),
  );
  const writes = owners.flatMap(({ writesTookMs }) => writesTookMs);
  console.log(
    `${what}: ${delays.length} deliveries, ${shares(delays)} after a write began; ${writes.length} writes, ${shares(writes)}`,
  );
}

function shares(times: readonly number[]): string {
  const [half, most, all] = [0.5, 0.99, 1].map((part) => percentile(times, part).toFixed(0));
  return `p50 ${half} ms, p99 ${most} ms, at most ${all} ms`;
}

async function untilAllCame(owners: readonly Owner[]): Promise<void> {
  const haveAll = () =>
    owners.every(({ clients, writtenAt }) => clients.every(({ ids }) => ids.length >= writtenAt.size));
  await vi.waitUntil(haveAll, { timeout: 120_000 });
  for (const { clients, writtenAt } of owners) {
    const expected = [...writtenAt.keys()].sort((one, other) => Number(one) - Number(other));
    for (const { ids } of clients) expect(ids).toEqual(expected);
  }
}

test('each gets every change of its user once', async () => {
  const owners: Owner[] = [];
  for (let number = 0; number < USERS; number += 1) owners.push(await openOwner(number));
  // The opening of so many is work of its own.
  await pause(10_000);
  for (let count = 0; count < SINGLE_CHANGES; count += 1) {
    const owner = owners[(count * 7) % USERS];
    if (owner) await change(owner);
    await pause(50);
  }
  await untilAllCame(owners);
  show('one change after the other', owners);
  for (const { clients, writtenAt, writesTookMs } of owners) {
    writtenAt.clear();
    writesTookMs.length = 0;
    for (const client of clients) client.ids.length = 0;
  }
  await Promise.all(owners.map(change));
  await untilAllCame(owners);
  show('one for everybody at once', owners);
});
