import { afterEach, beforeEach, expect, it } from 'vitest';
import { follow } from '../heard.js';
import { ACCOUNT, entry, logIn, openStage, resting, type Stage, taken } from './coinbase-fixture.js';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.simulator.close());

it('hints at each order that something happened to, by our id', async () => {
  const heard = follow(stage.broker, ACCOUNT);
  await expect.poll(() => heard.listening).toBe(1);
  const [bought, rests] = [entry(), resting()];
  taken(await stage.broker.place(ACCOUNT, bought));
  const { orderId } = taken(await stage.broker.place(ACCOUNT, rests));
  await stage.broker.cancel(ACCOUNT, orderId);
  const ids = [bought, bought, rests, rests].map(({ clientOrderId }) => ({ clientOrderId }));
  const ours = () => heard.orders.filter((order) => 'clientOrderId' in order && order.clientOrderId.startsWith('arb-'));
  await expect.poll(ours).toEqual(ids);
  // of brackets, slices, a future and what else a person ordered
  expect(heard.orders.length).toBe(ids.length + 6);
  expect([heard.lost, heard.unknown]).toEqual([[], []]);
});

it('signs with an Ed25519 key too', async () => {
  const heard = follow(stage.brokerWith([stage.ed25519]), ACCOUNT);
  await expect.poll(() => heard.listening).toBe(1);
});

it('asks for a newer credential when its own is refused', async () => {
  const unknownKey = { ...stage.keys, keyId: 'organizations/other/apiKeys/other' };
  const heard = follow(stage.brokerWith([unknownKey, stage.keys]), ACCOUNT);
  await expect.poll(() => heard.listening, { timeout: 5_000 }).toBe(1);
  expect(heard.lost).toEqual(['Coinbase: authentication failure']);
});

it('with a grant hears prices, and of orders that it must ask', async () => {
  const heard = follow(stage.brokerWith([await logIn(stage.simulator)]), ACCOUNT, ['BTC-USD']);
  await expect.poll(() => heard.quotes.length).toBe(1);
  expect(heard.lost).toEqual(['Coinbase sends order events to API keys only']);
  expect(heard.listening).toBe(0);
});

it('comes back after a connection that broke in the middle of a trade, and says that something may have been missed', async () => {
  const heard = follow(stage.broker, ACCOUNT);
  await expect.poll(() => heard.listening).toBe(1);
  await stage.simulator.fault('disconnect', 'stream');
  taken(await stage.broker.place(ACCOUNT, entry()));
  await expect.poll(() => heard.listening, { timeout: 10_000 }).toBe(2);
  expect(heard.lost).toHaveLength(1);
  const later = resting();
  taken(await stage.broker.place(ACCOUNT, later));
  await expect.poll(() => heard.orders).toContainEqual({ clientOrderId: later.clientOrderId });
});

it('says that something may have been missed when the numbers of the messages have a gap', async () => {
  const heard = follow(stage.broker, ACCOUNT);
  await expect.poll(() => heard.listening).toBe(1);
  await stage.simulator.fault('timeout_before', 'stream');
  const order = resting();
  taken(await stage.broker.place(ACCOUNT, order));
  await expect.poll(() => heard.listening, { timeout: 5_000 }).toBe(2);
  expect(heard.lost).toEqual([]);
});

it('goes on after a message that it does not understand, and reports it once', async () => {
  const heard = follow(stage.broker, ACCOUNT);
  await expect.poll(() => heard.listening).toBe(1);
  await stage.simulator.fault('malformed', 'stream', { count: 2 });
  taken(await stage.broker.place(ACCOUNT, entry()));
  const order = resting();
  taken(await stage.broker.place(ACCOUNT, order));
  await expect.poll(() => heard.orders).toContainEqual({ clientOrderId: order.clientOrderId });
  expect([heard.unknown, heard.lost]).toEqual([['a message is not understood: no JSON'], []]);
});

it('reports the best bid and ask of the products that are wanted', async () => {
  await stage.simulator.market('ETH-USD', '3000', '3001');
  const heard = follow(stage.broker, ACCOUNT, ['BTC-USD', 'AAPL']);
  const at = stage.simulator.clock.now();
  const first = { symbol: 'BTC-USD', bid: '68000', ask: '68010', bidSize: '1', askSize: '1', last: '68005', at };
  await expect.poll(() => heard.quotes).toEqual([first]);
  await stage.simulator.fault('quote_missing_field', 'quote');
  await stage.simulator.market('BTC-USD', '67000', '67010');
  await expect.poll(() => heard.quotes).toHaveLength(2);
  expect(heard.quotes[1]).toMatchObject({ symbol: 'BTC-USD', ask: '67010' });
  expect(heard.quotes[1]).not.toHaveProperty('bid');
  heard.wanted = ['ETH-USD'];
  await expect.poll(() => heard.quotes.at(-1)?.symbol, { timeout: 5_000 }).toBe('ETH-USD');
});
