import type { Trade } from '../../../prisma/generated/client.js';
import { type Broker, BrokerUnavailable } from '../../broker-port/broker.js';
import type { Quote } from '../../domain/market.js';
import type { TradeView } from '../../domain/trade/view.js';
import { toTradeView } from '../../storage/trade-view.js';

type Brokers = ReadonlyMap<string, Broker>;

/** Trades with their positions valued at their own broker's quotes; one call per account, however many trades. */
export async function valuedViews(brokers: Brokers, rows: readonly Trade[]): Promise<TradeView[]> {
  const held = rows.filter((row) => !row.openQuantity.isZero());
  const quotes = new Map<string, Quote>();
  for (const account of new Set(held.map((row) => row.account))) {
    const trades = held.filter((row) => row.account === account);
    const broker = brokers.get(trades[0]?.broker ?? '');
    const symbols = [...new Set(trades.map(({ symbol }) => symbol))];
    for (const quote of await quotesOf(broker, symbols, account)) quotes.set(`${account} ${quote.symbol}`, quote);
  }
  return rows.map((row) => toTradeView(row, quotes.get(`${row.account} ${row.symbol}`)));
}

export async function valuedView(brokers: Brokers, row: Trade): Promise<TradeView> {
  const [view] = await valuedViews(brokers, [row]);
  return view ?? toTradeView(row);
}

/** Without the broker's quotes the trades are still shown, with their unrealised profit unknown. */
async function quotesOf(
  broker: Broker | undefined,
  symbols: readonly string[],
  account: string,
): Promise<readonly Quote[]> {
  if (!broker) return [];
  try {
    return await broker.quotes(symbols, account);
  } catch (error) {
    if (error instanceof BrokerUnavailable) return [];
    throw error;
  }
}
