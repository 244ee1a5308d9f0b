import { expect, it } from 'vitest';
import { follow } from '../heard.js';
import { ACCOUNT, atSchwab, limitBuy, orderRequest } from './schwab-fixture.js';

it('hints at each order that something happened to, by Schwab’s id', async () => {
  const { broker, accepted } = await atSchwab();
  const heard = follow(broker, ACCOUNT);
  await expect.poll(() => heard.listening).toBe(1);
  // of orders that a person made, of kinds that are on no list
  await expect.poll(() => heard.orders.length).toBe(4);
  heard.orders.length = 0;
  const bought = await accepted(orderRequest());
  const rests = await accepted(limitBuy());
  await broker.cancel(ACCOUNT, rests.orderId);
  const ids = [bought, bought, rests, rests].map(({ orderId }) => ({ orderId }));
  await expect.poll(() => heard.orders).toEqual(ids);
  expect([heard.lost, heard.unknown]).toEqual([[], []]);
});

it('puts quotes of shares together from what changed', async () => {
  const { broker, simulator } = await atSchwab();
  const heard = follow(broker, ACCOUNT, ['AAPL', 'BTC-USD']);
  const first = { symbol: 'AAPL', bid: '149.9', ask: '150', last: '149.95', at: simulator.clock.now() };
  await expect.poll(() => heard.quotes).toEqual([first]);
  simulator.clock.advance(1);
  await simulator.market('AAPL', '139.9', '150');
  await expect.poll(() => heard.quotes[1]).toEqual({ ...first, bid: '139.9', at: simulator.clock.now() });
  await simulator.fault('quote_missing_field', 'quote');
  await simulator.market('AAPL', '129.9', '150');
  await expect.poll(() => heard.quotes.length).toBe(3);
  expect(heard.quotes[2]).not.toHaveProperty('bid');
  await simulator.market('MSFT', '400', '401');
  heard.wanted = ['MSFT', 'AAPL'];
  await expect.poll(() => heard.quotes.at(-1)?.symbol, { timeout: 5_000 }).toBe('MSFT');
});

it('renews a token that is refused at the login', async () => {
  const { broker, simulator, login } = await atSchwab();
  simulator.clock.advance(1_801);
  const heard = follow(broker, ACCOUNT);
  await expect.poll(() => heard.listening, { timeout: 5_000 }).toBe(1);
  expect(login.renewals).toBe(1);
});

it('comes back after a connection that broke in the middle of a trade, and says that something may have been missed', async () => {
  const { broker, simulator, accepted } = await atSchwab();
  const heard = follow(broker, ACCOUNT);
  await expect.poll(() => heard.listening).toBe(1);
  await simulator.fault('disconnect', 'stream');
  await accepted(orderRequest());
  await expect.poll(() => heard.listening, { timeout: 10_000 }).toBe(2);
  expect(heard.lost).toHaveLength(1);
  const later = await accepted(limitBuy());
  await expect.poll(() => heard.orders).toContainEqual({ orderId: later.orderId });
});

it('goes on after a message that it does not understand, and reports it once', async () => {
  const { broker, simulator, accepted } = await atSchwab();
  const heard = follow(broker, ACCOUNT);
  await expect.poll(() => heard.listening).toBe(1);
  await simulator.fault('malformed', 'stream', { count: 2 });
  await accepted(orderRequest());
  const later = await accepted(limitBuy());
  await expect.poll(() => heard.orders).toContainEqual({ orderId: later.orderId });
  expect([heard.unknown, heard.lost]).toEqual([['a message is not understood: no JSON'], []]);
});

it('has one connection for all accounts of a login', async () => {
  const { broker, accepted } = await atSchwab();
  const first = follow(broker, ACCOUNT);
  await expect.poll(() => first.listening).toBe(1);
  const second = follow(broker, 'account-2');
  await expect.poll(() => second.lost).toEqual(['another account of the login holds its one stream']);
  const order = await accepted(limitBuy());
  await expect.poll(() => first.orders).toContainEqual({ orderId: order.orderId });
  await first.stop();
  await expect.poll(() => second.listening, { timeout: 10_000 }).toBe(1);
});

it('keeps trying while Schwab says nothing of a stream', async () => {
  const { broker, simulator } = await atSchwab();
  await simulator.fault('http_500', 'other', { count: 2 });
  const heard = follow(broker, ACCOUNT);
  await expect.poll(() => heard.listening, { timeout: 10_000 }).toBe(1);
  expect(heard.lost.filter((detail) => !detail.startsWith('HTTP 500'))).toEqual([]);
  expect(heard.lost).not.toEqual([]);
});
