import { expect, it } from 'vitest';
import { termsOf } from '../../../src/brokers/etrade/order-terms.js';
import { stopRequest } from '../../support/orders.js';

it.each([
  ['SPY261218C00600000', '3.78', '3.59'],
  ['AAPL261218C00200000', '3.75', '3.55'],
  ['CRDO261218C00150000', '3.70', '3.50'],
])('the stop of %s goes out on the grid of its class', (symbol, stopPrice, limitPrice) => {
  const terms = termsOf(stopRequest('3.78', { symbol, assetClass: 'option', type: 'stop_limit', limitPrice: '3.59' }));
  expect(terms).toMatchObject({ orderType: 'OPTN', stopPrice, limitPrice });
});
