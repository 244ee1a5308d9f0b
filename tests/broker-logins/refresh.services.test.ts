import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NotConnected } from '../../src/broker-port/access.js';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { tcpProxy } from '../api/tcp-proxy.js';
import { brokerLoginParts, settingsAt, TestBrokerLogins } from './fixture.js';

let brokerLogins: TestBrokerLogins;
beforeEach(async () => {
  brokerLogins = await TestBrokerLogins.open();
});
afterEach(() => brokerLogins.close());

/** What a caller does whom the broker turned away. */
async function renew(account: string, { access } = brokerLogins.parts) {
  const { credential } = await access.open(account);
  return access.renew(account, credential);
}

const outcomes = async () => (await brokerLogins.refreshes()).map(({ outcome }) => outcome);

describe.each<LiveBroker>(['schwab', 'coinbase', 'etrade'])('at %s', (broker) => {
  test('a refused credential is replaced once, however many were refused', async () => {
    const { id, account } = await brokerLogins.connected(broker);
    const { access } = brokerLogins.parts;
    const { credential } = await access.open(account);
    const renewed = await Promise.all(Array.from({ length: 50 }, () => access.renew(account, credential)));
    expect(new Set(renewed.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await outcomes()).toEqual(['refreshed']);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'active', code: null, generation: 2, refreshSends: 0 });
    // Who comes late with the old one is given the new one.
    await access.renew(account, credential);
    expect(await outcomes()).toEqual(['refreshed']);
  });

  test('the provider being away is no reason to ask for a login', async () => {
    const { id, account } = await brokerLogins.connected(broker);
    await brokerLogins.simulator.fault('http_500', 'token');
    await expect(renew(account)).rejects.toThrow(NotConnected);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'error', code: expect.stringMatching(/^http_5/) });
    // What is held may still work, and nobody asks again at once.
    await expect(renew(account)).rejects.toThrow(NotConnected);
    expect(await outcomes()).toEqual([]);
    await brokerLogins.rest(id);
    await renew(account);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'active', code: null });
    expect(await brokerLogins.alerts('reauth_required')).toEqual([]);
  });
});

describe('a final no', () => {
  test.each<[LiveBroker, string]>([
    ['schwab', 'unsupported_token_type'],
    ['coinbase', 'invalid_grant'],
  ])('of %s ends in one alert and no further call', async (broker, code) => {
    const { id, account, login } = await brokerLogins.connected(broker);
    await brokerLogins.simulator.fault('token_family_revoked', 'token');
    await expect(renew(account)).rejects.toThrow(NotConnected);
    await expect(renew(account)).rejects.toThrow(NotConnected);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'reauth_required', code });
    expect(await outcomes()).toEqual(['refused']);
    expect(await brokerLogins.alerts('reauth_required')).toMatchObject([{ userId: login.owner.userId, severity: 1 }]);
  });

  test('of E*TRADE after midnight wakes nobody', async () => {
    const { id, account } = await brokerLogins.connected('etrade');
    await brokerLogins.simulator.control('clock', { advanceSeconds: 86_400 });
    const past = new Date(Date.now() - 1);
    await brokerLogins.database.prisma.brokerLogin.update({ where: { id }, data: { loginDueAt: past } });
    await expect(renew(account)).rejects.toThrow(NotConnected);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'reauth_required', code: 'token_expired' });
    expect(await brokerLogins.alerts('reauth_required')).toMatchObject([{ severity: 3 }]);
  });

  test('is undone by a new login, and the account keeps its id', async () => {
    const { account, login } = await brokerLogins.connected('coinbase');
    await brokerLogins.simulator.fault('token_family_revoked', 'token');
    await expect(renew(account)).rejects.toThrow(NotConnected);
    expect((await brokerLogins.logIn(login)).account).toBe(account);
    expect((await brokerLogins.parts.access.open(account)).credential).toMatchObject({ kind: 'bearer' });
  });
});

