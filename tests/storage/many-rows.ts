/** A database as it is after years: a thousand users, their ended trades with all that belongs to them, and a few live ones. */
import type pg from 'pg';
import type { TradeInput } from '../../src/domain/trade/request.js';
import { initialView } from '../../src/domain/trade/to-view.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { tradeRequest } from '../support/trading.js';

export const USERS = 1_000;
const SYMBOLS = 20;

/** A user of `fillDatabase` by number, from 0. */
export function userOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** A trade by number, from 1; the last hundredth is live. */
export function tradeOf(number: number): string {
  return `10000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function accountOf(number: number): string {
  return `account-${number % USERS}`;
}

export function symbolOf(number: number): string {
  return `S${Math.floor(number / USERS) % SYMBOLS}`;
}

/** Adds so many trades, each with an order, a fill, a journal entry and a reservation. */
export async function fillDatabase(pool: pg.Pool, count: number): Promise<void> {
  const view = JSON.stringify(someView());
  const number = (prefix: number, n: string) =>
    `('${prefix}0000000-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;
  const isLive = `n > ${Math.floor(count * 0.99)}`;
  const at = `now() - (${count} - n) * interval '20 seconds'`;
  const account = `'account-' || n % ${USERS}`;
  const symbol = `'S' || n / ${USERS} % ${SYMBOLS}`;
  const series = `generate_series(1, ${count}) AS n`;
  const statements = [
    `INSERT INTO users (id, email, password_hash)
      SELECT ${number(0, 'n')}, n || '@example.test', 'none' FROM generate_series(0, ${USERS - 1}) AS n`,
    `INSERT INTO trades (id, user_id, broker, account, symbol, asset_class, side, strategy, view, status, quantity,
        open_quantity, realized_pnl, request, ticket, version, created_at, started_at, closed_at)
      SELECT ${number(1, 'n')}, ${number(0, `n % ${USERS}`)}, 'schwab', ${account}, ${symbol}, 'equity', 'buy', 'one',
        '${view}', CASE WHEN ${isLive} THEN 'open' ELSE 'closed' END, 10, CASE WHEN ${isLive} THEN 10 ELSE 0 END, 1,
        '{}', '{}', 1, ${at}, ${at}, CASE WHEN ${isLive} THEN NULL ELSE ${at} + interval '1 hour' END FROM ${series}`,
    `INSERT INTO reservations (trade_id, user_id, account, symbol, day, quantity, daily, exposure, pending, released_at)
      SELECT ${number(1, 'n')}, ${number(0, `n % ${USERS}`)}, ${account}, ${symbol}, (${at})::date, 10, 1000,
        CASE WHEN ${isLive} THEN 1000 ELSE 0 END, 0, CASE WHEN ${isLive} THEN NULL ELSE ${at} END FROM ${series}`,
    `INSERT INTO orders (trade_id, leg, generation, client_order_id, broker, account, symbol, request, intent,
        broker_order_id, status, quantity, filled_quantity, sends, prepared_at, sent_at)
      SELECT ${number(1, 'n')}, 'entry', 1, 'arb-' || n, 'schwab', ${account}, ${symbol}, '{}', 'CLOSED', 'b' || n,
        'filled', 10, 10, 1, ${at}, ${at} FROM ${series}`,
    `INSERT INTO executions (broker, account, execution_id, order_id, side, quantity, price, at)
      SELECT broker, account, 'x' || id, id, 'buy', 10, 100, sent_at FROM orders`,
    `INSERT INTO trade_events (trade_id, key, at, kind, data)
      SELECT ${number(1, 'n')}, 'requested', ${at}, 'requested', '{}' FROM ${series}`,
    'VACUUM ANALYZE',
  ];
  for (const statement of statements) await pool.query(statement);
}

/** As the API shows a trade; the same for all. */
function someView(): TradeView {
  const trade = tradeRequest({ broker: 'schwab', account: accountOf(1), symbol: symbolOf(1) });
  const ticket = { tradeId: tradeOf(1), userId: userOf(1), scope: 'trade', issuedAt: Date.now() };
  return initialView({ trade, ticket: ticket as TradeInput['ticket'] });
}
