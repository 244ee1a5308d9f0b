import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestSimulator } from './simulator-fixture.js';
import { type StreamClient, streamClient } from './stream-client.js';

let simulator: TestSimulator;
let keys: { key: string; secret: string };
beforeEach(async () => {
  simulator = await TestSimulator.start();
  const { credentials } = await simulator.open('alpaca');
  keys = { key: credentials.keyId, secret: credentials.secretKey };
  await simulator.market('AAPL', '149.9', '150', { last: '150' });
  await simulator.market('BTC-USD', '68000', '68010');
});
afterEach(() => simulator.close());

async function signedIn(path = '/alpaca/v2/iex'): Promise<StreamClient> {
  const client = await streamClient(simulator.url + path);
  client.send({ action: 'auth', ...keys });
  await expect.poll(() => client.seen).toHaveLength(2);
  expect(client.seen).toEqual([[{ T: 'success', msg: 'connected' }], [{ T: 'success', msg: 'authenticated' }]]);
  client.seen.length = 0;
  return client;
}

it('sends the quotes of the symbols that are asked for, as they change', async () => {
  const client = await signedIn();
  client.send({ action: 'subscribe', quotes: ['AAPL'], trades: ['AAPL'], bars: ['*'] });
  await expect.poll(() => client.seen.length).toBe(2);
  await simulator.market('AAPL', '139.9', '140');
  await expect.poll(() => client.seen.length).toBe(3);
  expect(client.seen).toMatchObject([
    [{ T: 'subscription', quotes: ['AAPL'], trades: ['AAPL'], bars: [] }],
    [
      { T: 'q', S: 'AAPL', bp: 149.9, ap: 150 },
      { T: 't', S: 'AAPL', p: 150 },
    ],
    [{ T: 'q', S: 'AAPL', bp: 139.9, ap: 140 }, { T: 't' }],
  ]);
  client.send({ action: 'unsubscribe', quotes: ['AAPL'], trades: ['AAPL'] });
  await expect.poll(() => client.seen.length).toBe(4);
  await simulator.market('AAPL', '129.9', '130');
  expect(client.seen.at(-1)).toEqual([{ T: 'subscription', quotes: [], trades: [], bars: [] }]);
});

it('sends coins under their own path and names', async () => {
  const client = await signedIn('/alpaca/v1beta3/crypto/us');
  client.send({ action: 'subscribe', quotes: ['BTC/USD', 'AAPL'] });
  await expect.poll(() => client.seen.at(-1)).toMatchObject([{ T: 'q', S: 'BTC/USD', bp: 68000 }]);
});

it('refuses in words and codes: a wrong key, no key, a second connection, too many symbols', async () => {
  const intruder = await streamClient(`${simulator.url}/alpaca/v2/iex`);
  intruder.send({ action: 'auth', key: keys.key, secret: 'wrong' });
  intruder.send({ action: 'subscribe', quotes: ['AAPL'] });
  await expect.poll(() => intruder.seen.slice(1)).toMatchObject([[{ T: 'error', code: 402 }], [{ code: 401 }]]);

  const first = await signedIn();
  const second = await streamClient(`${simulator.url}/alpaca/v2/iex`);
  second.send({ action: 'auth', ...keys });
  await expect.poll(() => second.seen.at(-1)).toMatchObject([{ T: 'error', code: 406 }]);
  first.send({
    action: 'subscribe',
    quotes: Array.from(
      { length: 31 },
      (_, index) => `A${String.fromCharCode(65 + (index % 26), 65 + Math.floor(index / 26))}`,
    ),
  });
  await expect.poll(() => first.seen.at(-1)).toMatchObject([{ T: 'error', code: 405 }]);
});

it('leaves out a bid, sends old quotes and breaks off by plan', async () => {
  await simulator.fault('quote_missing_field', 'quote');
  const client = await signedIn();
  client.send({ action: 'subscribe', quotes: ['AAPL'] });
  await expect.poll(() => client.seen.at(-1)).toMatchObject([{ T: 'q', bp: 0, ap: 150 }]);
  await simulator.fault('quote_stale', 'quote');
  await simulator.market('AAPL', '139.9', '140');
  const old = new Date(simulator.clock.now() - 60_000).toISOString();
  await expect.poll(() => client.seen.at(-1)).toMatchObject([{ T: 'q', bp: 139.9, t: old }]);
  await simulator.fault('disconnect', 'quote');
  await simulator.market('AAPL', '129.9', '130');
  await expect.poll(client.isClosed).toBe(true);
});
