/** The HTTP server in front of the app: its limits, and the refusal of requests that can be read in two ways. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { ArbionError } from '../../domain/errors.js';
import type { AppEnv } from './context.js';
import { createMethodIndex, unofferedMethod } from './method-not-allowed.js';
import { PROBLEM_KINDS, problemBody, problemHeaders, toArbionError } from './problems.js';
import { securityHeadersOf } from './security-headers.js';
import { answerUnhandled } from './socket-answers.js';

const MAXIMUM_HEADER_BYTES = 16 * 1024;
const MAXIMUM_URL_LENGTH = 8 * 1024;
/** The time a client has to send a complete request; answering may take longer. */
const REQUEST_TIMEOUT_MS = 12_000;
const HEADERS_TIMEOUT_MS = 8_000;
const TIMEOUT_CHECK_MS = 1_000;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
/** A probe or a tunnel uses whichever port it has. */
const THIS_MACHINE = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
/** A path that can be read in two ways can get around access rules. */
const AMBIGUOUS_PATH = /\/\/|\\|\/\.{1,2}(?:\/|$)|%2e|%2f|%5c/i;
const IS_HEALTH = /^\/health\//;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})|%00/i;
/** Headers that must not repeat: one reader would use the first, another the last. */
const SINGLE_HEADERS = ['host', 'authorization', 'idempotency-key', 'content-type', 'content-length'];

export function createHttpServer(app: OpenAPIHono<AppEnv>, publicUrl: string): Server {
  const always = securityHeadersOf(publicUrl);
  const listener = getRequestListener(app.fetch, { errorHandler: (error) => answerUnreadable(error, always) });
  const { host: publicHost } = new URL(publicUrl);
  const methodsOf = createMethodIndex(app.routes);
  const inTurn = oneByOne();
  const server = createServer(
    {
      maxHeaderSize: MAXIMUM_HEADER_BYTES,
      // A missing Host is refused below, with a body that explains it.
      requireHostHeader: false,
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    (incoming, outgoing) => {
      const problem = problemOf(incoming, publicHost) ?? methodProblem(incoming, methodsOf);
      if (problem) return refuse(incoming, outgoing, refusal(problem, always));
      const begin = () => void listener(incoming, outgoing);
      return IS_HEALTH.test(incoming.url ?? '') ? begin() : inTurn(begin);
    },
  );
  answerUnhandled(server, { headers: always, allow: METHODS });
  return server;
}

/**
 * Begins what it is given one after the other, and lets the event loop look for other requests in between: those of a burst
 * would else all begin before it asks whether anybody wants to know that the process lives.
 */
function oneByOne(): (begin: () => void) => void {
  const waiting: (() => void)[] = [];
  const next = () => {
    const begin = waiting.shift();
    if (waiting.length > 0) setImmediate(next);
    begin?.();
  };
  return (begin) => {
    waiting.push(begin);
    if (waiting.length === 1) setImmediate(next);
  };
}

/** What is wrong with the request itself, whatever it is for. */
function problemOf(incoming: IncomingMessage, publicHost: string): ArbionError | undefined {
  const { url = '', headers } = incoming;
  const repeated = SINGLE_HEADERS.find((name) => countOf(incoming, name) > 1);
  if (repeated === 'authorization') return new ArbionError('unauthenticated', 'The Authorization header is repeated.');
  if (repeated) return new ArbionError('bad-header', `The header "${repeated}" is repeated.`);
  const { host = '' } = headers;
  if (!isHost(host)) return new ArbionError('bad-header', 'The Host header is missing or invalid.');
  if (!isOurs(host, publicHost)) return unknownHost();
  if (url.length > MAXIMUM_URL_LENGTH) return new ArbionError('uri-too-long', 'The URL is too long.');
  return targetProblem(url, publicHost);
}

/** Unambiguous, and valid in a URL: `localhost.8000` would be read as a numeric address. */
function isHost(host: string): boolean {
  return HOST.test(host) && URL.canParse(`http://${host}`);
}

/**
 * The name by which we are public, or this machine's own. A page whose name was made to point here would be of our own
 * origin to its browser, and could read every answer; what it cannot do is send another Host than its own.
 */
function isOurs(host: string, publicHost: string): boolean {
  return host.toLowerCase() === publicHost || THIS_MACHINE.test(host);
}

function unknownHost(): ArbionError {
  return new ArbionError(
    'bad-header',
    'The Host header names another host.',
    'Use the address that PUBLIC_URL names; a proxy in front has to pass it on.',
  );
}

function countOf({ rawHeaders }: IncomingMessage, name: string): number {
  return rawHeaders.filter((header, index) => index % 2 === 0 && header.toLowerCase() === name).length;
}

function targetProblem(url: string, publicHost: string): ArbionError | undefined {
  const [, authority, target = url] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (authority !== undefined && authority.toLowerCase() !== publicHost) {
    return new ArbionError('malformed-request', 'The URL names another host.');
  }
  const [path = ''] = target.split('?', 1);
  if (BROKEN_ESCAPE.test(path))
    return new ArbionError('malformed-request', 'The path contains an invalid escape sequence.');
  if (AMBIGUOUS_PATH.test(path)) return new ArbionError('not-found', 'This path does not exist.');
  return undefined;
}

/** Answers methods that the framework cannot handle, in the way it answers the others. */
function methodProblem(
  { method = '', url = '' }: IncomingMessage,
  methodsOf: (path: string) => string[],
): ArbionError | undefined {
  if (METHODS.includes(method)) return undefined;
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/, '');
  return unofferedMethod(method, methodsOf(path));
}

interface Refusal {
  status: number;
  headers: Record<string, string>;
  body: string;
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, { status, headers, body }: Refusal): void {
  // With its length: without a version that has chunks it would end with the connection, and take in what comes after.
  outgoing.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
  outgoing.end(body);
  incoming.resume();
}

/** The framework would answer an unreadable Host or URL without a body. */
function answerUnreadable(error: unknown, always: Record<string, string>): Response {
  const problem =
    error instanceof RequestError
      ? new ArbionError('bad-header', 'The Host header or the URL is invalid.')
      : toArbionError(error instanceof Error ? error : new Error(String(error)));
  const { body, ...head } = refusal(problem, always);
  return new Response(body, head);
}

function refusal(problem: ArbionError, always: Record<string, string>): Refusal {
  const requestId = randomUUID();
  return {
    status: PROBLEM_KINDS[problem.kind].status,
    headers: { ...always, ...problemHeaders(problem), 'X-Request-Id': requestId },
    body: JSON.stringify(problemBody(problem, requestId)),
  };
}
