/** Which of this machine's names a browser ends at. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { expectProblem, openApi, PASSWORD, PUBLIC_URL } from './harness.js';
import { exchange } from './raw-http.js';

let api: Awaited<ReturnType<typeof openApi>>;
let server: Server;
beforeAll(async () => {
  api = await openApi();
  server = createHttpServer(api.app, PUBLIC_URL).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await api.close();
});

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

test.each([
  ['/docs?next=//evil.example', '127.0.0.1:8000', 302, `${PUBLIC_URL}/docs?next=//evil.example`],
  [`${PUBLIC_URL}/docs`, '127.0.0.1:8000', 200, undefined],
  ['http://evil.example/docs', '127.0.0.1:8000', 400, undefined],
  ['http://127.0.0.1:8000@evil.example/', '127.0.0.1:8000', 400, undefined],
  ['//evil.example/', '127.0.0.1:8000', 404, undefined],
  ['/\\evil.example/', '127.0.0.1:8000', 404, undefined],
  ['/%5cevil.example/', '127.0.0.1:8000', 404, undefined],
  ['/docs', 'evil.example', 400, undefined],
  ['/docs', '127.0.0.1:8000@evil.example', 400, undefined],
])('on the wire %s for %s is answered %i', async (target, host, status, location) => {
  const { port } = server.address() as AddressInfo;
  const request = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${PAGE.accept}\r\nConnection: close\r\n\r\n`;
  const [answer] = await exchange(port, request, 2_000);
  expect([answer?.status, answer?.headers.get('location')]).toEqual([status, location]);
});

test('a log-in by a page under another name is refused with the address to use', async () => {
  const headers = { origin: 'http://127.0.0.1:8000' };
  const body = { email: api.trader.email, password: PASSWORD };
  const answer = await api.call('POST', '/auth/login', { headers, body });
  expectProblem(answer, 403, 'csrf-rejected');
  expect(answer.json).toMatchObject({ whatToDo: expect.stringContaining(`open ${PUBLIC_URL}.`) });
});
