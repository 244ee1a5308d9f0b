/** What `arbion export` writes: rows of texts, by the names of their columns. */
import { z } from 'zod';
import type { ApiClient } from './api-client.js';
import { allItems } from './pages.js';
import { type Event, eventShape, type Trade, tradeShape } from './trade-text.js';

type Row = Readonly<Record<string, string>>;
/** filters of GET /trades */
type TradeFilter = Record<string, string>;

export interface Export {
  columns: readonly string[];
  rows: (api: ApiClient, filter: TradeFilter) => AsyncGenerator<Row>;
}

const OF_TRADE = ['tradeId', 'broker', 'account', 'symbol', 'strategy'];

export const EXPORTS: Readonly<Record<'trades' | 'fills' | 'journal', Export>> = {
  trades: {
    columns: [
      ...['id', 'broker', 'account', 'symbol', 'assetClass', 'strategy', 'side', 'status', 'reason', 'orderType'],
      ...['limitPrice', 'timeInForce', 'quantity', 'filledQuantity', 'openQuantity', 'averageFillPrice', 'stopPrice'],
      ...[
        'takeProfitPrice',
        'exitPrice',
        'exitReason',
        'realizedPnl',
        'unrealizedPnl',
        'fees',
        'result',
        'unprotectedSeconds',
      ],
      ...['createdAt', 'openedAt', 'closedAt', 'note'],
    ],
    rows: tradeRows,
  },
  fills: {
    columns: ['at', ...OF_TRADE, 'leg', 'side', 'quantity', 'price', 'fee', 'executionId'],
    rows: fillRows,
  },
  journal: { columns: ['at', ...OF_TRADE, 'id', 'kind', 'data'], rows: journalRows },
};

async function* tradeRows(api: ApiClient, filter: TradeFilter): AsyncGenerator<Row> {
  for await (const trade of allItems(api, '/trades', tradeShape, filter)) {
    yield { ...textsOf(trade), reason: trade.reason?.code ?? '' };
  }
}

async function* fillRows(api: ApiClient, filter: TradeFilter): AsyncGenerator<Row> {
  for await (const { trade, event } of events(api, filter)) {
    if (event.kind !== 'fill') continue;
    const buys = (trade.side === 'buy') === (event.data.leg === 'entry');
    yield { ...textsOf(event.data), ...ofTrade(trade), at: event.at, side: buys ? 'buy' : 'sell' };
  }
}

async function* journalRows(api: ApiClient, filter: TradeFilter): AsyncGenerator<Row> {
  for await (const { trade, event } of events(api, filter)) {
    yield { ...ofTrade(trade), at: event.at, id: event.id, kind: event.kind, data: JSON.stringify(event.data) };
  }
}

async function* events(api: ApiClient, filter: TradeFilter): AsyncGenerator<{ trade: Trade; event: Event }> {
  for await (const trade of allItems(api, '/trades', tradeShape, filter)) {
    for await (const event of allItems(api, `/trades/${trade.id}/events`, eventShape)) yield { trade, event };
  }
}

function ofTrade(trade: Trade): Row {
  const fields: Row = { ...textsOf(trade), tradeId: trade.id };
  return Object.fromEntries(OF_TRADE.map((name) => [name, fields[name] ?? '']));
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** The fields that are no lists or objects, as texts. */
function textsOf(fields: object): Record<string, string> {
  const entries = Object.entries(fields).filter(([, value]) => scalar.safeParse(value).success);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
