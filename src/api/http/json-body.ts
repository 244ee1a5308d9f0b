import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from './context.js';
import { requireStrictJson } from './strict-json.js';

const MAXIMUM_BYTES = 64 * 1024;
const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/** Checks that the body is unambiguous JSON, before the route's schema is applied. */
export const jsonBody = jsonBodyUpTo(MAXIMUM_BYTES);

/** The same with another limit of size. */
export function jsonBodyUpTo(maximumBytes: number): MiddlewareHandler<AppEnv> {
  const read = jsonBytesUpTo(maximumBytes);
  return async (context, next) => {
    requireStrictJson(await read(context));
    await next();
  };
}

/** The bytes of a body that is declared as JSON, not yet parsed. */
export const jsonBytes = jsonBytesUpTo(MAXIMUM_BYTES);

function jsonBytesUpTo(maximumBytes: number): (context: Context<AppEnv>) => Promise<ArrayBuffer> {
  const limitBody = bodyLimit({
    maxSize: maximumBytes,
    onError: () => {
      throw new ArbionError('payload-too-large', `The request body is larger than ${maximumBytes} bytes.`);
    },
  });
  return async (context) => {
    const encoding = context.req.header('content-encoding');
    if (encoding !== undefined && encoding !== 'identity')
      throw unsupported('Compressed request bodies are not accepted.');
    const contentType = context.req.header('content-type');
    if (contentType !== undefined && !JSON_TYPE.test(contentType)) {
      throw unsupported('The request body must be application/json in UTF-8.');
    }
    const bytes = await readBody(context, limitBody);
    if (bytes.byteLength > 0 && contentType === undefined) throw unsupported('The Content-Type header is missing.');
    return bytes;
  };
}

/** hono caches the body for the route's validator. */
async function readBody(context: Context<AppEnv>, limitBody: MiddlewareHandler<AppEnv>): Promise<ArrayBuffer> {
  try {
    await limitBody(context, async () => {});
    return await context.req.arrayBuffer();
  } catch (error) {
    if (error instanceof ArbionError) throw error;
    throw new ArbionError('malformed-request', 'The request body is incomplete.');
  }
}

function unsupported(detail: string): ArbionError {
  return new ArbionError('unsupported-media-type', detail, 'Send "Content-Type: application/json".');
}
