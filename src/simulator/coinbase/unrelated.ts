/**
 * What people have beside the orders of a program: shown in every account, never matched, and counted in no balance. The kinds
 * of orders, fills and wallets are those of the CDP documentation ("Create Order", "List Fills", "List Accounts"); a
 * configuration that is null is in ccxt's coinbase.ts; products without increments and books without a time are in the tests
 * of several clients; a future is as in nautilus_trader (http_products_future.json).
 */
import type { Account } from '../exchange/accounts.js';
import { uuidOf } from '../uuid.js';

/** Anything that a row may hold, as Coinbase would send it. */
type Row = Readonly<Record<string, unknown>>;

const amountOf = (value: string, currency: string) => ({ value, currency });

export function unrelatedWallets({ account, openedAt }: Account): Row[] {
  const opened = new Date(openedAt).toISOString();
  const wallet = (currency: string, type: string, more: Row = {}): Row => ({
    ...{ uuid: uuidOf(`unrelated ${account} ${currency} ${type}`), name: `${currency} Wallet`, currency },
    ...{ available_balance: amountOf('12.5', currency), default: false, active: true, created_at: opened },
    ...{ updated_at: opened, deleted_at: null, type, ready: true, hold: amountOf('0', currency) },
    ...{ retail_portfolio_id: account, platform: 'ACCOUNT_PLATFORM_CONSUMER', ...more },
  });
  return [
    wallet('ADA', 'ACCOUNT_TYPE_STAKED_FUNDS'),
    wallet('ICP', 'ACCOUNT_TYPE_CRYPTO', { hold: null }),
    wallet('LTC', 'ACCOUNT_TYPE_VAULT'),
    wallet('EUR', 'ACCOUNT_TYPE_FIAT'),
    wallet('USDC', 'ACCOUNT_TYPE_CRYPTO', { platform: 'ACCOUNT_PLATFORM_INTX' }),
  ];
}

const BRACKET = { base_size: '1', limit_price: '9.00', stop_trigger_price: '4.00' };
const TWAP = {
  ...{ quote_size: '100', limit_price: '9.00', start_time: '2026-01-02T15:00:00Z', end_time: '2036-01-02T15:00:00Z' },
  ...{ number_buckets: '5', bucket_size: '20', bucket_duration: '300s' },
};

/** The account's orders, newest first. They are as old as the account. */
export function unrelatedOrders({ account, openedAt }: Account) {
  const order = (name: string, status: string, order_configuration: Row | null, more: Row = {}) => ({
    ...{ order_id: uuidOf(`unrelated ${account} ${name}`), product_id: 'LINK-USD', user_id: account },
    ...{ order_configuration, side: 'SELL', client_order_id: uuidOf(`unrelated client ${account} ${name}`), status },
    ...{ time_in_force: 'GOOD_UNTIL_CANCELLED', created_time: new Date(openedAt).toISOString() },
    ...{ completion_percentage: '0', filled_size: '0', average_filled_price: '0', fee: '', number_of_fills: '0' },
    ...{ filled_value: '0', pending_cancel: false, size_in_quote: false, total_fees: '0', settled: false },
    ...{ size_inclusive_of_fees: false, total_value_after_fees: '0', trigger_status: 'INVALID_ORDER_TYPE' },
    ...{ order_type: 'UNKNOWN_ORDER_TYPE', reject_reason: 'REJECT_REASON_UNSPECIFIED', product_type: 'SPOT' },
    ...{ reject_message: '', cancel_message: '', order_placement_source: 'RETAIL_SIMPLE', is_liquidation: false },
    ...{ outstanding_hold_amount: '0', last_fill_time: null, edit_history: [], retail_portfolio_id: account, ...more },
  });
  const future = { product_id: 'BIP-20DEC30-CDE', product_type: 'FUTURE', order_type: 'LIMIT' };
  return [
    order('bracket', 'OPEN', { trigger_bracket_gtc: BRACKET }, { order_type: 'BRACKET' }),
    order('slices', 'OPEN', { twap_limit_gtd: TWAP }, { order_type: 'TWAP', time_in_force: 'GOOD_UNTIL_DATE_TIME' }),
    order('nothing', 'OPEN', null),
    order('future', 'OPEN', { limit_limit_gtc: { base_size: '1', limit_price: '90000' } }, future),
    order('unlisted', 'UNKNOWN_ORDER_STATUS', { limit_limit_gtc: BRACKET }, { order_type: 'LIMIT' }),
    order('reversed', 'FILLED', { market_market_ioc: { base_size: '2' } }, { filled_size: '2', order_type: 'MARKET' }),
  ];
}

