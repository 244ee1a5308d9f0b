import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from './context.js';

const MAXIMUM_BYTES = 64 * 1024;
const MAXIMUM_DEPTH = 32;
const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i;

/** Checks that the body is unambiguous JSON, before the route's schema is applied. */
export const jsonBody = jsonBodyUpTo(MAXIMUM_BYTES);

/** The same with another limit of size. */
export function jsonBodyUpTo(maximumBytes: number): MiddlewareHandler<AppEnv> {
  const read = jsonBytesUpTo(maximumBytes);
  return async (context, next) => {
    parseStrictJson(await read(context));
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

/**
 * Parses JSON that can be read in one way only. JSON.parse keeps the last of two equal keys and other parsers the first,
 * so a check and an execution could see different orders: such a text is refused.
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
    throw malformed('The request body is not valid UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('The request body is not valid JSON.');
  }
}

/** Strings, brackets and separators; nothing else matters here. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

function requireShallow(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth > MAXIMUM_DEPTH) throw malformed(`The request body is nested more than ${MAXIMUM_DEPTH} levels deep.`);
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
  if (keys?.has(key)) throw malformed(`The request body has the key ${JSON.stringify(key.slice(0, 50))} twice.`);
  keys?.add(key);
}
