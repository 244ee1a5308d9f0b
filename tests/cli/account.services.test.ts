/** A person at the command line: an authenticator, a new password, a forgotten one. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { runCli } from '../../src/cli/program.js';
import { codeOf, openApi, PASSWORD, PUBLIC_URL, type TestTrader } from '../api/harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
let server: Server;
let home: string;
let url: string;
beforeAll(async () => {
  api = await openApi();
  server = createHttpServer(api.app, PUBLIC_URL);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  home = await mkdtemp(join(tmpdir(), 'arbion-cli-'));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await api.close();
  await rm(home, { recursive: true, force: true });
});

/** `person` is shown what the command says beside its answer, and answers its questions. */
async function arbion(
  command: string,
  env: NodeJS.ProcessEnv = {},
  person?: (shown: string) => string | Promise<string>,
) {
  const said = { out: '', error: '' };
  const code = await runCli(
    command.split(' '),
    { ARBION_HOME: home, ARBION_URL: url, ARBION_PASSWORD: PASSWORD, ...env },
    {
      out: (text) => {
        said.out += text;
      },
      error: (text) => {
        said.error += text;
      },
      ask: async () => {
        if (!person) throw new Error('nothing is asked here');
        return person(said.error);
      },
    },
  );
  return { code, ...said };
}

/** Sets an authenticator up as a person does: types the secret over, and the code that it shows. */
async function setUp({ email, userId }: TestTrader) {
  let secret = '';
  const person = (shown: string) => {
    secret = /^ {2}([A-Z2-7]{32})$/m.exec(shown)?.[1] ?? '';
    return codeOf(secret);
  };
  const said = await arbion(`authenticator --email ${email}`, {}, person);
  await api.database.prisma.totpSecret.updateMany({ where: { userId }, data: { lastStep: 0 } });
  return { secret, ...said };
}

const sessionsOf = ({ userId }: TestTrader) => api.database.prisma.session.count({ where: { userId } });

test('an authenticator is set up, and from then on log-in asks for its code', async () => {
  const trader = await api.addTrader();
  const { code, out, secret } = await setUp(trader);
  expect(code).toBe(0);
  const recoveryCodes = out.match(/^ {2}[a-z2-7-]{29}$/gm) ?? [];
  expect(recoveryCodes).toHaveLength(10);

  const login = `login --url ${url} --email ${trader.email}`;
  const loggedIn = await arbion(login, {}, () => codeOf(secret));
  expect(loggedIn).toMatchObject({ code: 0, error: '' });
  const { token } = JSON.parse(await readFile(join(home, 'login.json'), 'utf8'));
  expect((await api.call('GET', '/auth/me', { token })).json).toMatchObject({ email: trader.email });
  expect((await arbion(login, { ARBION_CODE: recoveryCodes[0]?.trim() })).code).toBe(0);

  const wrong = await arbion(login, {}, () => recoveryCodes[0]?.trim() ?? '');
  expect([wrong.code, wrong.error]).toEqual([1, expect.stringMatching(/the code is wrong/)]);
  const noCode = await arbion(login, {}, () => 'hm?');
  expect([noCode.code, noCode.error]).toEqual([
    1,
    expect.stringMatching(/code: must be six digits or a recovery code/),
  ]);
  expect(await sessionsOf(trader)).toBe(0);
});

test('a new password', async () => {
  const trader = await api.addTrader();
  const next = 'a quite different sentence';
  const weak = await arbion(`password --email ${trader.email}`, { ARBION_NEW_PASSWORD: 'passwordpassword' });
  expect([weak.code, weak.error]).toEqual([1, expect.stringMatching(/newPassword: is too easy to guess/)]);
  const changed = await arbion(`password --email ${trader.email}`, { ARBION_NEW_PASSWORD: next });
  expect(changed).toMatchObject({ code: 0, error: expect.stringMatching(/is changed/) });
  expect(await sessionsOf(trader)).toBe(0);
  const login = `login --url ${url} --email ${trader.email}`;
  expect((await arbion(login)).code).toBe(1);
  expect((await arbion(login, { ARBION_PASSWORD: next })).code).toBe(0);
});

test('a new password with an authenticator takes one code, not two', async () => {
  const trader = await api.addTrader();
  const { secret } = await setUp(trader);
  const changed = await arbion(
    `password --email ${trader.email}`,
    { ARBION_NEW_PASSWORD: 'a quite different sentence' },
    () => codeOf(secret),
  );
  expect(changed.code).toBe(0);
});

test('a forgotten password, by the link of the mail or what stands behind its #', async () => {
  const trader = await api.addTrader();
  const next = 'a quite different sentence';
  const person = async () => {
    const [mail = ''] = await api.mailTo(trader.email);
    return /http:\S+#\S+/.exec(mail)?.[0] ?? '';
  };
  const command = `reset-password --url ${url} --email ${trader.email}`;
  const set = await arbion(command, { ARBION_NEW_PASSWORD: next }, person);
  expect(set).toMatchObject({ code: 0, error: expect.stringMatching(/is set\. You can log in/) });
  const login = `login --url ${url} --email ${trader.email}`;
  expect((await arbion(login, { ARBION_PASSWORD: next })).code).toBe(0);
  expect((await arbion(command, { ARBION_NEW_PASSWORD: next }, person)).code).toBe(1);
});
