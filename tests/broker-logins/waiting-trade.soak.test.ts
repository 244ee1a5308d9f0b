/** A trade at Schwab whose login ends under it (scenario A1): the real workflow, adapter, access and login. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unlimited } from '../../src/broker-port/request-budget.js';
import { SchwabBroker } from '../../src/brokers/schwab/schwab-broker.js';
import type { UserId } from '../../src/domain/ids.js';
import { MARKET_HOURS, ManualClock } from '../simulator/exchange-fixture.js';
import type { Body } from '../simulator/simulator-fixture.js';
import { eventually } from '../support/eventually.js';
import type { TestMarket } from '../support/test-market.js';
import { openTradingAt, type Trading } from '../support/trading.js';
import { type Login, TestBrokerLogins } from './fixture.js';

/** Longer than an access token lives. */
const HALF_AN_HOUR_S = 1_860;

let brokerLogins: TestBrokerLogins;
let trading: Trading<TestMarket>;
let login: Login;

beforeAll(async () => {
  brokerLogins = await TestBrokerLogins.open(new ManualClock(MARKET_HOURS));
  await brokerLogins.simulator.market('AAPL', '149.99', '150.01', { last: '150' });
  trading = await openTradingAt(market(brokerLogins), {
    request: { broker: 'schwab' },
    settings: { monitorIntervalMs: 2_000 },
  });
});
afterAll(() => trading.close());

function market({ simulator, database, parts, ...rest }: TestBrokerLogins): TestMarket {
  const broker = new SchwabBroker({
    baseUrl: `${simulator.url}/schwab`,
    access: parts.access,
    budget: unlimited,
    now: simulator.clock.now,
  });
  return {
    ...rest,
    database,
    broker,
    accountOf: (user) => `schwab-${user}`,
    openAccount: async (account) => {
      login = await brokerLogins.user('schwab', account.slice('schwab-'.length) as UserId);
      const connected = await brokerLogins.logIn(login);
      await database.prisma.brokerAccount.update({ where: { id: connected.account }, data: { id: account } });
    },
    goTo: async () => {},
    marketTimeAt: simulator.clock.now,
    ledger: () => simulator.ledger(),
    close: () => brokerLogins.close(),
  };
}

const stopsAtTheBroker = async () =>
  (await brokerLogins.simulator.ledger()).orders.filter((order: Body) => order.type === 'stop');

test('A1 it waits with its stop resting, alerts a person, and goes on after the login', async () => {
  const trade = await trading.start({ quantity: '10', stopLoss: { percent: '5' } });
  await trading.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker');

  await brokerLogins.simulator.fault('token_family_revoked', 'token');
  brokerLogins.simulator.clock.advance(HALF_AN_HOUR_S);
  await eventually(async () => (await brokerLogins.alerts('reauth_required')).length > 0, 'the alert', 60_000);
  const [alert] = await brokerLogins.alerts('reauth_required');
  expect(alert?.message).toMatch(new RegExp(`AAPL ${trade.id}: stop at 142.5\\d* is working`));
  // Looks that find nobody logged in change nothing.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect(await stopsAtTheBroker()).toMatchObject([{ status: 'working' }]);
  expect(await trading.until(trade, ({ status }) => status === 'open')).toMatchObject({
    stopKind: 'broker',
    closedAt: null,
  });
  expect(await brokerLogins.refreshes()).toHaveLength(1);

  // The broker sells while nobody is looking.
  await brokerLogins.simulator.market('AAPL', '141.99', '142.01', { last: '142' });
  await brokerLogins.logIn(login);
  const closed = await trading.until(trade, ({ status }) => status === 'closed', 30_000);
  expect(closed).toMatchObject({ exitReason: 'stop', filledQuantity: '10' });
  expect(await stopsAtTheBroker()).toMatchObject([{ status: 'filled', filledQuantity: '10' }]);
});
