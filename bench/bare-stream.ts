/** What the stream is compared with: Hono, which sends on to the streams of a user what is posted for the user. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';

const streams = new Map<string, Set<SSEStreamingApi>>();
let lastId = 0;

const app = new Hono();
app.get('/stream/:user', (context) =>
  streamSSE(context, async (stream) => {
    const user = context.req.param('user');
    const own = streams.get(user) ?? new Set();
    streams.set(user, own.add(stream));
    await stream.writeSSE({ data: 'hello' });
    await new Promise<void>((resolve) => stream.onAbort(() => resolve()));
    own.delete(stream);
  }),
);
app.post('/changes/:user', async (context) => {
  lastId += 1;
  const id = String(lastId);
  const data = await context.req.text();
  await Promise.all([...(streams.get(context.req.param('user')) ?? [])].map((stream) => stream.writeSSE({ id, data })));
  return context.json({ id });
});
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
