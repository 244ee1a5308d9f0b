/** The paper broker's own books, in the form in which the exchange simulator shows its own (`GET /control/ledger`). */
import type { Pool } from 'pg';
import { query } from './queries.js';

interface LedgerEvent {
  /** market time, ISO */
  at: string;
  /** accepted | fill | triggered | trailed | cancelled | expired | replaced | split */
  kind: string;
  quantity?: string;
  price?: string;
  executionId?: string;
}

interface LedgerOrder {
  broker: 'paper';
  account: string;
  orderId: string;
  clientOrderId: string;
  symbol: string;
  side: string;
  type: string;
  quantity: string;
  limitPrice?: string;
  stopPrice?: string;
  timeInForce: string;
  status: string;
  filledQuantity: string;
  events: LedgerEvent[];
}

interface LedgerPosition {
  broker: 'paper';
  account: string;
  symbol: string;
  quantity: string;
  averagePrice: string;
}

export interface LedgerOfPaper {
  orders: LedgerOrder[];
  positions: LedgerPosition[];
}

const ISO = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const NUMBER = (column: string) => `trim_scale(${column})::text`;

const ORDERS = `
  SELECT json_strip_nulls(json_build_object(
    'broker', 'paper', 'account', o.account_id, 'orderId', o.id::text, 'clientOrderId', o.client_order_id,
    'symbol', o.symbol, 'side', o.side, 'type', o.type, 'quantity', ${NUMBER('o.quantity')},
    'limitPrice', ${NUMBER('o.limit_price')}, 'stopPrice', ${NUMBER('o.stop_price')},
    'timeInForce', o.time_in_force, 'status', o.status, 'filledQuantity', ${NUMBER('o.filled_quantity')},
    'events', (
      SELECT coalesce(json_agg(json_build_object('at', ${ISO('e.at')}, 'kind', e.kind, 'quantity', ${NUMBER('e.quantity')},
        'price', ${NUMBER('e.price')}, 'executionId', e.execution_id) ORDER BY e.id), '[]')
      FROM paper_order_events e WHERE e.order_id = o.id))) AS value
  FROM paper_orders o WHERE $1::text IS NULL OR o.account_id = $1 ORDER BY o.id`;

const POSITIONS = `
  SELECT json_build_object('broker', 'paper', 'account', account_id, 'symbol', symbol,
    'quantity', ${NUMBER('quantity')}, 'averagePrice', ${NUMBER('average_price')}) AS value
  FROM paper_positions WHERE $1::text IS NULL OR account_id = $1 ORDER BY account_id, symbol`;

/** As stored: what the market did since the account was last looked at is not in it. */
export async function readLedger(pool: Pool, account?: string): Promise<LedgerOfPaper> {
  const parameters = [account ?? null];
  const orders = await query<{ value: LedgerOrder }>(pool, ORDERS, parameters);
  const positions = await query<{ value: LedgerPosition }>(pool, POSITIONS, parameters);
  return { orders: orders.map(({ value }) => value), positions: positions.map(({ value }) => value) };
}
