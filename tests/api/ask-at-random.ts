/** Asks a real server at random, over real sockets, and holds every answer against the document. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { openApiDocument } from '../../src/api/http/openapi-document.js';
import { openTrading } from '../support/trading.js';
import { documentedAnswers } from './documented-answers.js';
import { apiOn, NOON, PRICES, PUBLIC_URL } from './harness.js';
import { operationsOf } from './operations.js';
import { brokenRequests, type RawRequest, wholeRequests } from './random-requests.js';
import { exchange, type RawAnswer } from './raw-http.js';

const AT_ONCE = 8;
/** A stream would never end; what is not about it is asked of it as of all others. */
const ENDLESS = 'GET /api/v1/stream';
/** Node answers these by itself when it can make nothing of what it reads. */
const UNREADABLE = [400, 405, 408, 413, 431];
/** And this to any "Expect" that it does not know. */
const UNEXPECTED = 417;
/** Asked of the server itself, before there is a route: they hold for every path. */
const OF_THE_SERVER = [400, 401, 404, 405, 414];
const NO_LIMIT = 100_000_000;
/** A whole request is answered before that, and then the connection ends. */
const ANSWERED_MS = 30_000;
/** Of one that is not whole nobody knows whether an answer comes. */
const SILENCE_MS = 100;

/**
 * Sends so many requests, most of them such as HTTP allows.
 * @throws an error with the seed and the smallest requests whose answer is wrong
 */
export async function askAtRandom(requests: number): Promise<void> {
  const seed = randomInt(2 ** 31);
  console.log(`${requests} requests by seed ${seed}`);
  const limits = {
    loginPerMinute: NO_LIMIT,
    registerPerHour: NO_LIMIT,
    webhookPerMinute: NO_LIMIT,
    failedSignalsPerMinute: NO_LIMIT,
  };
  const anonymous = { anonymousPerHour: NO_LIMIT, anonymousPerDay: NO_LIMIT, userPerMinute: NO_LIMIT };
  const trading = await openTrading({ prices: PRICES });
  await trading.goTo(NOON);
  const api = await apiOn({
    database: trading.database,
    paper: trading.broker,
    temporal: trading.client,
    settings: { rateLimits: { ...limits, ...anonymous, failuresPerAccount: 100 } },
  });
  const server = createHttpServer(api.app, PUBLIC_URL);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const document = openApiDocument(api.app, PUBLIC_URL);
  const judge = createJudge(document);
  try {
    const bearer = (token: string) => `Authorization: Bearer ${token}`;
    const [reader, admin] = [await api.addTrader({ scopes: ['read'] }), await api.addTrader({ role: 'admin' })];
    const request = fc.oneof(
      {
        weight: 4,
        arbitrary: wholeRequests({
          operations: operationsOf(document).filter(({ name }) => name !== ENDLESS),
          credentials: [
            ...['', bearer('arb_x'), bearer(api.trader.token), bearer(reader.token)],
            ...[`Cookie: ${await api.logIn(api.trader)}`, `Cookie: ${await api.logIn(admin)}`],
          ],
        }),
      },
      { weight: 1, arbitrary: brokenRequests },
    );
    const some = fc.array(request, { minLength: AT_ONCE, maxLength: AT_ONCE });
    const ask = async (asked: RawRequest) =>
      judge(asked, await exchange(port, asked.bytes, asked.isWhole ? ANSWERED_MS : SILENCE_MS));
    const property = fc.asyncProperty(some, async (asked) => {
      const wrong = (await Promise.all(asked.map(ask))).filter((complaint) => complaint !== undefined);
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
    });
    await fc.assert(property, { numRuns: Math.ceil(requests / AT_ONCE), seed });
  } finally {
    server.closeAllConnections();
    server.close();
    await api.dependencies.background.finished();
    await trading.close();
  }
}

/** Answers what is wrong with the answers to a request, or undefined. */
function createJudge(document: ReturnType<typeof openApiDocument>) {
  const undocumentedIn = documentedAnswers(document);
  const problemIn = documentedAnswers({ ...document, paths: { '/': { get: { responses: anyProblem(document) } } } });

  const wrongIn = (
    { method, target, isWhole }: RawRequest,
    { status, headers, text }: RawAnswer,
  ): string | undefined => {
    const contentType = headers.get('content-type')?.split(';')[0] ?? '';
    const isProblem = contentType === 'application/problem+json';
    if (!headers.has('content-security-policy')) return `${status} without the headers that protect`;
    if (status >= 500 && !(status === 503 && !isProblem)) return `${status}`;
    // What was broken may by now be about something else.
    if (status < 400) return isWhole ? undocumentedIn({ method, path: target, status, contentType, text }) : undefined;
    if (!isProblem) return isOfNode(status, headers) ? undefined : `${status} and no problem`;
    if (method === 'HEAD') return undefined;
    const undocumented = isWhole && undocumentedIn({ method, path: target, status, contentType, text });
    if (undocumented === undefined || (undocumented && !OF_THE_SERVER.includes(status))) return undocumented;
    return problemIn({ method: 'GET', path: '/', status, contentType, text });
  };

  return (request: RawRequest, answers: readonly RawAnswer[]): string | undefined => {
    const final = answers.filter(({ status }) => status >= 200);
    if (final.length === 0 && request.isWhole) return `${JSON.stringify(request.bytes)} was not answered`;
    const wrong = final.map((answer) => wrongIn(request, answer)).filter((complaint) => complaint !== undefined);
    return wrong.length === 0 ? undefined : `${JSON.stringify(request.bytes)}: ${wrong.join('; ')}`;
  };
}

/** Such an answer of Node's has no body, and no date, which all others have. */
function isOfNode(status: number, headers: RawAnswer['headers']): boolean {
  return status === UNEXPECTED || (UNREADABLE.includes(status) && !headers.has('date'));
}

/** The problem documents of all statuses, as one operation would describe them. */
function anyProblem({ components }: ReturnType<typeof openApiDocument>) {
  const names = Object.keys(components?.schemas ?? {}).filter((name) => /^Problem\d+$/.test(name));
  return Object.fromEntries(
    names.map((name) => {
      const schema = { $ref: `#/components/schemas/${name}` };
      return [name.slice(-3), { description: name, content: { 'application/problem+json': { schema } } }];
    }),
  );
}
