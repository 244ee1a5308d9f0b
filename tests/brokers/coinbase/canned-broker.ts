/** A broker whose server says what a test gives it, and the wire contract's own examples. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { unlimited } from '../../../src/broker-port/request-budget.js';
import { CoinbaseBroker } from '../../../src/brokers/coinbase/coinbase-broker.js';
import { TestAccess } from './coinbase-fixture.js';

export const ID = '9b2f2f0c-0d55-4e0e-9d70-6a1d7c1c0001';
export const PRODUCT = {
  ...{ product_id: 'BTC-USD', price: '68120.41', price_percentage_change_24h: '-0.28', volume_24h: '11005.02' },
  ...{ base_increment: '0.00000001', quote_increment: '0.01', price_increment: '0.01', quote_min_size: '1' },
  ...{ quote_max_size: '150000000', base_min_size: '0.00000001', base_max_size: '3400', base_name: 'Bitcoin' },
  ...{ quote_name: 'US Dollar', status: 'online', is_disabled: false, new: false, cancel_only: false },
  ...{ limit_only: false, post_only: false, trading_disabled: false, auction_mode: false, view_only: false },
  ...{ product_type: 'SPOT', quote_currency_id: 'USD', base_currency_id: 'BTC', alias: '', alias_to: ['BTC-USDC'] },
  ...{ base_display_symbol: 'BTC', quote_display_symbol: 'USD', display_name: 'BTC-USD' },
};
export const LIMIT = { limit_limit_gtc: { base_size: '0.01000000', limit_price: '67900.00', post_only: false } };
export const ORDER = {
  ...{ order_id: ID, product_id: 'BTC-USD', user_id: 'user-demo', order_configuration: LIMIT, side: 'BUY' },
  ...{ client_order_id: '5d1c1a0e-6e0b-5a57-9a51-3c7b2f0f4a11', status: 'OPEN' },
  ...{ time_in_force: 'GOOD_UNTIL_CANCELLED', created_time: '2026-03-03T14:31:07.120Z', completion_percentage: '40' },
  ...{ filled_size: '0.004', average_filled_price: '67899.5', fee: '', number_of_fills: '2', filled_value: '271.598' },
  ...{ pending_cancel: false, size_in_quote: false, total_fees: '1.086392', size_inclusive_of_fees: false },
  ...{ total_value_after_fees: '272.684392', trigger_status: 'INVALID_ORDER_TYPE', order_type: 'LIMIT' },
  ...{ reject_reason: 'REJECT_REASON_UNSPECIFIED', settled: false, product_type: 'SPOT', reject_message: '' },
  ...{ cancel_message: '', order_placement_source: 'RETAIL_ADVANCED', outstanding_hold_amount: '409.10' },
  ...{ is_liquidation: false, last_fill_time: '2026-03-03T14:31:09.553Z', edit_history: [], leverage: '' },
  ...{ margin_type: '', retail_portfolio_id: 'pf-demo', originating_order_id: '', attached_order_id: '' },
};
export const FILL = {
  ...{ entry_id: 'e-0001', trade_id: 't-0001', order_id: ID, trade_time: '2026-03-03T14:31:08.101Z' },
  ...{ trade_type: 'FILL', price: '67899.00', size: '0.002', commission: '0.543192', product_id: 'BTC-USD' },
  ...{ sequence_timestamp: '2026-03-03T14:31:08.104Z', liquidity_indicator: 'TAKER', size_in_quote: false },
  ...{ user_id: 'user-demo', side: 'BUY', retail_portfolio_id: 'pf-demo' },
};
export const SECOND = { ...FILL, entry_id: 'e-0002', trade_id: 't-0002', price: '67900.00', commission: '0.543200' };
export const BTC = {
  ...{ uuid: '6a5b0c1d-0001-4a00-9000-000000000001', name: 'BTC Wallet', currency: 'BTC' },
  available_balance: { value: '0.41230000', currency: 'BTC' },
  ...{ default: true, active: true, created_at: '2024-05-01T10:00:00Z', updated_at: '2026-03-03T14:00:00Z' },
  ...{ deleted_at: null, type: 'ACCOUNT_TYPE_CRYPTO', ready: true, hold: { value: '0.05000000', currency: 'BTC' } },
  retail_portfolio_id: 'pf-demo',
};
export const USD = {
  ...{ ...BTC, uuid: '6a5b0c1d-0001-4a00-9000-000000000002', name: 'Cash (USD)', currency: 'USD', default: false },
  available_balance: { value: '5120.55', currency: 'USD' },
  ...{ type: 'ACCOUNT_TYPE_FIAT', hold: { value: '0', currency: 'USD' } },
};
export const COST = {
  ...{ asset: 'BTC', account_uuid: BTC.uuid, total_balance_crypto: 0.4623, account_type: 'ACCOUNT_TYPE_CRYPTO' },
  average_entry_price: { value: '36000.12345678901234567890', currency: 'USD' },
};
export const BOOK = {
  ...{
    product_id: 'BTC-USD',
    bids: [{ price: '68120.40', size: '0.17' }],
    asks: [{ price: '68120.41', size: '0.16' }],
  },
  time: '2026-03-03T14:31:07.662782Z',
};

/** Says the same at each path, whatever is asked; what is not listed is not found. */
export type Answers = Record<string, object>;
const wholeAnswer = z.object({ status: z.number(), body: z.unknown() });
const MISSING = { status: 404, body: { error: 'NOT_FOUND', error_details: '', message: 'not found' } };

export let sent: { path: string; body: string }[] = [];

export async function brokerAt(answers: Answers): Promise<CoinbaseBroker> {
  sent = [];
  const listening = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, search } = new URL(request.url ?? '', 'http://broker');
      sent.push({ path: pathname + search, body: Buffer.concat(chunks).toString() });
      const answer = answers[pathname + search] ?? answers[pathname] ?? MISSING;
      const { status, body } = wholeAnswer.safeParse(answer).data ?? { status: 200, body: answer };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  onTestFinished(() => {
    listening.closeAllConnections();
    listening.close();
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const access = new TestAccess([{ kind: 'bearer', accessToken: 'at-demo-01' }]);
  return new CoinbaseBroker({ baseUrl: `http://127.0.0.1:${port}`, access, budget: unlimited });
}

export const ONE = `/orders/historical/${ID}`;
export const FILLS = '/orders/historical/fills';
export const LIST = '/orders/historical/batch';
export const PRODUCT_PATH = '/market/products/BTC-USD';
export const orders = (...rows: object[]) => ({ orders: rows, sequence: '0', has_next: false, cursor: '' });
export const fills = (...rows: object[]) => ({ fills: rows, cursor: '' });
