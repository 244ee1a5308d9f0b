import { expect, it } from 'vitest';
import { atSchwab, limitBuy, orderRequest } from '../brokers/schwab/schwab-fixture.js';
import type { Body, TestSimulator } from './simulator-fixture.js';
import { type StreamClient, streamClient } from './stream-client.js';

interface Listener extends StreamClient {
  ask(service: string, command: string, parameters?: object): void;
  /** the contents of all data of a service */
  received(service: string): Body[];
}

async function connected(simulator: TestSimulator, token: string): Promise<Listener> {
  const headers = { authorization: `Bearer ${token}` };
  const { body } = await simulator.call('GET', '/schwab/trader/v1/userPreference', { headers });
  const [info] = body.streamerInfo;
  expect(info).toMatchObject({ schwabClientChannel: 'N9', schwabClientFunctionId: 'APIAPP' });
  const client = await streamClient(info.streamerSocketUrl);
  let requests = 0;
  return {
    ...client,
    ask: (service, command, parameters = {}) => {
      const names = {
        SchwabClientCustomerId: info.schwabClientCustomerId,
        SchwabClientCorrelId: info.schwabClientCorrelId,
      };
      client.send({ requests: [{ requestid: String(requests++), service, command, ...names, parameters }] });
    },
    received: (service) =>
      client.seen.flatMap(({ data = [] }) =>
        data.filter((one: Body) => one.service === service).flatMap((one: Body) => one.content),
      ),
  };
}

const logIn = (client: Listener, token: string) =>
  client.ask('ADMIN', 'LOGIN', { Authorization: token, SchwabClientChannel: 'N9' });
const lastCode = (client: Listener) => client.seen.findLast(({ response }) => response)?.response[0].content.code;

async function loggedIn() {
  const at = await atSchwab();
  const { credential } = await at.login.open();
  const token = credential.kind === 'bearer' ? credential.accessToken : '';
  const client = await connected(at.simulator, token);
  logIn(client, token);
  await expect.poll(() => lastCode(client)).toBe(0);
  return { ...at, token, client };
}

it('reports what happens to orders, as the text of another JSON', async () => {
  const { client, accepted } = await loggedIn();
  client.ask('ACCT_ACTIVITY', 'SUBS', { keys: 'Account Activity', fields: '0,1,2,3' });
  const unrelated = ['OrderCreated', 'OrderMonitorCreated', 'ExecutionRequested', 'SomethingNew'];
  const kinds = () => client.received('ACCT_ACTIVITY').map((event) => event['2']);
  await expect.poll(kinds).toEqual(['SUBSCRIBED', ...unrelated]);
  const { orderId } = await accepted(orderRequest());
  await expect.poll(() => kinds().length).toBe(7);
  const events = client.received('ACCT_ACTIVITY').slice(5);
  expect(events.map((event) => event['2'])).toEqual(['OrderAccepted', 'OrderFillCompleted']);
  for (const event of events) expect(JSON.parse(event['3'])).toMatchObject({ SchwabOrderID: orderId });
});

it('sends the quotes of shares, and of later ones only what changed', async () => {
  const { client, simulator } = await loggedIn();
  client.ask('LEVELONE_EQUITIES', 'SUBS', { keys: 'AAPL', fields: '0,1,2,3,34' });
  const first = { key: 'AAPL', '1': 149.9, '2': 150, '3': 149.95, '34': expect.any(Number) };
  await expect.poll(() => client.received('LEVELONE_EQUITIES')).toMatchObject([first]);
  simulator.clock.advance(1);
  await simulator.market('AAPL', '139.9', '150');
  await expect.poll(() => client.received('LEVELONE_EQUITIES').length).toBe(2);
  expect(client.received('LEVELONE_EQUITIES')[1]).toEqual({
    ...{ key: 'AAPL', delayed: false, '1': 139.9 },
    '34': simulator.clock.now(),
  });
  client.ask('LEVELONE_EQUITIES', 'UNSUBS', { keys: 'AAPL' });
  client.ask('CHART_EQUITY', 'SUBS', { keys: 'AAPL' });
  await expect.poll(() => lastCode(client)).toBe(11);
});

it('denies a token that is none, and a second connection of the same person', async () => {
  const { client, simulator, token } = await loggedIn();
  const intruder = await connected(simulator, token);
  logIn(intruder, 'I0.none@');
  await expect.poll(() => lastCode(intruder)).toBe(3);
  await expect.poll(intruder.isClosed).toBe(true);
  const second = await connected(simulator, token);
  logIn(second, token);
  await expect.poll(() => lastCode(second)).toBe(12);
  expect(client.isClosed()).toBe(false);
});

it('breaks off by plan', async () => {
  const { client, simulator, accepted } = await loggedIn();
  client.ask('ACCT_ACTIVITY', 'SUBS', { keys: 'Account Activity', fields: '0,1,2,3' });
  await expect.poll(() => client.received('ACCT_ACTIVITY').length).toBe(5);
  await simulator.fault('disconnect', 'stream');
  await accepted(limitBuy());
  await expect.poll(client.isClosed).toBe(true);
});

it('sends heartbeats', async () => {
  const { client } = await loggedIn();
  const isBeat = ({ notify }: Body) => notify?.[0].heartbeat !== undefined;
  await expect.poll(() => client.seen.some(isBeat), { timeout: 10_000 }).toBe(true);
});
