import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from './context.js';
import { parseStrictJson } from './strict-json.js';

const MAXIMUM_BYTES = 64 * 1024;
const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/** For routes with a body: makes sure that it is JSON with one reading, before the route's schema looks at it. */
export const jsonBody = jsonBodyUpTo(MAXIMUM_BYTES);

/** The same for the few routes whose bodies are larger. */
export function jsonBodyUpTo(maximumBytes: number): MiddlewareHandler<AppEnv> {
  const read = jsonBytesUpTo(maximumBytes);
  return async (context, next) => {
    parseStrictJson(await read(context));
    await next();
  };
}

/** The body of a request that says that it is JSON, before anybody looks whether it is. */
export const jsonBytes = jsonBytesUpTo(MAXIMUM_BYTES);

function jsonBytesUpTo(maximumBytes: number): (context: Context<AppEnv>) => Promise<ArrayBuffer> {
  const limitBody = bodyLimit({
    maxSize: maximumBytes,
    onError: () => {
      throw new ArbionError('payload-too-large', `The body is larger than ${maximumBytes} bytes.`);
    },
  });
  return async (context) => {
    const encoding = context.req.header('content-encoding');
    if (encoding !== undefined && encoding !== 'identity') throw unsupported('A compressed body is not accepted.');
    const contentType = context.req.header('content-type');
    if (contentType !== undefined && !JSON_TYPE.test(contentType)) {
      throw unsupported('The body must be application/json in UTF-8.');
    }
    const bytes = await readBody(context, limitBody);
    if (bytes.byteLength > 0 && contentType === undefined) throw unsupported('The content type is missing.');
    return bytes;
  };
}

/** hono keeps what was read here for the route's validator. */
async function readBody(context: Context<AppEnv>, limitBody: MiddlewareHandler<AppEnv>): Promise<ArrayBuffer> {
  try {
    await limitBody(context, async () => {});
    return await context.req.arrayBuffer();
  } catch (error) {
    if (error instanceof ArbionError) throw error;
    throw new ArbionError('malformed-request', 'The body broke off.');
  }
}

function unsupported(detail: string): ArbionError {
  return new ArbionError('unsupported-media-type', detail, 'Send "Content-Type: application/json".');
}
