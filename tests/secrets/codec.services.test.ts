/** Payloads decrypted for Temporal's console: for whom, for which pages, and what is written down about it. */
import type { Payload } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { payloadEncryption } from '../../src/temporal/payload-encryption.js';
import { type Answer, expectProblem, openApi, PUBLIC_URL } from '../api/harness.js';
import { TEST_RING } from '../support/encryption.js';

const fromConsole = { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin', 'x-namespace': 'default' };
const codec = payloadEncryption(TEST_RING);

let api: Awaited<ReturnType<typeof openApi>>;
let sealed: object;
beforeAll(async () => {
  api = await openApi();
  const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"symbol":"AAPL"}') };
  const context = { type: 'workflow', namespace: 'default', workflowId: 'trade-1' } as const;
  sealed = wire((await codec.encode([payload], context))[0] ?? {});
});
afterAll(() => api.close());

function wire({ metadata, data }: Payload): object {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const facts = Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]);
  return { metadata: Object.fromEntries(facts), data: base64(data ?? new Uint8Array()) };
}

const plain = { metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: Buffer.from('{"symbol":"AAPL"}').toString('base64') };
const decode = (who: { token?: string; cookie?: string }, headers: Record<string, string> = {}, payloads = [sealed]) =>
  api.call('POST', '/codec/decode', { ...who, headers, body: { payloads } });

async function administrator() {
  const trader = await api.addTrader({ role: 'admin', scopes: ['admin'] });
  return { ...trader, cookie: await api.logIn(trader) };
}

function expectRead(answer: Answer): void {
  expect(answer).toMatchObject({ status: 200, json: { payloads: [plain] } });
}

test('T20 an administrator reads payloads on pages of the console, and programs with the scope admin do', async () => {
  const { cookie, token } = await administrator();
  const answer = await decode({ cookie }, fromConsole);
  expectRead(answer);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expectRead(await decode({ token }));
});

test('T76 nothing is encrypted for callers, and what is no payload of ours stays as it is', async () => {
  const { token } = await administrator();
  expect((await api.call('POST', '/codec/encode', { token, body: { payloads: [plain] } })).status).toBe(404);
  const foreign = { metadata: { encoding: 'YmluYXJ5L2VuY3J5cHRlZA==', 'encryption-key-id': 'bm9uZQ==' }, data: 'AAAA' };
  expect((await decode({ token }, {}, [plain, foreign])).json).toEqual({ payloads: [plain, foreign] });
});

test('T2 nobody else reads them', async () => {
  const trader = await api.addTrader({ scopes: ['read', 'trade'] });
  const asTrader = await api.addTrader({ role: 'admin', scopes: ['read', 'trade'] });
  expectProblem(await decode({}, fromConsole), 401, 'unauthenticated');
  expectProblem(await decode({ token: 'arb_forged' }), 401, 'unauthenticated');
  expectProblem(await decode({ cookie: await api.logIn(trader) }, fromConsole), 403, 'forbidden');
  expectProblem(await decode({ token: trader.token }), 403, 'insufficient-scope');
  expectProblem(await decode({ token: asTrader.token }), 403, 'insufficient-scope');
});

test('T7 a session reads nothing for pages of another site, nor do they see what is answered', async () => {
  const { cookie } = await administrator();
  for (const origin of ['https://evil.example', 'http://localhost:8001', 'http://127.0.0.1:8000', 'null']) {
    for (const site of ['same-site', 'cross-site']) {
      const answer = await decode({ cookie }, { origin, 'sec-fetch-site': site });
      expectProblem(answer, 403, 'csrf-rejected');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
    expectProblem(await decode({ cookie }, { origin }), 403, 'csrf-rejected');
  }
});

test('preflights are answered for nobody', async () => {
  for (const path of ['/codec/decode', '/temporal/api/v1/namespaces', '/api/v1/trades']) {
    const { headers } = await api.app.request(`${PUBLIC_URL}${path}`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(headers.get('access-control-allow-origin'), path).toBeNull();
  }
});

test('bodies that are none of the contract are refused', async () => {
  const { token } = await administrator();
  for (const body of [{}, { payloads: {} }, { payloads: [{ data: 'no base64!' }] }, { payloads: [1] }]) {
    expectProblem(await api.call('POST', '/codec/decode', { token, body }), 422, 'validation-failed');
  }
});
