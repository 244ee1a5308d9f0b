import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { unlimited } from '../../../src/broker-port/request-budget.js';
import { AlpacaBroker } from '../../../src/brokers/alpaca/alpaca-broker.js';
import { TestAccess } from './alpaca-fixture.js';

/** What Alpaca answers to a path, or a function of the query. */
export type Answers = Record<string, unknown | ((query: URLSearchParams) => unknown)>;

/** The adapter in front of a server that answers with exactly these bodies, until the test ends. */
export async function alpacaAnswering(answers: Answers): Promise<AlpacaBroker> {
  const server = createServer((incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://localhost');
    const known = answers[pathname];
    const body = typeof known === 'function' ? known(searchParams) : known;
    const notFound = { code: 40410000, message: 'endpoint not found.' };
    outgoing.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? notFound));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const access = new TestAccess({ kind: 'keys', keyId: 'PKDEMO0000000000', secret: 'demo-secret' });
  return new AlpacaBroker({ baseUrl: `http://127.0.0.1:${port}`, access, budget: unlimited });
}
