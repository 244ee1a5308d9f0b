/** One client's stream: the entries that it lacks, then the new ones as they come. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import type { PrismaClient } from '../../../prisma/generated/client.js';
import type { UserId } from '../../domain/ids.js';
import { entriesOf, type StoredEvent } from '../../storage/journals.js';
import type { ApiDependencies } from '../dependencies.js';
import { identify } from '../http/authenticate.js';
import type { AppEnv } from '../http/context.js';
import type { Joined, JournalHub } from './journal-hub.js';
import { toEvent } from './trades.routes.js';

const BEAT_EVERY_MS = 15_000;
/** A stream must not outlive its session or token: the credentials are checked again this often. */
export const RECHECK_EVERY_MS = 15_000;
/** A client that takes nothing for so long is cut off; it resumes where it was. */
const TAKES_WITHIN_MS = 15_000;
const LOOK_AT_CLOCK_EVERY_MS = 1_000;
const MISSED_AT_ONCE = 400;

interface Client {
  context: Context<AppEnv>;
  stream: SSEStreamingApi;
  userId: UserId;
  /** the last entry that it has, or that it is not to have */
  from: bigint;
}

type Parts = Pick<ApiDependencies, 'prisma' | 'sessions' | 'tokens'> & { hub: JournalHub };

/** Sends entries until the client leaves, is too far behind, or its credentials are no longer valid. */
export async function follow({ prisma, sessions, tokens, hub }: Parts, client: Client): Promise<void> {
  const { context, stream, userId } = client;
  const joined = await hub.join(userId);
  stream.onAbort(() => joined.feed.end());
  try {
    let beatAt = Date.now();
    let checkedAt = Date.now();
    for await (const entries of entriesFor(prisma, client, joined)) {
      const isBeatDue = entries.length === 0 && Date.now() - beatAt > BEAT_EVERY_MS;
      const texts = isBeatDue ? [': still here\n\n'] : entries.map(asText);
      for (const text of texts) if (!(await isTaken(client, text))) return;
      if (texts.length > 0) beatAt = Date.now();
      if (Date.now() - checkedAt > RECHECK_EVERY_MS) {
        const { caller } = await identify(context, { sessions, tokens, isActivity: false });
        if (caller?.userId !== userId) return;
        checkedAt = Date.now();
      }
    }
  } finally {
    hub.leave(userId, joined.feed);
  }
}

/** First what came before the feed begins, then what the feed brings; often nothing, so that there is time for other things. */
async function* entriesFor(
  prisma: PrismaClient,
  { userId, from, stream }: Client,
  { feed, startsAfter }: Joined,
): AsyncGenerator<StoredEvent[]> {
  for (let after = from; after < startsAfter && !stream.aborted; ) {
    const missed = await entriesOf(prisma, userId, { after, upTo: startsAfter }, MISSED_AT_ONCE);
    yield missed;
    after = missed[MISSED_AT_ONCE - 1]?.id ?? startsAfter;
  }
  while (!feed.hasEnded && !stream.aborted) {
    const fresh = await feed.take(LOOK_AT_CLOCK_EVERY_MS);
    // Another process, from which the client came, may have been ahead of ours.
    yield fresh.filter(({ id }) => id > from);
  }
}

function asText(entry: StoredEvent): string {
  return `event: trade\ndata: ${JSON.stringify(toEvent(entry))}\nid: ${entry.id}\n\n`;
}

/** Whether the client goes on: one that does not read is cut off, or its connection would be kept for nobody. */
async function isTaken({ stream, context }: Client, text: string): Promise<boolean> {
  const waiting = new AbortController();
  const isLate = sleep(TAKES_WITHIN_MS, true, { signal: waiting.signal }).catch(() => false);
  const wasLate = await Promise.race([stream.write(text).then(() => false), isLate]);
  waiting.abort();
  if (wasLate) {
    stream.abort();
    context.env?.outgoing?.destroy();
  }
  return !stream.aborted;
}
