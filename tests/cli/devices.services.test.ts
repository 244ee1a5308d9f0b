/** This machine as Arbion knows it, and the token of a login that another replaces. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApi, PASSWORD } from '../api/harness.js';
import { temporaryDirectory } from '../simulator/exchange-fixture.js';
import { type ServedCli, serveCli } from './serve-cli.js';

let api: Awaited<ReturnType<typeof openApi>>;
let cli: ServedCli;
beforeAll(async () => {
  api = await openApi();
  cli = await serveCli(api);
});
afterAll(async () => {
  await cli.close();
  await api.close();
});

/** A person at a machine that has signed in nowhere. */
async function atNewMachine() {
  const { email } = await api.addTrader();
  const env = { ARBION_HOME: temporaryDirectory(), ARBION_URL: cli.url, ARBION_PASSWORD: PASSWORD };
  const file = (name: string) => join(env.ARBION_HOME, name);
  const logIn = (address = email) => cli.arbion(`login --url ${cli.url} --email ${address}`, { env });
  const token = async (): Promise<string> => JSON.parse(await readFile(file('login.json'), 'utf8')).token;
  const mails = async () =>
    (await api.mailTo(email)).filter((mail) => mail.includes('sign in from a new device')).length;
  return { email, env, file, logIn, token, mails };
}

const statusOf = async (token: string) => (await api.call('GET', '/auth/me', { token })).status;

test('a log-out keeps the device', async () => {
  const { env, logIn, mails } = await atNewMachine();
  await logIn();
  expect((await cli.arbion('logout', { env })).code).toBe(0);
  expect((await logIn()).code).toBe(0);
  expect(await mails()).toBe(1);
});

test('a reset of the password makes the device a new one, once', async () => {
  const { email, env, logIn, mails } = await atNewMachine();
  await logIn();
  await api.database.prisma.user.update({ where: { email }, data: { deviceVersion: { increment: 1 } } });
  await logIn();
  await cli.arbion(`sessions --email ${email}`, { env });
  expect(await mails()).toBe(2);
});

test.each(['', '{"half', '[]', '{"key": 1}'])('a file of devices that holds %j is replaced', async (content) => {
  const { file, logIn, mails } = await atNewMachine();
  await writeFile(file('devices.json'), content, { mode: 0o644 });
  expect([(await logIn()).code, (await logIn()).code, await mails()]).toEqual([0, 0, 1]);
  expect((await stat(file('devices.json'))).mode & 0o777).toBe(0o600);
});

test('a device that cannot be kept does not stop a sign-in', async () => {
  const { file, logIn } = await atNewMachine();
  await mkdir(file('devices.json'));
  const { code, error } = await logIn();
  expect([code, error]).toEqual([0, expect.stringMatching(/^\S+devices\.json cannot be written: .*\n$/)]);
});

test('an older file, which names no token, is replaced with a warning', async () => {
  const { email, file, logIn, token } = await atNewMachine();
  await logIn();
  const { tokenId: _, ...older } = JSON.parse(await readFile(file('login.json'), 'utf8'));
  await writeFile(file('login.json'), JSON.stringify(older));
  const { code, error } = await logIn();
  expect([code, error]).toEqual([0, expect.stringContaining(`The token of ${email} at ${cli.url} stays valid`)]);
  expect(await statusOf(await token())).toBe(200);
});

test.each(['', '{"half', '{}'])('a log-in replaces a file of the last one that holds %j', async (content) => {
  const { file, logIn, token } = await atNewMachine();
  await writeFile(file('login.json'), content);
  expect((await logIn()).code).toBe(0);
  expect(await statusOf(await token())).toBe(200);
});

test('the same address in capitals is the same person', async () => {
  const { email, logIn, token } = await atNewMachine();
  await logIn();
  const first = await token();
  const { code, error } = await logIn(email.toUpperCase());
  expect([code, error, await statusOf(first)]).toEqual([0, '', 401]);
});

test('a token that was revoked before does not stop the log-in', async () => {
  const { email, env, file, logIn, token } = await atNewMachine();
  await logIn();
  const first = await token();
  const { tokenId } = JSON.parse(await readFile(file('login.json'), 'utf8'));
  await cli.arbion(`tokens revoke ${tokenId} --email ${email}`, { env });
  expect(await statusOf(first)).toBe(401);
  const { code, error } = await logIn();
  expect([code, error, await statusOf(await token())]).toEqual([
    0,
    expect.stringMatching(/^The token .* was no longer valid\.\n$/),
    200,
  ]);
});

test('a log-in that fails leaves the token of the last one valid', async () => {
  const { env, logIn, token, email } = await atNewMachine();
  await logIn();
  const wrong = { ...env, ARBION_PASSWORD: 'wrong' };
  expect((await cli.arbion(`login --url ${cli.url} --email ${email}`, { env: wrong })).code).toBe(1);
  expect(await statusOf(await token())).toBe(200);
});

test('a token that cannot be revoked does not stop the log-in', async () => {
  const { file, logIn, token } = await atNewMachine();
  await logIn();
  const login = JSON.parse(await readFile(file('login.json'), 'utf8'));
  await writeFile(file('login.json'), JSON.stringify({ ...login, tokenId: 'no-id' }));
  const { code, error } = await logIn();
  expect([code, error.split('\n').length, await statusOf(await token())]).toEqual([0, 2, 200]);
});
