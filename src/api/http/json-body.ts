import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from './context.js';

const MAXIMUM_BYTES = 64 * 1024;
const MAXIMUM_DEPTH = 32;
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

/**
 * Parses JSON of which there is one reading only. JSON.parse keeps the last of two equal keys where another reader keeps
 * the first, so that a check and an execution could see different orders: such a text is refused.
 *
 * @throws ArbionError `malformed-request`
 */
export function parseStrictJson(bytes: ArrayBuffer): unknown {
  const text = decodeUtf8(bytes);
  requireShallow(text);
  const value = parse(text);
  requireUniqueKeys(text);
  return value;
}

function malformed(detail: string): ArbionError {
  return new ArbionError('malformed-request', detail, 'Send one JSON object in UTF-8.');
}

function decodeUtf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('The body is not UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('The body is not valid JSON.');
  }
}

/** Strings, brackets and separators; all else between them does not matter here. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

function requireShallow(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth > MAXIMUM_DEPTH) throw malformed(`The body is nested deeper than ${MAXIMUM_DEPTH} levels.`);
  }
}

/** The text is known to be valid JSON here, so a string is a key exactly when a colon follows it. */
function requireUniqueKeys(text: string): void {
  const keysOfOpen: Set<string>[] = [];
  let string = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') keysOfOpen.push(new Set());
    else if (token === '}' || token === ']') keysOfOpen.pop();
    else if (token === ':') addKey(keysOfOpen.at(-1), JSON.parse(string));
    else if (token !== ',') string = token;
  }
}

function addKey(keys: Set<string> | undefined, key: string): void {
  if (keys?.has(key)) throw malformed(`The body names ${JSON.stringify(key.slice(0, 50))} twice.`);
  keys?.add(key);
}
