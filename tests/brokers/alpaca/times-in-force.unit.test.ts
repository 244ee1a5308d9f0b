/** Orders that Alpaca has none of are refused before they are sent (W11). */
import { expect, it } from 'vitest';
import { notOffered, placeBody } from '../../../src/brokers/alpaca/order-body.js';
import { decimal, decimalString } from '../../../src/domain/decimal.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import { OPTION, order } from './alpaca-fixture.js';

const option = { symbol: OPTION, assetClass: 'option', quantity: decimalString('2') } as const;
const coin = { symbol: 'BTC-USD', assetClass: 'crypto', quantity: decimalString('0.01') } as const;
const stop = { type: 'stop', side: 'sell', stopPrice: decimalString('5') } as const;
const limit = { type: 'limit', limitPrice: decimalString('5') } as const;

// "order_time_in_force provided not supported for options trading": IgorGanapolsky/trading pull requests 1915 and 3056.
it.each<[string | undefined, Partial<OrderRequest>]>([
  ['no gtc orders for option', { ...option, ...stop, timeInForce: 'gtc' }],
  ['no gtc orders for option', { ...option, ...limit, timeInForce: 'gtc' }],
  [undefined, { ...option, ...stop, timeInForce: 'day' }],
  [undefined, { ...option, timeInForce: 'gtc' }],
  ['no day orders for crypto', { ...coin, ...limit, timeInForce: 'day' }],
  [undefined, { ...coin, ...limit, timeInForce: 'gtc' }],
  [undefined, { ...stop, timeInForce: 'gtc' }],
])('%s: %j', (lacking, changes) => {
  expect(notOffered(order(changes))).toBe(lacking);
});

it('a market order is sent as what there is, since it is filled at once', () => {
  const increments = { price: () => decimal('0.01'), quantity: decimal('0.00000001') };
  const sent = (changes: Partial<OrderRequest>) => placeBody(order(changes), increments).time_in_force;
  expect(sent({ ...option, timeInForce: 'gtc' })).toBe('day');
  expect(sent({ ...coin, timeInForce: 'day' })).toBe('gtc');
  expect(sent({ timeInForce: 'gtc' })).toBe('gtc');
});
