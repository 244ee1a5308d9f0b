import { afterAll, beforeAll, expect, test } from 'vitest';
import { unlimited } from '../../src/broker-port/request-budget.js';
import { CoinbaseBroker } from '../../src/brokers/coinbase/coinbase-broker.js';
import { type BrokerLoginParts, brokerLoginParts, settingsAt, TestBrokerLogins } from './fixture.js';

const WORKERS = 16;
const EXPIRIES = 500;
const LIFE_SECONDS = 3_600;

let brokerLogins: TestBrokerLogins;
let workers: BrokerLoginParts[];
beforeAll(async () => {
  brokerLogins = await TestBrokerLogins.open();
  const settings = settingsAt(brokerLogins.simulator.url);
  workers = Array.from({ length: WORKERS }, () => brokerLoginParts(brokerLogins.database.url, settings));
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  await brokerLogins.close();
});

test('F44 of 16 workers whose token runs out 500 times, one refreshes, each time', async () => {
  const { id, account } = await brokerLogins.connected('coinbase');
  const baseUrl = `${brokerLogins.simulator.url}/coinbase/api/v3/brokerage`;
  const brokers = workers.map(({ access }) => new CoinbaseBroker({ baseUrl, access, budget: unlimited }));
  for (let expiry = 0; expiry < EXPIRIES; expiry++) {
    brokerLogins.simulator.clock.advance(LIFE_SECONDS);
    // Each is turned away with the old token, and goes on with the new one.
    await Promise.all(brokers.map((broker) => broker.accounts(account)));
  }
  const refreshes = await brokerLogins.refreshes();
  expect(refreshes).toHaveLength(EXPIRIES);
  expect(refreshes.filter(({ outcome }) => outcome !== 'refreshed')).toEqual([]);
  expect(await brokerLogins.row(id)).toMatchObject({ state: 'active', generation: EXPIRIES + 1 });
  expect(await brokerLogins.alerts('reauth_required')).toEqual([]);
}, 600_000);
