/** How soon a change of a trade is with the clients of the stream, beside a bare Hono that only sends on. */
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { createTokens } from '../src/auth/tokens.js';
import type { UserId } from '../src/domain/ids.js';
import { insertAcceptedTrade, markStarted } from '../src/storage/accepted-trades.js';
import { followStream, type StreamClient } from '../tests/api/stream-client.js';
import { percentile } from '../tests/support/percentile.js';
import type { Report } from './figures.js';
import { type ServerProcess, startApi, startServer } from './server-process.js';
import type { Servers } from './servers.js';
import { type BenchClient, openClient } from './trading.js';

const USERS = 400;
const STREAMS_OF_EACH = 5;
const CHANGES = 300;
const PAUSE_MS = 50;
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** A user with streams; `change` answers the id of what was sent. */
interface Owner {
  clients: StreamClient[];
  change(): Promise<string>;
}

export async function stream(servers: Servers, report: Report): Promise<void> {
  const client = await openClient(servers);
  const [ours, bare] = [await startApi(servers), await startServer(new URL('bare-stream.ts', import.meta.url), {})];
  try {
    const own = await delaysOf(await ownersOf((number) => ourOwner(ours, client, number)));
    const other = await delaysOf(await ownersOf((number) => bareOwner(bare, number)));
    for (const [name, part] of [
      ['half of them', 0.5],
      ['99 of 100', 0.99],
    ] as const) {
      report({
        ...{ name: `a change to its streams, ${USERS * STREAMS_OF_EACH} streams: ${name}`, unit: 'ms' },
        ...{ value: percentile(own, part), goal: { atMost: 250 } },
        reference: { name: 'bare Hono, sent on from memory', value: percentile(other, part) },
      });
    }
  } finally {
    agent.destroy();
    await Promise.all([ours.end(), bare.end()]);
    await client.close();
  }
}

async function ownersOf(open: (number: number) => Promise<Owner>): Promise<Owner[]> {
  const owners: Owner[] = [];
  for (let number = 0; number < USERS; number++) owners.push(await open(number));
  // The opening of so many is work of its own.
  await pause(100 * PAUSE_MS);
  return owners;
}

async function ourOwner(
  { url }: ServerProcess,
  { database, addUser, newInput }: BenchClient,
  number: number,
): Promise<Owner> {
  const { prisma } = database;
  const userId: UserId = await addUser();
  const { token } = await createTokens(prisma).create(userId, { name: 'bench', scopes: ['read'] });
  const input = newInput(userId);
  const { tradeId } = input.ticket;
  await insertAcceptedTrade(prisma, input);
  await markStarted(prisma, tradeId);
  // Many streams from one address are refused.
  const address = `10.0.${Math.floor(number / 250)}.${number % 250}`;
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address };
  return {
    clients: await streams(`${url}/api/v1/stream`, headers),
    change: async () => {
      const entry = { tradeId, key: randomUUID(), at: new Date(), kind: 'status', data: { status: 'open' } };
      return String((await prisma.tradeEvent.create({ data: entry })).id);
    },
  };
}

async function bareOwner({ url }: ServerProcess, number: number): Promise<Owner> {
  return {
    clients: await streams(`${url}/stream/${number}`, {}),
    change: async () => {
      const answer = await fetch(`${url}/changes/${number}`, { method: 'POST', body: '{"status":"open"}' });
      return ((await answer.json()) as { id: string }).id;
    },
  };
}

function streams(url: string, headers: Record<string, string>): Promise<StreamClient[]> {
  return Promise.all(Array.from({ length: STREAMS_OF_EACH }, () => followStream(url, agent, headers)));
}

/** From the begin of each change to its arrival at each stream of its owner, in milliseconds. */
async function delaysOf(owners: readonly Owner[]): Promise<number[]> {
  const sent: { owner: Owner; id: string; began: number }[] = [];
  for (let count = 0; count < CHANGES; count++) {
    const owner = owners[(count * 7) % owners.length];
    if (!owner) throw new Error('there is no owner');
    const began = performance.now();
    sent.push({ owner, began, id: await owner.change() });
    await pause(PAUSE_MS);
  }
  await pause(40 * PAUSE_MS);
  return sent.flatMap(({ owner, id, began }) =>
    owner.clients.map(({ cameAt }) => (cameAt.get(id) ?? Number.POSITIVE_INFINITY) - began),
  );
}
