import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { runCli } from '../../src/cli/program.js';
import { openApi, PASSWORD, PUBLIC_URL } from '../api/harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
let server: Server;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  api = await openApi();
  server = createHttpServer(api.app, PUBLIC_URL);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  env = {
    ARBION_HOME: await mkdtemp(join(tmpdir(), 'arbion-cli-')),
    ARBION_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ARBION_TOKEN: api.trader.token,
    ARBION_PASSWORD: PASSWORD,
  };
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await api.close();
  await rm(env.ARBION_HOME ?? '', { recursive: true, force: true });
});

async function arbion(...args: string[]) {
  const said = { out: '', error: '' };
  const code = await runCli(args, env, {
    out: (text) => {
      said.out += text;
    },
    error: (text) => {
      said.error += text;
    },
    ask: () => Promise.reject(new Error('nothing is asked here')),
  });
  return { code, ...said };
}

test('a webhook is made, shown without its secret, and deleted', async () => {
  const email = ['--email', api.trader.email];
  expect((await arbion('webhooks')).out).toBe('There are no webhooks.\n');
  const made = await arbion('webhooks', 'create', 'BTC alerts', '--secret-in-body', '--strategy', 'breakout', ...email);
  expect(made.code).toBe(0);
  const { id, secret } =
    /^id {6}(?<id>\S+)\nurl {5}\S+\/\k<id>\nsecret {2}(?<secret>whsec_\S+)\n$/.exec(made.out)?.groups ?? {};
  const listed = await arbion('webhooks');
  expect(listed.out).toMatch(new RegExp(`^${id} +BTC alerts +secret_in_body +breakout$`, 'm'));
  expect(listed.out).not.toContain(secret ?? '');
  expect(await arbion('webhooks', 'delete', String(id), ...email)).toMatchObject({ code: 0, out: '' });
  expect((await arbion('webhooks')).out).toBe('There are no webhooks.\n');
  expect((await arbion('webhooks', 'delete', String(id), ...email)).code).toBe(1);
});