/** The members of an order on the user socket that the calls name otherwise. */
export function unrelatedStreamedOrder(order: ReturnType<typeof unrelatedOrders>[number]): Row {
  const { order_id, client_order_id, status, product_id, product_type, order_type, created_time, side } = order;
  return {
    ...{ order_id, client_order_id, status, product_id, product_type, order_type, creation_time: created_time },
    ...{ order_side: side, cumulative_quantity: '0', leaves_quantity: '1', avg_price: '0', total_fees: '0' },
    ...{
      cancel_reason: '',
      reject_Reason: '',
      limit_price: '',
      stop_price: '',
      trigger_status: 'UNKNOWN_TRIGGER_STATUS',
    },
  };
}

/** Every event of the user socket may show them. Source: the example of the user channel in the CDP documentation. */
export const UNRELATED_POSITIONS: Row = {
  perpetual_futures_positions: [],
  expiring_futures_positions: [
    {
      ...{ product_id: 'BIP-20DEC30-CDE', side: 'Long', number_of_contracts: '1', realized_pnl: '0' },
      ...{ unrealized_pnl: '-21.2', entry_price: '64150' },
    },
  ],
};

/** One that was taken back. */
export function unrelatedFills(owner: Account) {
  const at = new Date(owner.openedAt).toISOString();
  const order = unrelatedOrders(owner).at(-1);
  const id = uuidOf(`unrelated fill ${owner.account}`);
  return [
    {
      ...{ entry_id: id, trade_id: id, order_id: order?.order_id ?? '', trade_time: at, trade_type: 'REVERSAL' },
      ...{ price: '7.10', size: '2', commission: '0', product_id: 'LINK-USD', sequence_timestamp: at },
      ...{ liquidity_indicator: 'TAKER', size_in_quote: false, user_id: owner.account, side: 'SELL' },
      retail_portfolio_id: owner.account,
    },
  ];
}

const IDLE = {
  is_disabled: false,
  new: false,
  cancel_only: false,
  limit_only: true,
  post_only: false,
  auction_mode: false,
};

/** Nobody trades the first any more; the second is no coin. */
export const unrelatedProducts: readonly (Row & { product_id: string; product_type: string })[] = [
  {
    ...{ product_id: 'XYZ-USD', price: '', price_percentage_change_24h: '', volume_24h: '', base_increment: '' },
    ...{ quote_increment: '', price_increment: '', quote_min_size: '', base_min_size: '', base_max_size: '' },
    ...{
      base_name: 'Xyz',
      quote_name: 'US Dollar',
      status: 'delisted',
      trading_disabled: true,
      view_only: true,
      ...IDLE,
    },
    ...{ product_type: 'SPOT', quote_currency_id: '', base_currency_id: '', display_name: 'XYZ-USD' },
  },
  {
    ...{ product_id: 'BIP-20DEC30-CDE', price: '68930', base_increment: '1', price_increment: '5', base_min_size: '1' },
    ...{ base_name: '', quote_name: 'US Dollar', status: '', trading_disabled: false, view_only: false, ...IDLE },
    ...{ product_type: 'FUTURE', quote_currency_id: 'USD', base_currency_id: '', display_name: 'BTC PERP' },
  },
];

export const unrelatedBooks: readonly (Row & { product_id: string })[] = [
  { product_id: 'XYZ-USD', bids: [], asks: [], time: null },
];
