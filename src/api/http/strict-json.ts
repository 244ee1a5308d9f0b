import { ArbionError } from '../../domain/errors.js';

const MAXIMUM_DEPTH = 32;

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
