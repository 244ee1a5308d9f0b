/** Which of this machine's names a browser ends at. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApi, PUBLIC_URL } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

/** What browsers send with a navigation. */
const PAGE = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const ask = async (url: string, init: RequestInit = { headers: PAGE }) => {
  const { status, headers } = await api.app.request(url, init);
  return [status, headers.get('location')];
};

test.each([
  ['http://127.0.0.1:8000/docs', `${PUBLIC_URL}/docs`],
  ['http://127.0.0.1:8000/docs?a=1&b=%2F', `${PUBLIC_URL}/docs?a=1&b=%2F`],
  ['http://127.8.9.10:8000/', `${PUBLIC_URL}/`],
  ['http://[::1]:8000/temporal/', `${PUBLIC_URL}/temporal/`],
  ['http://127.0.0.1:8000//evil.example/', `${PUBLIC_URL}//evil.example/`],
  ['http://127.0.0.1:8000/%5C%5Cevil.example', `${PUBLIC_URL}/%5C%5Cevil.example`],
])('a page at %s leads to %s', async (url, target) => {
  expect(await ask(url)).toEqual([302, target]);
  expect(await ask(url, { method: 'HEAD', headers: PAGE })).toEqual([302, target]);
});

test.each([
  ['the configured name', `${PUBLIC_URL}/docs`, { headers: PAGE }],
  ['another port, as of a tunnel', 'http://127.0.0.1:9000/docs', { headers: PAGE }],
  ['a name that only looks like one of this machine', 'http://127.0.0.1.evil.example:8000/docs', { headers: PAGE }],
  ['a program', 'http://127.0.0.1:8000/docs', { headers: { accept: '*/*' } }],
])('of %s nothing leads away', async (_, url, init) => {
  expect((await ask(url, init))[0]).toBe(200);
});

test('what changes something is never led elsewhere', async () => {
  const init = { method: 'POST', headers: { ...PAGE, 'content-type': 'application/json' }, body: '{}' };
  expect((await ask('http://127.0.0.1:8000/api/v1/auth/login', init))[1]).toBeNull();
});

test('a program with a token is served under each name', async () => {
  const headers = { accept: 'application/json', authorization: `Bearer ${api.trader.token}` };
  expect((await ask('http://127.0.0.1:8000/api/v1/trades', { headers }))[0]).toBe(200);
});
