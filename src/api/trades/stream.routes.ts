import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { PrismaClient } from '../../../prisma/generated/client.js';
import { journalsCompleteTo, placeOf } from '../../storage/journals.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { readProblems, secured } from '../http/openapi.js';
import { follow, RECHECK_EVERY_MS } from './follow.js';
import { JournalHub } from './journal-hub.js';
import { OpenStreams } from './open-streams.js';

const STREAMS_PER_USER = 5;
/** Several people may share one address. */
const STREAMS_PER_ADDRESS = 25;

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
  const openStreams = new OpenStreams(RECHECK_EVERY_MS / 1000);
  const hub = new JournalHub(dependencies.prisma, dependencies.logger);
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
      const from = await beginning(dependencies.prisma, context.req.valid('header')['last-event-id']);
      const end = openStreams.begin({ [userId]: STREAMS_PER_USER, [context.var.clientAddress]: STREAMS_PER_ADDRESS });
      return streamSSE(context, async (stream) => {
        try {
          await follow({ ...dependencies, hub }, { context, stream, userId, from });
        } finally {
          end();
        }
      });
    },
  );

  return routes;
}

/** Behind which entry a stream begins: the one that the client has, or all that there are. */
function beginning(prisma: PrismaClient, lastEventId: string | undefined): Promise<bigint> {
  return lastEventId ? placeOf(prisma, BigInt(lastEventId)) : journalsCompleteTo(prisma);
}
