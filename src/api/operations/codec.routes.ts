/**
 * Temporal's remote codec: its console (and `temporal --codec-endpoint`) sends payloads here to show them to an operator.
 * The contract is that of temporalio/sdk-go `converter/codec.go`: it takes and answers `{payloads}`, protobuf's JSON.
 */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Payload } from '@temporalio/common';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { jsonBodyUpTo } from '../http/json-body.js';
import { answer, body, bodyProblems, readProblems, secured } from '../http/openapi.js';

/** As a pattern, so that the document says what is accepted. */
const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'must be base64');
/** The largest message that Temporal accepts, in base64. */
const MAXIMUM_BYTES = 6 * 1024 * 1024;

const wirePayload = z.object({
  metadata: z.record(z.string(), base64).default({}),
  data: base64.default(''),
});
const payloadsBody = z.object({ payloads: z.array(wirePayload).max(1_000) }).openapi('Payloads');
const payloadsAnswer = z.strictObject({
  payloads: z.array(z.strictObject({ metadata: z.record(z.string(), base64), data: base64 })),
});
type WirePayload = z.infer<typeof wirePayload>;

const { security, middleware } = secured('admin');

export function codecRoutes({ payloadCodec }: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/decode',
      tags: ['Temporal'],
      summary: 'Decrypt workflow payloads',
      description: 'What is under a key that is not here comes back as it is. Nothing is encrypted for callers.',
      security,
      middleware: [...middleware, jsonBodyUpTo(MAXIMUM_BYTES)],
      request: { body: body(payloadsBody) },
      responses: {
        200: answer('The same payloads, in the same order', payloadsAnswer),
        ...readProblems,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const { userId, via } = callerOf(context);
      const { payloads } = context.req.valid('json');
      const workflows = [...new Set(payloads.flatMap(workflowNamed))];
      context.var.logger.info({ actor: userId, via, payloads: payloads.length, workflows }, 'payloads are decrypted');
      const decoded = await payloadCodec.decode(payloads.map(fromWire));
      return context.json({ payloads: decoded.map(toWire) }, 200);
    },
  );
  return routes;
}

/** According to the payload; for the log only. */
function workflowNamed({ metadata }: WirePayload): string[] {
  const name = metadata['workflow-id'];
  return name === undefined ? [] : [Buffer.from(name, 'base64').toString().slice(0, 200)];
}

function fromWire({ metadata, data }: WirePayload): Payload {
  const facts = Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]);
  return { metadata: Object.fromEntries(facts), data: Buffer.from(data, 'base64') };
}

function toWire({ metadata, data }: Payload): WirePayload {
  const facts = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  return { metadata: Object.fromEntries(facts), data: Buffer.from(data ?? []).toString('base64') };
}
