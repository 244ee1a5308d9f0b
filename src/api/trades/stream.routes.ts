import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { PrismaClient } from '../../../prisma/generated/client.js';
import { RateLimited } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { lastEventId, type StoredEvent, userEvents } from '../../storage/trade-queries.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import { identify } from '../http/authenticate.js';
import type { AppEnv, Routes } from '../http/context.js';
import { readProblems, secured } from '../http/openapi.js';
import { toEvent } from './trades.routes.js';

const LOOK_EVERY_MS = 1_000;
const BEAT_EVERY_MS = 15_000;
/** A stream must not outlive its session or token: the credentials are checked again this often. */
const RECHECK_EVERY_MS = 15_000;
const STREAMS_PER_USER = 5;
/** Several people may share one address. */
const STREAMS_PER_ADDRESS = 25;
/** Entries are numbered when written but visible when committed, so a lower number may appear later. This is how far back to look. */
const LATE_WITHIN = 200n;
/** Must exceed the number above, or a page of entries already sent would hide new ones. */
const EVENTS_AT_ONCE = 400;

/** As `streamSSE` sets them. */
const STREAM_HEADERS = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' };

/** Browsers send an empty value before the first event. */
const resumeHeader = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{0,18}$/, 'must be the id of an event')
    .optional(),
});

export function streamRoutes(dependencies: ApiDependencies): Routes {
  const openStreams = new OpenStreams();
  const routes: Routes = new OpenAPIHono();

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/stream',
      tags: ['Trades'],
      summary: 'Follow the journals of all your trades as server-sent events',
      description: `Each event is an entry of a journal. To resume, send the id of the last one as Last-Event-ID. At most ${STREAMS_PER_USER} streams may be open per user, and ${STREAMS_PER_ADDRESS} per address.`,
      ...secured('read'),
      request: { headers: resumeHeader },
      responses: {
        200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
        ...readProblems,
      },
    }),
    async (context) => {
      const { userId } = callerOf(context);
      // Hono answers HEAD with this handler and drops the body, so that nobody would ever end the stream.
      if (context.req.method === 'HEAD') return context.body(null, 200, STREAM_HEADERS);
      const from = resumeFrom(context.req.valid('header')['last-event-id']) ?? (await lastEventId(dependencies.prisma));
      const end = openStreams.begin({ [userId]: STREAMS_PER_USER, [context.var.clientAddress]: STREAMS_PER_ADDRESS });
      return streamSSE(context, async (stream) => {
        try {
          await follow(dependencies, context, stream, { userId, from });
        } finally {
          end();
        }
      });
    },
  );

  return routes;
}

/** How many streams of this process are open, by user and by address. */
class OpenStreams {
  private readonly counts = new Map<string, number>();

  /**
   * Counts one more under each key; what it returns takes it back.
   * @throws RateLimited when one of the keys has as many as it may
   */
  begin(most: Record<string, number>): () => void {
    const keys = Object.keys(most);
    const isFull = Object.entries(most).some(([key, limit]) => this.of(key) >= limit);
    if (isFull) throw new RateLimited(RECHECK_EVERY_MS / 1000);
    for (const key of keys) this.counts.set(key, this.of(key) + 1);
    return () => {
      for (const key of keys) this.takeBack(key);
    };
  }

  private of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  private takeBack(key: string): void {
    if (this.of(key) > 1) this.counts.set(key, this.of(key) - 1);
    else this.counts.delete(key);
  }
}

interface Following {
  userId: UserId;
  from: bigint;
}

/** Sends new entries until the client leaves or its credentials are no longer valid. */
async function follow(
  { prisma, sessions, tokens }: ApiDependencies,
  context: Context<AppEnv>,
  stream: SSEStreamingApi,
  following: Following,
): Promise<void> {
  const unseen = await createReader(prisma, following);
  let beatAt = Date.now();
  let checkedAt = Date.now();
  while (!stream.aborted && !stream.closed) {
    for (const event of await unseen()) {
      await stream.writeSSE({ id: String(event.id), event: 'trade', data: JSON.stringify(toEvent(event)) });
      beatAt = Date.now();
    }
    if (Date.now() - beatAt > BEAT_EVERY_MS) {
      await stream.write(': still here\n\n');
      beatAt = Date.now();
    }
    if (Date.now() - checkedAt > RECHECK_EVERY_MS) {
      const { caller } = await identify(context, { sessions, tokens, isActivity: false });
      if (caller?.userId !== following.userId) return;
      checkedAt = Date.now();
    }
    await stream.sleep(LOOK_EVERY_MS);
  }
}

/** Reads the entries written since the last call, each once. */
async function createReader(prisma: PrismaClient, { userId, from }: Following): Promise<() => Promise<StoredEvent[]>> {
  const before = await userEvents(prisma, userId, { after: from - LATE_WITHIN, limit: Number(LATE_WITHIN) });
  let seen = new Set(before.filter(({ id }) => id <= from).map(({ id }) => id));
  let last = from;
  return async () => {
    const found = await userEvents(prisma, userId, { after: last - LATE_WITHIN, limit: EVENTS_AT_ONCE });
    const fresh = found.filter(({ id }) => !seen.has(id));
    last = found.at(-1)?.id ?? last;
    seen = new Set([...seen, ...fresh.map(({ id }) => id)].filter((id) => id > last - LATE_WITHIN));
    return fresh;
  };
}

function resumeFrom(lastEventId: string | undefined): bigint | undefined {
  return lastEventId ? BigInt(lastEventId) : undefined;
}
