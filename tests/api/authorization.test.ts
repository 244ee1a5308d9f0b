/** Who may call what, for every operation that the document tells of. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, openApi } from './harness.js';

interface Operation {
  name: string;
  method: string;
  path: string;
  takesTokens: boolean;
}

const ID = '00000000-0000-4000-8000-000000000000';
const SAFE_METHODS = ['GET', 'HEAD'];

let api: Awaited<ReturnType<typeof openApi>>;
let operations: Operation[];
beforeAll(async () => {
  api = await openApi();
  const { paths } = JSON.parse((await api.call('GET', '/openapi.json')).text) as {
    paths: Record<string, Record<string, { security?: Record<string, string[]>[] }>>;
  };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { security }]) => security !== undefined && path.startsWith('/api/v1'))
      .map(([method, { security = [] }]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path: path
          .replace('/api/v1', '')
          .replace('{broker}', 'schwab')
          .replace('/sessions/{id}', `/sessions/${'0'.repeat(64)}`)
          .replace('{id}', ID),
        takesTokens: security.some((scheme) => 'bearer' in scheme),
      })),
  );
});
afterAll(() => api.close());

function kindOf({ json }: Answer): string {
  return String(json.type).replace('urn:arbion:problem:', '');
}

/** Calls each of the operations with the token and answers what it was told, by their names. */
async function told(some: Operation[], token: string): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const { name, method, path } of some) {
    const body = SAFE_METHODS.includes(method) || method === 'DELETE' ? {} : { body: {} };
    answers[name] = kindOf(await api.call(method, path, { token, ...body }));
  }
  return answers;
}

const everywhere = (some: Operation[], kind: string) => Object.fromEntries(some.map(({ name }) => [name, kind]));

describe('T13 a token', () => {
  test('of whatever scope does nothing that is for people alone', async () => {
    const { token } = await api.addTrader({ role: 'superadmin', scopes: ['read', 'trade', 'admin'] });
    const forPeople = operations.filter(({ takesTokens }) => !takesTokens);
    expect(forPeople.length).toBeGreaterThan(15);
    expect(await told(forPeople, token)).toEqual(everywhere(forPeople, 'forbidden'));
  });

  test('that may only read changes nothing', async () => {
    const { token } = await api.addTrader({ role: 'superadmin', scopes: ['read'] });
    const changing = operations.filter(({ takesTokens, method }) => takesTokens && !SAFE_METHODS.includes(method));
    expect(changing.length).toBeGreaterThan(4);
    expect(await told(changing, token)).toEqual(everywhere(changing, 'insufficient-scope'));
  });

  test('that may only trade reads nothing and administers nothing', async () => {
    const { token } = await api.addTrader({ role: 'superadmin', scopes: ['trade'] });
    const reading = operations.filter(({ takesTokens, method }) => takesTokens && SAFE_METHODS.includes(method));
    expect(reading.length).toBeGreaterThan(8);
    expect(await told(reading, token)).toEqual(everywhere(reading, 'insufficient-scope'));
  });

  test('of somebody who is no administrator opens nothing of theirs', async () => {
    const { token } = await api.addTrader({ scopes: ['read', 'trade', 'admin'] });
    const administering = operations.filter(({ takesTokens, path }) => takesTokens && path.startsWith('/admin/'));
    expect(await told(administering, token)).toEqual(everywhere(administering, 'forbidden'));
  });
});

test('B53 a revoked, an expired and a made-up token open nothing at all', async () => {
  const { prisma } = api.database;
  const trader = await api.addTrader({ role: 'superadmin', scopes: ['read', 'trade', 'admin'] });
  const expired = await api.addTrader({ role: 'superadmin', scopes: ['read', 'trade', 'admin'] });
  await prisma.apiToken.updateMany({ where: { userId: trader.userId }, data: { revokedAt: new Date() } });
  await prisma.apiToken.updateMany({ where: { userId: expired.userId }, data: { expiresAt: new Date() } });
  for (const token of [trader.token, expired.token, 'arb_x']) {
    expect(await told(operations, token)).toEqual(everywhere(operations, 'unauthenticated'));
  }
});
