/** Processes killed in the middle of a refresh (failure model F45). */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { RING, settingsAt, TestBrokerLogins } from './fixture.js';
import type { KillPoint, RefreshingProcess } from './refreshing-process.js';

const POINTS: KillPoint[] = ['before_lock', 'after_lock', 'after_http', 'after_write', 'before_unlock'];

const program = fileURLToPath(new URL('refreshing-process.ts', import.meta.url));

let brokerLogins: TestBrokerLogins;
beforeEach(async () => {
  brokerLogins = await TestBrokerLogins.open();
});
afterEach(() => brokerLogins.close());

async function killedAt(point: KillPoint, account: string): Promise<void> {
  const settings: RefreshingProcess = {
    databaseUrl: brokerLogins.database.url,
    brokers: settingsAt(brokerLogins.simulator.url),
    ring: RING.map(({ id, key }) => ({ id, key: key.toString('base64') })),
    ...{ account, point },
  };
  const child = fork(program, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, TEST_REFRESH: JSON.stringify(settings) },
  });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
}

async function renew(account: string) {
  const { access } = brokerLogins.parts;
  const { credential } = await access.open(account);
  return access.renew(account, credential);
}

describe.each<LiveBroker>(['schwab', 'coinbase', 'etrade'])('at %s', (broker) => {
  // Only there a token is spent that nobody has written down.
  const survives = (point: string) => broker !== 'coinbase' || point !== 'after_http';

  test.each(POINTS)('killed at cp:refresh.%s', async (point) => {
    const { id, account } = await brokerLogins.connected(broker);
    await killedAt(point, account);
    // Whoever comes next waits until the lost send can no longer arrive.
    await brokerLogins.rest(id);
    const renewed = await renew(account).catch((error: Error) => error.name);
    const row = await brokerLogins.row(id);
    const refreshes = (await brokerLogins.refreshes()).map(({ outcome }) => outcome);
    if (survives(point)) {
      expect(row).toMatchObject({ state: 'active', code: null, refreshSends: 0 });
      expect(renewed).toMatchObject({ credential: expect.anything() });
      expect(refreshes.every((outcome) => outcome === 'refreshed')).toBe(true);
      expect(await brokerLogins.alerts('reauth_required')).toEqual([]);
    } else {
      expect(row).toMatchObject({ state: 'reauth_required', code: 'invalid_grant' });
      expect(refreshes).toEqual(['refreshed', 'refused']);
      for (let calls = 0; calls < 5; calls++) await renew(account).catch(() => {});
      expect(await brokerLogins.refreshes()).toHaveLength(2);
      expect(await brokerLogins.alerts('reauth_required')).toHaveLength(1);
    }
  });
});
