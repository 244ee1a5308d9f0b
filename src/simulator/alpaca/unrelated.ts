/**
 * What a person has in every account, beside what Arbion does there. Arbion never makes any of it, and most of it cannot be
 * read as an order or a position of ours.
 */
import type { Account } from '../exchange/accounts.js';
import { uuidOf } from '../uuid.js';
import type { ListQuery } from './order-query.js';
import type { OrderView } from './order-views.js';
import { fromAlpacaSymbol } from './symbols.js';

/** All members of an order that Alpaca shows; what a kind of order has no use for is null or empty. */
const PLAIN = {
  ...{ filled_at: null, expired_at: null, expires_at: null, canceled_at: null, failed_at: null, replaced_at: null },
  ...{ replaced_by: null, replaces: null, notional: null, filled_qty: '0', filled_avg_price: null, order_class: '' },
  ...{ asset_class: 'us_equity', symbol: 'KO', order_type: 'limit', type: 'limit', side: 'buy' },
  ...{ position_intent: 'buy_to_open', limit_price: null, stop_price: null, extended_hours: false, legs: null },
  ...{ trail_percent: null, trail_price: null, hwm: null, subtag: null, source: null },
};

const leg = (symbol: string, side: 'buy' | 'sell') => ({
  ...{ ...PLAIN, symbol, side, asset_class: 'us_option', order_class: 'mleg', order_type: '', type: '' },
  ...{ position_intent: `${side}_to_open`, qty: '1', ratio_qty: '1', time_in_force: 'day', status: 'new' },
});

/** The example `MultilegOptions` of `getAllOrders` in Alpaca's OpenAPI; alpaca-py reads each leg as an order of its own. */
const SPREAD = {
  ...{ ...PLAIN, asset_id: '', symbol: '', asset_class: '', side: '', qty: '1', order_class: 'mleg' },
  ...{ position_intent: undefined, limit_price: '-1.2', time_in_force: 'day', status: 'new' },
  legs: [leg('XOM261218C00120000', 'sell'), leg('XOM261218C00125000', 'buy')],
};

/** alpacahq/alpaca-py, tests/broker/broker_client/test_trading_routes.py. */
const OF_DOLLARS = {
  ...{ ...PLAIN, order_type: 'market', type: 'market', notional: '50', qty: null },
  ...{ time_in_force: 'day', status: 'accepted' },
};

/** "Placing Orders" in Alpaca's documentation: what a person enters in the app has an id that Alpaca makes up. */
const RESTING = { ...PLAIN, qty: '10', limit_price: '20', time_in_force: 'gtc', status: 'new' };

/** `AssetClass.CRYPTO_PERP` in alpacahq/alpaca-py, alpaca/trading/enums.py. */
const PERPETUAL = {
  ...{ symbol: 'BTC-PERP', exchange: '', asset_class: 'crypto_perp', asset_marginable: false, qty: '0.5' },
  ...{ qty_available: '0.5', side: 'long', avg_entry_price: null, market_value: null, cost_basis: '0' },
  ...{ unrealized_pl: null, unrealized_plpc: null, unrealized_intraday_pl: null, unrealized_intraday_plpc: null },
  ...{ current_price: null, lastday_price: null, change_today: null },
};

/** Entered just before the account was opened here: they are older than all else. */
export function unrelatedOrders({ account, openedAt }: Account): OrderView[] {
  const at = new Date(openedAt - 1).toISOString();
  const identified = <Members extends { status: string }>(name: string, members: Members): OrderView => ({
    ...{ id: uuidOf(`${account} ${name}`), client_order_id: uuidOf(`${account} ${name} of a person`) },
    ...{ created_at: at, updated_at: at, submitted_at: at, asset_id: uuidOf(name) },
    ...members,
  });
  const legs = SPREAD.legs.map((leg, index) => identified(`leg ${index}`, leg));
  return [
    identified('dollars', OF_DOLLARS),
    identified('spread', { ...SPREAD, legs }),
    identified('resting', RESTING),
    identified('cancelled', { ...RESTING, limit_price: '21', status: 'canceled', canceled_at: at }),
  ];
}

export function unrelatedPositions(): object[] {
  return [{ asset_id: uuidOf('perpetual'), ...PERPETUAL }];
}

/** Those that a list asks for. */
export function unrelatedFor(orders: readonly OrderView[], wanted: ListQuery): OrderView[] {
  const { status, after, until, symbols, side } = wanted;
  return orders.filter((order) => {
    const at = Date.parse(String(order.submitted_at));
    if (status !== 'all' && (status === 'closed') !== (order.status === 'canceled')) return false;
    if (after !== undefined && !(at > after)) return false;
    if (until !== undefined && !(at < until)) return false;
    if (symbols !== undefined && !symbols.includes(fromAlpacaSymbol(String(order.symbol)) ?? '')) return false;
    return side === undefined || order.side === side;
  });
}

/**
 * What the stream reports of a person's orders: two kinds of events that alpaca-py knows (`TradeEvent`, alpaca/trading/enums.py), one
 * that only Alpaca's documentation lists ("WebSocket Streaming"), and one of no list.
 */
export function unrelatedUpdates(account: Account): object[] {
  const [dollars, spread, resting] = unrelatedOrders(account);
  const timestamp = new Date(account.openedAt).toISOString();
  return [
    { event: 'pending_new', timestamp, order: dollars },
    { event: 'new', timestamp, order: spread },
    { event: 'order_cancel_rejected', timestamp, order: resting },
    { event: 'something_new', timestamp, order: resting },
  ];
}
