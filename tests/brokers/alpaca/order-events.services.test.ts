import { afterEach, beforeEach, expect, it } from 'vitest';
import { type BrokerAccess, NotConnected } from '../../../src/broker-port/access.js';
import type { StreamedOrder } from '../../../src/broker-port/broker.js';
import { followOrderEvents } from '../../../src/brokers/alpaca/order-events.js';
import { decimalString } from '../../../src/domain/decimal.js';
import { CLIENT, LOGIN, REDIRECT } from '../../simulator/simulator-fixture.js';
import { ACCOUNT, lowLimit, order, TestAccess, TestAlpaca } from './alpaca-fixture.js';

let alpaca: TestAlpaca;
let heard: string[];
let listening: number;
let lost: string[];
let unknown: string[];
let stop: AbortController;
let following: Promise<void>;
beforeEach(async () => {
  alpaca = await TestAlpaca.start();
  [heard, listening, lost, unknown, stop] = [[], 0, [], [], new AbortController()];
});
afterEach(async () => {
  stop.abort();
  await following;
  await alpaca.close();
});

function listen(access: BrokerAccess = alpaca.access, baseUrl = `${alpaca.simulator.url}/alpaca`): void {
  const listener = {
    ...{ symbols: () => [], onQuote: () => {} },
    onOrder: (order: StreamedOrder) => heard.push('clientOrderId' in order ? order.clientOrderId : order.orderId),
    onListening: () => {
      listening += 1;
    },
    onLost: (detail: string) => lost.push(detail),
    onUnknown: (detail: string) => unknown.push(detail),
  };
  following = followOrderEvents({ account: ACCOUNT, baseUrl, access, listener }, stop.signal);
}

const ours = () => heard.filter((id) => id.startsWith('arb-'));
const listens = (times: number) => expect.poll(() => listening, { timeout: 10_000 }).toBe(times);

it('hints at each order that something happened to', async () => {
  listen();
  await listens(1);
  const [entry, other] = [order({ quantity: decimalString('40') }), lowLimit()];
  await alpaca.placed(entry);
  const { orderId } = await alpaca.placed(other);
  await alpaca.broker.cancel(ACCOUNT, orderId);
  await expect.poll(ours).toEqual([entry, entry, other, other].map(({ clientOrderId }) => clientOrderId));
  // of a person's order for dollars, spread and limit, the last in a kind of event that is on no list
  expect(heard.length).toBe(8);
  expect([lost, unknown]).toEqual([[], []]);
});

it('signs in with a token of Connect too', async () => {
  const redirect = { response_type: 'code', client_id: CLIENT.clientId, redirect_uri: REDIRECT, state: 's' };
  const query = new URLSearchParams({ ...redirect, scope: 'trading' });
  const form = { ...LOGIN, decision: 'allow' };
  const allowed = await alpaca.simulator.call('POST', `/alpaca/oauth/authorize?${query}`, { form });
  const code = new URL(allowed.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const client = { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret };
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...client };
  const { body } = await alpaca.simulator.call('POST', '/alpaca/oauth/token', { form: grant });
  listen(new TestAccess({ kind: 'bearer', accessToken: body.access_token }));
  await listens(1);
});

it('comes back after a connection that broke, and says that something may have been missed', async () => {
  listen();
  await listens(1);
  await alpaca.simulator.fault('disconnect', 'stream');
  await alpaca.placed(lowLimit());
  await listens(2);
  expect(lost).toHaveLength(1);
  const later = lowLimit();
  await alpaca.placed(later);
  await expect.poll(() => heard).toContain(later.clientOrderId);
});

it('asks for a newer credential when its own is refused', async () => {
  const good = alpaca.access.credential;
  listen(new TestAccess({ kind: 'keys', keyId: 'PKOLD', secret: 'old' }, good));
  await listens(1);
  expect(lost).toEqual(['the credential was refused']);
});

it('keeps trying while nobody is signed in', async () => {
  const logins = [0, 0, 1, 1];
  const access: BrokerAccess = {
    open: async () => {
      if (logins.shift() === 0) throw new NotConnected('log in first');
      return alpaca.access.open();
    },
    renew: (account, refused) => alpaca.access.renew(account, refused),
  };
  listen(access);
  await listens(1);
  expect(lost).toEqual(['log in first']);
});

it('keeps trying while nobody answers', async () => {
  let tries = 0;
  const open = () => {
    tries += 1;
    return alpaca.access.open();
  };
  const renew: BrokerAccess['renew'] = (account, refused) => alpaca.access.renew(account, refused);
  listen({ open, renew }, 'http://127.0.0.1:1/alpaca');
  await expect.poll(() => tries, { timeout: 10_000 }).toBe(3);
  expect(lost).toEqual([expect.stringContaining('ECONNREFUSED')]);
});

it('falls silent when it is closed', async () => {
  listen();
  await listens(1);
  stop.abort();
  await following;
  await alpaca.placed();
  expect([ours(), lost, listening]).toEqual([[], [], 1]);
});