describe('a lost answer', () => {
  test('at Schwab is asked for again', async () => {
    const { id, account } = await brokerLogins.connected('schwab');
    await brokerLogins.simulator.fault('disconnect', 'token');
    await expect(renew(account)).rejects.toThrow(NotConnected);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'refreshing' });
    await brokerLogins.rest(id);
    await renew(account);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'active' });
    expect(await brokerLogins.alerts('reauth_required')).toEqual([]);
  });

  test('A4 at Coinbase, after the token was spent, is asked for once more and ends in one alert', async () => {
    const { id, account } = await brokerLogins.connected('coinbase');
    await brokerLogins.simulator.fault('disconnect', 'token');
    await expect(renew(account)).rejects.toThrow(NotConnected);
    await expect(renew(account)).rejects.toThrow(NotConnected);
    expect(await outcomes()).toEqual(['refreshed']);
    await brokerLogins.rest(id);
    await expect(renew(account)).rejects.toThrow(NotConnected);
    expect(await outcomes()).toEqual(['refreshed', 'refused']);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'reauth_required', code: 'invalid_grant' });
    expect(await brokerLogins.alerts('reauth_required')).toHaveLength(1);
  });

  test('at Coinbase, before the token was spent, costs nothing', async () => {
    const { id, account } = await brokerLogins.connected('coinbase');
    await brokerLogins.simulator.fault('timeout_before', 'token', { count: 1, seconds: 11 });
    await expect(renew(account)).rejects.toThrow(NotConnected);
    await brokerLogins.rest(id);
    await renew(account);
    expect(await outcomes()).toEqual(['refreshed']);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'active' });
  });

  test('at Coinbase, twice, is not asked for a third time', async () => {
    const { id, account } = await brokerLogins.connected('coinbase');
    await brokerLogins.simulator.fault('timeout_before', 'token', { count: 2, seconds: 11 });
    for (let sends = 0; sends < 3; sends++) {
      await expect(renew(account)).rejects.toThrow(NotConnected);
      await brokerLogins.rest(id);
    }
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'reauth_required', code: 'refresh_answer_lost' });
    expect(await brokerLogins.alerts('reauth_required')).toHaveLength(1);
  });
});

describe('a credential that nothing can renew', () => {
  test('is kept while the broker takes it, and given up when it does not', async () => {
    const { id, account } = await brokerLogins.connected('alpaca');
    // One 401 may be a slip: the broker is asked.
    expect(await renew(account)).toMatchObject({ credential: { kind: 'bearer' } });
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'active' });
    await brokerLogins.simulator.fault('unauthorized', '*', { count: 9 });
    await expect(renew(account)).rejects.toThrow(NotConnected);
    expect(await brokerLogins.row(id)).toMatchObject({ state: 'reauth_required', code: 'unauthorized' });
  });
});

test('a login during a refresh wins', async () => {
  const { id, account, login } = await brokerLogins.connected('schwab');
  await brokerLogins.simulator.fault('slow', 'token', { count: 1, seconds: 3 });
  const refreshing = renew(account).catch((error: unknown) => error);
  // The refresh has to be the token request that is slow, not the login's.
  await expect.poll(() => brokerLogins.simulator.hits()).toBe(1);
  await brokerLogins.logIn(login);
  const { sealed } = await brokerLogins.row(id);
  await refreshing;
  expect((await brokerLogins.row(id)).sealed).toEqual(sealed);
});

test('another process uses the newest credential within five seconds', async () => {
  const { account } = await brokerLogins.connected('schwab');
  const other = brokerLoginParts(brokerLogins.database.url, settingsAt(brokerLogins.simulator.url));
  const before = await other.access.open(account);
  const { credential } = await renew(account);
  expect(await other.access.open(account)).toBe(before);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect((await other.access.open(account)).credential).toEqual(credential);
  await other.close();
});

test('what a login no longer opens is not traded in', async () => {
  const { id, account } = await brokerLogins.connected('coinbase');
  await brokerLogins.database.prisma.brokerAccount.updateMany({ data: { accountKey: 'of-somebody-else' } });
  const { credential } = await brokerLogins.parts.access.open(account);
  expect(credential).toBeDefined();
  await brokerLogins.database.prisma.brokerAccount.updateMany({ where: { loginId: id }, data: { offered: false } });
  const other = brokerLoginParts(brokerLogins.database.url, settingsAt(brokerLogins.simulator.url));
  await expect(other.access.open(account)).rejects.toThrow(NotConnected);
  await other.close();
});

test('what was given is kept though the database goes away before it is written', async () => {
  const { id, account } = await brokerLogins.connected('coinbase');
  const url = new URL(brokerLogins.database.url);
  const door = await tcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(door.port);
  const worker = brokerLoginParts(url.href, settingsAt(brokerLogins.simulator.url));
  const coinbase = worker.providers.get('coinbase');
  if (!coinbase) throw new Error('Coinbase is not configured');
  // The outage begins between the provider's answer and our write.
  worker.providers.set('coinbase', {
    ...coinbase,
    refresh: async (grant) => {
      const granted = await coinbase.refresh(grant);
      await door.shut();
      setTimeout(() => void door.open(), 3_000);
      return granted;
    },
  });
  await renew(account, worker);
  expect(await outcomes()).toEqual(['refreshed']);
  expect(await brokerLogins.row(id)).toMatchObject({ state: 'active', generation: 2 });
  expect(await brokerLogins.alerts('reauth_required')).toEqual([]);
  await worker.close();
  await door.shut();
});
