import { afterEach, beforeEach, expect, it } from 'vitest';
import { follow } from '../heard.js';
import { ACCOUNT, lowLimit, TestAccess, TestAlpaca } from './alpaca-fixture.js';

let alpaca: TestAlpaca;
beforeEach(async () => {
  alpaca = await TestAlpaca.start();
});
afterEach(() => alpaca.close());

it('reports shares and coins under our names, as they change', async () => {
  const heard = follow(alpaca.broker, ACCOUNT, ['AAPL', 'BTC-USD']);
  const at = alpaca.simulator.clock.now();
  const sizes = { bidSize: '100', askSize: '100' };
  await expect.poll(() => heard.quotes, { timeout: 5_000 }).toHaveLength(2);
  expect(heard.quotes).toEqual(
    expect.arrayContaining([
      { symbol: 'AAPL', bid: '149.9', ask: '150', ...sizes, at },
      { symbol: 'BTC-USD', bid: '68000', ask: '68010', ...sizes, at },
    ]),
  );
  await alpaca.simulator.market('AAPL', '139.9', '140');
  await expect.poll(() => heard.quotes.at(-1)).toMatchObject({ symbol: 'AAPL', bid: '139.9', ask: '140' });
  expect([heard.lost, heard.unknown]).toEqual([[], []]);
});

it('asks for what is wanted later, and no more for what is not', async () => {
  const heard = follow(alpaca.broker, ACCOUNT, ['AAPL']);
  await alpaca.simulator.market('MSFT', '400', '401');
  await expect.poll(() => heard.quotes.length, { timeout: 5_000 }).toBe(1);
  heard.wanted = ['MSFT'];
  await expect.poll(() => heard.quotes.at(-1)?.symbol, { timeout: 5_000 }).toBe('MSFT');
  await alpaca.simulator.market('AAPL', '139.9', '140');
  await alpaca.simulator.market('MSFT', '390', '391');
  await expect.poll(() => heard.quotes.at(-1)).toMatchObject({ symbol: 'MSFT', bid: '390' });
  expect(heard.quotes.filter(({ symbol }) => symbol === 'AAPL')).toHaveLength(1);
});

it('leaves out a side that nobody quotes, comes back after a break, and says what it does not understand', async () => {
  await alpaca.simulator.fault('quote_missing_field', 'quote');
  const heard = follow(alpaca.broker, ACCOUNT, ['AAPL']);
  await expect.poll(() => heard.quotes[0], { timeout: 5_000 }).toMatchObject({ symbol: 'AAPL', ask: '150' });
  expect(heard.quotes[0]).not.toHaveProperty('bid');
  await alpaca.simulator.fault('malformed', 'quote');
  await alpaca.simulator.market('AAPL', '139.9', '140');
  await expect.poll(() => heard.unknown).toEqual(['a message is not understood: no JSON']);
  await alpaca.simulator.fault('disconnect', 'quote');
  await alpaca.simulator.market('AAPL', '129.9', '130');
  await expect.poll(() => heard.quotes.at(-1), { timeout: 10_000 }).toMatchObject({ bid: '129.9' });
  expect(heard.lost).toHaveLength(1);
});

it('has nothing for a token: Alpaca streams quotes to keys only', async () => {
  const heard = follow(alpaca.another(new TestAccess({ kind: 'bearer', accessToken: 'any' })), ACCOUNT, ['AAPL']);
  await expect.poll(() => heard.lost).toContain('Alpaca streams quotes to keys only');
  expect(heard.quotes).toEqual([]);
});

it('of a second connection of the account hears that there may be one only, and of its orders all the same', async () => {
  const first = follow(alpaca.broker, ACCOUNT, ['AAPL']);
  await expect.poll(() => first.quotes.length, { timeout: 5_000 }).toBe(1);
  const second = follow(alpaca.another(), ACCOUNT, ['AAPL']);
  await expect.poll(() => second.lost).toContain("Alpaca's quotes: 406 connection limit exceeded");
  await expect.poll(() => second.listening).toBe(1);
  const order = lowLimit();
  await alpaca.placed(order);
  await expect.poll(() => second.orders).toContainEqual({ clientOrderId: order.clientOrderId });
});
