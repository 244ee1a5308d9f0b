import { createPrivateKey, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Body, TestSimulator } from './simulator-fixture.js';
import { type StreamClient, streamClient } from './stream-client.js';

const API = '/coinbase/api/v3/brokerage';

let simulator: TestSimulator;
let owner: Body;
beforeEach(async () => {
  simulator = await TestSimulator.start();
  owner = await simulator.open('coinbase');
  await simulator.market('BTC-USD', '68000', '68010', { last: '68005' });
});
afterEach(() => simulator.close());

function jwt(claims: Record<string, unknown> = {}): Promise<string> {
  const { keyName, privateKey } = owner.credentials;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: keyName, nonce: randomBytes(8).toString('hex') })
    .setSubject(keyName)
    .setIssuer('cdp')
    .setNotBefore('0s')
    .setExpirationTime('2m')
    .sign(createPrivateKey(privateKey));
}

async function place(more: object = {}): Promise<Body> {
  const uri = `POST ${new URL(simulator.url).host}${API}/orders`;
  const json = {
    ...{ client_order_id: `id-${randomBytes(4).toString('hex')}`, product_id: 'BTC-USD', side: 'BUY' },
    order_configuration: { market_market_ioc: { base_size: '0.01' } },
    ...more,
  };
  const headers = { authorization: `Bearer ${await jwt({ uri })}` };
  const { body } = await simulator.call('POST', `${API}/orders`, { headers, json });
  expect(body).toMatchObject({ success: true });
  return body.success_response;
}

async function listening(): Promise<StreamClient> {
  const client = await streamClient(`${simulator.url}/coinbase/advanced-trade-ws-user`);
  client.send({ type: 'subscribe', channel: 'user', jwt: await jwt() });
  await expect.poll(() => client.seen.length).toBe(3);
  return client;
}

it('shows the user open orders, and then of what happens to orders', async () => {
  const order_configuration = { limit_limit_gtc: { base_size: '0.02', limit_price: '60000', post_only: false } };
  const resting = await place({ order_configuration });
  const client = await listening();
  expect(client.seen).toMatchObject([
    {
      ...{ channel: 'user', client_id: '', sequence_num: 0 },
      events: [{ type: 'snapshot', orders: [{ order_id: resting.order_id, status: 'OPEN', leaves_quantity: '0.02' }] }],
    },
    { channel: 'subscriptions', sequence_num: 1, events: [{ subscriptions: { user: [owner.account] } }] },
    { channel: 'user', sequence_num: 2, events: [{ type: 'update', positions: expect.anything() }] },
  ]);
  const bought = await place();
  await expect.poll(() => client.seen.at(-1)?.events[0].orders[0].status).toBe('FILLED');
  expect(client.seen.at(-1)).toMatchObject({
    channel: 'user',
    events: [
      {
        type: 'update',
        orders: [
          {
            ...{ order_id: bought.order_id, client_order_id: bought.client_order_id, product_id: 'BTC-USD' },
            ...{ cumulative_quantity: '0.01', leaves_quantity: '0', avg_price: '68010', order_side: 'BUY' },
          },
        ],
      },
    ],
  });
  expect(client.seen.map(({ sequence_num }) => sequence_num)).toEqual(client.seen.map((_, index) => index));
});

it.each([
  ['no token', () => Promise.resolve(undefined)],
  ['a token for a call', () => jwt({ uri: `GET ${new URL(simulator.url).host}${API}/accounts` })],
  ['no token of ours', () => Promise.resolve('a.b.c')],
])('sends nothing to who has %s', async (_, token) => {
  const client = await streamClient(`${simulator.url}/coinbase/advanced-trade-ws-user`);
  client.send({ type: 'subscribe', channel: 'user', jwt: await token() });
  await expect.poll(() => client.seen).toEqual([{ type: 'error', message: 'authentication failure' }]);
  await place();
  expect(client.seen).toHaveLength(1);
});

it('sends prices to everybody', async () => {
  const client = await streamClient(`${simulator.url}/coinbase/advanced-trade-ws`);
  client.send({ type: 'subscribe', channel: 'ticker', product_ids: ['BTC-USD'] });
  client.send({ type: 'subscribe', channel: 'user' });
  await simulator.market('BTC-USD', '67000', '67010', { last: '67005' });
  const last = () => client.seen.findLast(({ channel }) => channel === 'ticker')?.events[0].tickers[0];
  const quoted = { product_id: 'BTC-USD', best_bid: '67000', best_ask: '67010', price: '67005' };
  await expect.poll(last).toMatchObject(quoted);
  expect(client.seen).toContainEqual({ type: 'error', message: expect.stringContaining('unknown') });
});

it('sends heartbeats to who asks for them, and ends a connection that asks for nothing', async () => {
  const client = await streamClient(`${simulator.url}/coinbase/advanced-trade-ws`);
  client.send({ type: 'subscribe', channel: 'heartbeats' });
  const silent = await streamClient(`${simulator.url}/coinbase/advanced-trade-ws`);
  const beats = () => client.seen.filter(({ channel }) => channel === 'heartbeats').map(({ events }) => events[0]);
  await expect.poll(beats, { timeout: 5_000 }).toMatchObject([{ heartbeat_counter: 1 }, { heartbeat_counter: 2 }]);
  await expect.poll(silent.isClosed, { timeout: 10_000 }).toBe(true);
});

it('loses, repeats, garbles and breaks off by plan; what is lost leaves a gap in the numbers', async () => {
  const client = await listening();
  for (const kind of ['timeout_before', 'duplicate_delivery']) await simulator.fault(kind, 'stream');
  await place();
  const numbers = () => client.seen.slice(3).map((sent) => sent.sequence_num);
  await expect.poll(numbers).toEqual([4, 4]);
  await simulator.fault('malformed', 'stream', { count: 2 });
  await place();
  await expect.poll(() => client.seen.at(-1)).toContain('no JSON');
  await simulator.fault('disconnect', 'stream');
  await place();
  await expect.poll(client.isClosed).toBe(true);
});

it('falls silent by plan, heartbeats and all', async () => {
  const client = await listening();
  client.send({ type: 'subscribe', channel: 'heartbeats' });
  await simulator.fault('timeout_before', 'stream', { count: 1, seconds: 600 });
  await place();
  await expect.poll(() => simulator.hits()).toBe(1);
  await client.drained();
  const count = client.seen.length;
  await place();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(client.seen).toHaveLength(count);
});

it('shows what the coins of a portfolio cost', async () => {
  await place();
  const path = `${API}/portfolios/${owner.account}`;
  const authorization = `Bearer ${await jwt({ uri: `GET ${new URL(simulator.url).host}${path}` })}`;
  const { body } = await simulator.call('GET', path, { headers: { authorization } });
  expect(body.breakdown.spot_positions).toMatchObject([
    { asset: 'BTC', average_entry_price: { value: '68010', currency: 'USD' } },
  ]);
});
