/** The examples of the wire contracts: what they send is taken, and what they show has the members that we answer. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { replaceBody as alpacaChange, placeBody as alpacaOrder } from '../../src/simulator/alpaca/order-body.js';
import { placeBody as coinbaseOrder } from '../../src/simulator/coinbase/order-body.js';
import { TestSimulator } from './simulator-fixture.js';

let simulator: TestSimulator;
beforeEach(async () => {
  simulator = await TestSimulator.start();
});
afterEach(() => simulator.close());

it.each([
  {
    symbol: 'AAPL',
    qty: '40',
    side: 'buy',
    type: 'limit',
    limit_price: '212.35',
    time_in_force: 'day',
    client_order_id: 'arb-01J8ZK3M7Q-entry-1',
    extended_hours: false,
  },
  {
    symbol: 'AAPL',
    qty: '40',
    side: 'sell',
    type: 'stop',
    stop_price: '198.40',
    time_in_force: 'gtc',
    client_order_id: 'arb-01J8ZK3M7Q-stop-1',
  },
  {
    symbol: 'AAPL260618C00210000',
    qty: '2',
    side: 'buy',
    type: 'limit',
    limit_price: '6.45',
    time_in_force: 'day',
    position_intent: 'buy_to_open',
    client_order_id: 'arb-01J8ZK3M7R-entry-1',
  },
  {
    symbol: 'BTC/USD',
    qty: '0.009975',
    side: 'sell',
    type: 'stop_limit',
    stop_price: '65000',
    limit_price: '63700',
    time_in_force: 'gtc',
    client_order_id: 'arb-01J8ZK3M7S-stop-1',
  },
])('Alpaca: $symbol $type', (body) => {
  expect(alpacaOrder.parse(body)).toMatchObject({
    symbol: body.symbol,
    qty: body.qty,
    client_order_id: body.client_order_id,
  });
});

it('Alpaca: moving a stop', () => {
  const body = { stop_price: '201.10', client_order_id: 'arb-01J8ZK3M7Q-stop-2' };
  expect(alpacaChange.parse(body)).toEqual({ ...body, stop_price: '201.1' });
});

it.each([
  { limit_limit_gtc: { base_size: '0.01000000', limit_price: '67900.00', post_only: false } },
  {
    stop_limit_stop_limit_gtc: {
      base_size: '0.01000000',
      stop_price: '65000.00',
      limit_price: '63700.00',
      stop_direction: 'STOP_DIRECTION_STOP_DOWN',
    },
  },
])('Coinbase: %j keeps its texts as they are', (configuration) => {
  const body = {
    client_order_id: '5d1c1a0e-6e0b-5a57-9a51-3c7b2f0f4a11',
    product_id: 'BTC-USD',
    side: 'SELL',
    order_configuration: configuration,
  };
  expect(coinbaseOrder.parse(body)).toEqual(body);
});

// section 5.2 of the Alpaca contract
const ALPACA_ORDER = [
  ...[
    'id',
    'client_order_id',
    'created_at',
    'updated_at',
    'submitted_at',
    'filled_at',
    'expired_at',
    'expires_at',
    'canceled_at',
  ],
  ...[
    'failed_at',
    'replaced_at',
    'replaced_by',
    'replaces',
    'asset_id',
    'symbol',
    'asset_class',
    'notional',
    'qty',
    'filled_qty',
  ],
  ...[
    'filled_avg_price',
    'order_class',
    'order_type',
    'type',
    'side',
    'position_intent',
    'time_in_force',
    'limit_price',
    'stop_price',
  ],
  ...['status', 'extended_hours', 'legs', 'trail_percent', 'trail_price', 'hwm', 'subtag', 'source'],
];

it('Alpaca: an order has the members of the example, neither more nor fewer', async () => {
  const { credentials } = await simulator.open('alpaca');
  await simulator.market('AAPL', '212.3', '212.4');
  const headers = { 'APCA-API-KEY-ID': credentials.keyId, 'APCA-API-SECRET-KEY': credentials.secretKey };
  const json = { symbol: 'AAPL', qty: '40', side: 'buy', type: 'limit', limit_price: '212.35', time_in_force: 'day' };
  const { body } = await simulator.call('POST', '/alpaca/v2/orders', { headers, json });
  expect(new Set(Object.keys(body))).toEqual(new Set(ALPACA_ORDER));
});
