/** A person at the command line: their account, sessions and tokens, keys at a broker, limits and kill switch. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApi, PASSWORD } from '../api/harness.js';
import { settingsAt } from '../broker-logins/fixture.js';
import { ManualClock, temporaryDirectory } from '../simulator/exchange-fixture.js';
import { LOGIN, TestSimulator } from '../simulator/simulator-fixture.js';
import { type ServedCli, serveCli } from './serve-cli.js';

const ESCAPE = String.fromCharCode(27);

let simulator: TestSimulator;
let api: Awaited<ReturnType<typeof openApi>>;
let cli: ServedCli;
let email: string;
beforeAll(async () => {
  simulator = await TestSimulator.start(temporaryDirectory(), new ManualClock(Date.now()));
  api = await openApi({}, settingsAt(simulator.url));
  cli = await serveCli(api);
  email = `--email ${api.trader.email}`;
});
afterAll(async () => {
  await cli.close();
  await api.close();
  await simulator.close();
});

describe('registration', () => {
  test('makes an account by the link of the mail', async () => {
    const address = `${randomUUID()}@example.test`;
    const link = async () => /http:\S+#\S+/.exec((await api.mailTo(address)).join('\n'))?.[0] ?? '';
    const env = { ARBION_HOME: cli.home, ARBION_URL: cli.url, ARBION_NEW_PASSWORD: PASSWORD };
    const person = { env, isTerminal: true, answer: link };
    const registered = await cli.arbion(`register --email ${address}`, person);
    expect(registered).toMatchObject({
      code: 0,
      out: '',
      error: expect.stringMatching(/The account is created\. Log in/),
    });
    await api.logIn({ email: address });
  });

  test('asks for no link without a terminal, and names each wrong field', async () => {
    const env = { ARBION_URL: cli.url, ARBION_NEW_PASSWORD: PASSWORD };
    const begun = await cli.arbion(`register --email ${randomUUID()}@example.test`, { env });
    expect(begun).toMatchObject({ code: 0, error: expect.stringMatching(/Once the link is opened, log in/) });
    const wrong = await cli.arbion('register --email nobody', { env: { ...env, ARBION_NEW_PASSWORD: 'short' } });
    expect([wrong.code, wrong.error]).toEqual([
      1,
      expect.stringMatching(/^email: must be .*\npassword: must have at least 15 characters\n\(request [\w-]{36}\)\n$/),
    ]);
  });
});

test('a question that nobody can answer is wrong use, not a crash', async () => {
  const command = ['src/cli/main.ts', 'reset-password', ...email.split(' '), '--url', cli.url];
  const child = spawn(process.execPath, ['--import', 'tsx', ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
  let shown = '';
  child.stderr.on('data', (text) => {
    shown += String(text);
  });
  const [code] = await once(child, 'close');
  expect([code, shown]).toEqual([2, expect.stringMatching(/No answer came: the input has ended\.\n$/)]);
});

test('sessions are listed, and ended one by one or all', async () => {
  const [first, second] = [await api.logIn(api.trader), await api.logIn(api.trader)];
  const { out } = await cli.arbion(`sessions ${email}`);
  const others = out.split('\n').filter((line) => /^[0-9a-f]{8} /.test(line) && !line.endsWith('this command'));
  const { items } = JSON.parse((await cli.arbion(`sessions --json ${email}`)).out);
  expect(items).toHaveLength(3);

  expect((await cli.arbion(`sessions end ${others[0]?.slice(0, 8)} ${email}`)).error).toBe('The session has ended.\n');
  const known = async (cookie: string) => (await api.call('GET', '/auth/me', { cookie })).status === 200;
  expect([await known(first), await known(second)].filter(Boolean)).toHaveLength(1);
  expect((await cli.arbion(`sessions end --all ${email}`)).code).toBe(0);
  expect([await known(first), await known(second)]).toEqual([false, false]);
  expect((await cli.arbion(`sessions end ${email}`)).code).toBe(2);
  expect(await cli.arbion(`sessions end 0000 ${email}`)).toMatchObject({
    code: 1,
    error: expect.stringMatching(/none/),
  });
});

test('a token is made, shown once, used, and revoked', async () => {
  const made = await cli.arbion(['tokens', 'create', 'My strategy', '--scopes', 'read,trade', ...email.split(' ')]);
  const { id, token } = /^id {6}(?<id>\S+)\ntoken {3}(?<token>arb_\S+)\n$/.exec(made.out)?.groups ?? {};
  const env = { ARBION_HOME: cli.home, ARBION_URL: cli.url, ARBION_TOKEN: token };
  expect((await cli.arbion('balance', { env })).code).toBe(0);

  const listed = await cli.arbion(`tokens ${email}`);
  expect(listed.out).toMatch(new RegExp(`^${id?.slice(0, 8)} +My strategy +read,trade +\\d{4}-.* -$`, 'm'));
  expect(listed.out).not.toContain(token ?? '');
  expect(JSON.parse((await cli.arbion(`tokens --json ${email}`)).out).items).toHaveLength(2);
  expect((await cli.arbion(`tokens revoke ${id?.slice(0, 8)} ${email}`)).error).toBe(
    'The token "My strategy" is revoked.\n',
  );
  expect((await cli.arbion('balance', { env })).code).toBe(1);
});

describe('logging in', () => {
  const newDeviceMails = async (to: string) =>
    (await api.mailTo(to)).filter((mail) => mail.includes('sign in from a new device')).length;

  test('again is from the same device, and revokes the token that is replaced', async () => {
    const trader = await api.addTrader();
    const env = { ARBION_HOME: temporaryDirectory(), ARBION_URL: cli.url, ARBION_PASSWORD: PASSWORD };
    const logIn = async () => {
      const { code } = await cli.arbion(`login --url ${cli.url} --email ${trader.email}`, { env });
      expect(code).toBe(0);
      return JSON.parse(await readFile(join(env.ARBION_HOME, 'login.json'), 'utf8')).token as string;
    };
    const statusOf = async (token: string) => (await api.call('GET', '/auth/me', { token })).status;
    const first = await logIn();
    expect(await newDeviceMails(trader.email)).toBe(1);
    const second = await logIn();
    expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);
    expect((await cli.arbion(`sessions --email ${trader.email}`, { env })).code).toBe(0);
    expect(await newDeviceMails(trader.email)).toBe(1);
    expect((await stat(join(env.ARBION_HOME, 'devices.json'))).mode & 0o077).toBe(0);
  });

  test('in place of somebody else says that their token stays valid', async () => {
    const [one, other] = [await api.addTrader(), await api.addTrader()];
    const env = { ARBION_HOME: temporaryDirectory(), ARBION_PASSWORD: PASSWORD };
    const logIn = (who: string) => cli.arbion(`login --url ${cli.url} --email ${who}`, { env });
    await logIn(one.email);
    const { code, error } = await logIn(other.email);
    expect([code, error]).toEqual([0, expect.stringContaining(`The token of ${one.email} at ${cli.url} stays valid`)]);
  });
});

describe('logging out', () => {
  const env = (more: NodeJS.ProcessEnv = {}) => ({ ARBION_HOME: cli.home, ...more });
  const logIn = async () => {
    const command = `login --url ${cli.url} ${email}`;
    expect((await cli.arbion(command, { env: env({ ARBION_PASSWORD: PASSWORD }) })).code).toBe(0);
    return JSON.parse(await readFile(join(cli.home, 'login.json'), 'utf8')).token as string;
  };
  const works = async (token: string) => (await api.call('GET', '/auth/me', { token })).status === 200;

  test('revokes the token and removes the file', async () => {
    const token = await logIn();
    const wrong = await cli.arbion('logout', { env: env({ ARBION_PASSWORD: 'wrong' }) });
    expect([wrong.code, await works(token)]).toEqual([1, true]);
    const out = await cli.arbion('logout', { env: env({ ARBION_PASSWORD: PASSWORD }) });
    expect(out).toMatchObject({ code: 0, out: expect.stringMatching(/^Logged out from .*; the token is revoked\.$/m) });
    expect([await works(token), existsSync(join(cli.home, 'login.json'))]).toEqual([false, false]);
    expect((await cli.arbion('logout', { env: env() })).code).toBe(2);
  });

  test('without a password removes the file, and says that the token stays valid', async () => {
    const token = await logIn();
    const out = await cli.arbion('logout', { env: env() });
    expect(out).toMatchObject({
      code: 0,
      out: expect.stringMatching(/The token [\w-]{36} stays valid until you revoke it/),
    });
    expect([await works(token), existsSync(join(cli.home, 'login.json'))]).toEqual([true, false]);
  });
});

test('keys connect a broker, from a file or the environment; wrong ones do not', async () => {
  const { credentials } = await simulator.open('alpaca', { login: { ...LOGIN, username: randomUUID() } });
  const { keyId, secretKey } = credentials;
  const env = {
    ...{ ARBION_HOME: cli.home, ARBION_URL: cli.url, ARBION_TOKEN: api.trader.token, ARBION_PASSWORD: PASSWORD },
    ARBION_BROKER_SECRET: 'wrong',
  };
  const wrong = await cli.arbion(`keys alpaca --key-id ${keyId} ${email}`, { env });
  expect([wrong.code, wrong.error]).toEqual([1, expect.stringMatching(/code unauthorized/)]);
  const file = join(cli.home, 'secret');
  await writeFile(file, `${secretKey}\n`);
  const connected = await cli.arbion(`keys alpaca --key-id ${keyId} --secret-file ${file} ${email}`);
  expect(connected).toMatchObject({ code: 0, out: 'alpaca is connected.\n' });
  expect((await cli.arbion('brokers')).out).toMatch(/^alpaca +active/m);
  await cli.arbion(`brokers disconnect alpaca ${email}`);
});

describe('risk', () => {
  test('shows the limits, what is used and what is left; they are changed with the password', async () => {
    const { out } = await cli.arbion('risk');
    expect(out).toMatch(/^New trades are allowed\.$/m);
    expect(out).toMatch(/^a trade +1000$/m);
    expect(out).toMatch(/^a day +10000 +0 +10000$/m);
    const changed = await cli.arbion(`limits set --daily 9000 --symbol-percent 25% --daily-loss 300 ${email}`);
    expect(changed.out).toMatch(/^a day +9000 +0 +9000\na symbol +25 % of equity\na day's loss +300$/m);
    const back = await cli.arbion(`limits set --daily-loss none --good-faith refuse --json ${email}`);
    expect(JSON.parse(back.out)).toMatchObject({
      limits: { daily: '9000', dailyLoss: null, avoidGoodFaithViolations: true },
    });
  });

  test('refuses a limit above the ceiling as a limit, and what is no limit', async () => {
    const { code, error } = await cli.arbion(`limits set --per-trade 9999999 ${email}`);
    expect([code, error]).toEqual([3, expect.stringMatching(/code LIMIT_ABOVE_CEILING/)]);
    expect((await cli.arbion(`limits set --good-faith maybe ${email}`)).code).toBe(2);
    expect((await cli.arbion(`limits set ${email}`)).error).toMatch(/^request: must change something$/m);
  });

  test('new trades are halted at once, and allowed again with the password', async () => {
    expect((await cli.arbion(['halt', '--reason', 'Going on holiday'])).out).toBe('New trades are stopped.\n');
    expect((await cli.arbion('risk')).out).toMatch(/^New trades are stopped by your kill switch/m);
    const painted = await cli.arbion('risk', { hasColours: true });
    expect(painted.out).toMatch(new RegExp(`^${ESCAPE}\\[31mNew trades are stopped`));
    expect((await cli.arbion(`resume ${email}`)).out).toBe('New trades are allowed.\n');
    expect(JSON.parse((await cli.arbion(`halt --json`)).out)).toEqual({ scope: 'user', engaged: true, flattening: 0 });
    await cli.arbion(`resume ${email}`);
  });

  test('is stopped for everybody by administrators only', async () => {
    expect((await cli.arbion(`halt --everyone ${email}`)).code).toBe(1);
    const { email: admin } = await api.addTrader({ role: 'admin' });
    expect((await cli.arbion(`halt --everyone --email ${admin}`)).code).toBe(0);
    expect((await cli.arbion('risk')).out).toMatch(/stopped by an administrator, for everybody/);
    expect((await cli.arbion(`resume --everyone --email ${admin}`)).code).toBe(0);
  });
});
