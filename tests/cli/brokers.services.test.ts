/** Connecting a broker from the command line: the person's part is played as they would, on the broker's page. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpServer } from '../../src/api/http/http-server.js';
import { runCli } from '../../src/cli/program.js';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { openApi, PASSWORD, PUBLIC_URL } from '../api/harness.js';
import { redirectOf, settingsAt } from '../broker-logins/fixture.js';
import { ManualClock, temporaryDirectory } from '../simulator/exchange-fixture.js';
import { CLIENT, LOGIN, TestSimulator } from '../simulator/simulator-fixture.js';

let simulator: TestSimulator;
let api: Awaited<ReturnType<typeof openApi>>;
let server: Server;
let home: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  simulator = await TestSimulator.start(temporaryDirectory(), new ManualClock(Date.now()));
  api = await openApi({}, settingsAt(simulator.url));
  server = createHttpServer(api.app, PUBLIC_URL);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  home = await mkdtemp(join(tmpdir(), 'arbion-cli-'));
  env = { ARBION_HOME: home, ARBION_URL: url, ARBION_TOKEN: api.trader.token, ARBION_PASSWORD: PASSWORD };
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await api.close();
  await simulator.close();
  await rm(home, { recursive: true, force: true });
});

/** `person` is shown what the command says beside its answer, and answers its question. */
async function arbion(command: string, person: (shown: string) => Promise<string> = async () => '') {
  const said = { out: '', error: '' };
  const code = await runCli(command.split(' '), env, {
    out: (text) => {
      said.out += text;
    },
    error: (text) => {
      said.error += text;
    },
    ask: () => person(said.error),
  });
  return { code, ...said };
}

async function openAccount(broker: LiveBroker, redirectUri = redirectOf(broker)) {
  const login = { ...LOGIN, username: randomUUID() };
  await simulator.open(broker, { login, clients: [{ ...CLIENT, redirectUris: [redirectUri] }] });
  return async (shown: string) => {
    const [url = ''] = /http:\S+/.exec(shown) ?? [];
    const body = new URLSearchParams({ ...login, decision: 'allow' });
    const answer = await fetch(url, { method: 'POST', redirect: 'manual', body });
    const page = await answer.text();
    return answer.headers.get('location') ?? /<p id="notice">([^<]+)/.exec(page)?.[1] ?? '';
  };
}

const email = () => `--email ${api.trader.email}`;

test('a broker is connected by pasting where it sent the browser, shown, and disconnected', async () => {
  const person = await openAccount('schwab');
  const connected = await arbion(`brokers connect schwab ${email()}`, person);
  expect(connected).toMatchObject({ code: 0, out: 'schwab is connected.\n' });
  const listed = await arbion('brokers');
  expect(listed.out).toMatch(/^paper +active +paper-\S+ Paper +-$/m);
  expect(listed.out).toMatch(/^schwab +active +schwab-\S+ …\d{4} +\d{4}-\d\d-\d\dT/m);
  expect(listed.out).toMatch(/^coinbase +disconnected +- +-$/m);
  expect((await arbion(`brokers disconnect schwab ${email()}`)).code).toBe(0);
  expect((await arbion('brokers')).out).toMatch(/^schwab +disconnected/m);
});

test('at E*TRADE the code on the page will do; --json prints the answer and nothing else', async () => {
  const person = await openAccount('etrade', 'oob');
  const { code, out } = await arbion(`--json brokers connect etrade ${email()}`, person);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ broker: 'etrade', state: 'active' });
});

test.each([
  ['what is neither an address nor a code', 'coinbase', 'hm?', 2],
  ["another login's answer", 'coinbase', `${redirectOf('coinbase')}?code=1&state=2`, 1],
  ['a broker that there is not', 'unknown', '', 1],
])('%s connects nothing', async (_, broker, answer, code) => {
  const said = await arbion(`brokers connect ${broker} ${email()}`, async () => answer);
  expect(said.code).toBe(code);
  expect(said.error).not.toBe('');
  expect((await arbion('brokers')).out).toMatch(/^coinbase +disconnected/m);
});

test('without a password nobody connects anything', async () => {
  const said = await arbion('brokers connect schwab --email nobody@example.test');
  expect([said.code, said.error]).toEqual([1, expect.stringMatching(/the password or the code is wrong/)]);
  expect((await arbion('brokers connect schwab')).error).toMatch(/--email/);
  expect((await arbion('brokers connect --help')).out).toMatch(/\$ arbion brokers connect schwab/);
});
