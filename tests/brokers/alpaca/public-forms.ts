/** Answers of Alpaca's as others have recorded or documented them: their forms, with values of our own. */

const ORDER = {
  ...{ id: 'b3e7a6f0-0000-4000-8000-000000000001', client_order_id: '0c3c2d1e-0000-4000-8000-000000000001' },
  ...{ created_at: '2026-03-03T14:31:07.120282Z', updated_at: '2026-03-03T14:31:07.120282Z' },
  ...{ submitted_at: '2026-03-03T14:31:07.118734Z', filled_at: null, expired_at: null, canceled_at: null },
  ...{ failed_at: null, replaced_at: null, replaced_by: null, replaces: null },
  ...{ asset_id: '904837e3-0000-4000-8000-000000000002', symbol: 'AAPL', asset_class: 'us_equity' },
  ...{ notional: null, qty: '40', filled_qty: '0', filled_avg_price: null, order_class: '' },
  ...{ order_type: 'limit', type: 'limit', side: 'buy', position_intent: 'buy_to_open', time_in_force: 'day' },
  ...{ limit_price: '212.35', stop_price: null, status: 'new', extended_hours: false, legs: null },
  ...{ trail_percent: null, trail_price: null, hwm: null, subtag: null, source: null },
};

export const orderRow = (members: object): object => ({ ...ORDER, ...members });

/** An order of Arbion's. */
export const ours = orderRow({
  id: 'b3e7a6f0-0000-4000-8000-0000000000ff',
  client_order_id: 'arb-01J8ZK3M7Q-entry-1',
  submitted_at: '2026-03-03T14:35:00.000001Z',
});

/** For an amount of dollars: alpacahq/alpaca-py, tests/broker/broker_client/test_trading_routes.py. */
export const notionalOrder = orderRow({
  ...{ id: 'b3e7a6f0-0000-4000-8000-000000000002', client_order_id: '0c3c2d1e-0000-4000-8000-000000000002' },
  ...{ notional: '50', qty: null, order_type: 'market', type: 'market', limit_price: null, status: 'accepted' },
});

const leg = (number: number, symbol: string, side: 'buy' | 'sell') =>
  orderRow({
    ...{ id: `b3e7a6f0-0000-4000-8000-00000000001${number}`, client_order_id: `0c3c2d1e-leg-${number}` },
    ...{ symbol, asset_class: 'us_option', qty: '1', order_class: 'mleg', order_type: '', type: '', side },
    ...{ position_intent: `${side}_to_open`, limit_price: null, ratio_qty: '1' },
  });

/** Of several legs: the example `MultilegOptions` of `getAllOrders` in Alpaca's OpenAPI. */
export const spread = orderRow({
  ...{ id: 'b3e7a6f0-0000-4000-8000-000000000003', client_order_id: '0c3c2d1e-0000-4000-8000-000000000003' },
  ...{ asset_id: '', symbol: '', asset_class: '', qty: '1', order_class: 'mleg', side: '', position_intent: undefined },
  ...{ limit_price: '-1.2', legs: [leg(1, 'AAPL260618C00210000', 'buy'), leg(2, 'AAPL260618C00220000', 'sell')] },
});

/** `AssetClass.CRYPTO_PERP`: alpacahq/alpaca-py, alpaca/trading/enums.py. */
export const perpetualOrder = orderRow({
  ...{ id: 'b3e7a6f0-0000-4000-8000-000000000004', client_order_id: '0c3c2d1e-0000-4000-8000-000000000004' },
  ...{ symbol: 'BTC-PERP', asset_class: 'crypto_perp' },
});

const POSITION = {
  ...{ asset_id: '904837e3-0000-4000-8000-000000000002', symbol: 'AAPL', exchange: 'NASDAQ' },
  ...{ asset_class: 'us_equity', asset_marginable: true, qty: '40', qty_available: '0', side: 'long' },
  ...{ avg_entry_price: '211.105', market_value: '8480.6', cost_basis: '8444.2', unrealized_pl: '36.4' },
  ...{ unrealized_plpc: '0.0043', current_price: '212.015', lastday_price: '211.1', change_today: '0.0043' },
};

export const positionRow = (members: object): object => ({ ...POSITION, ...members });
