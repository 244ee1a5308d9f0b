import { type Broker, BrokerUnavailable } from '../../broker-port/broker.js';
import { PERSON_QUOTE_AGE_MS } from '../../broker-port/quote-ages.js';
import { decimal } from '../../domain/decimal.js';
import type { Quote } from '../../domain/market.js';
import { valuedAt } from '../../domain/trade/to-view.js';
import type { TradeView } from '../../domain/trade/view.js';
import { viewOf } from '../../storage/trade-view.js';

type Brokers = ReadonlyMap<string, Broker>;

/** Trades with their positions valued at their own broker's quotes; one call per account, however many trades. */
export async function valuedViews(brokers: Brokers, views: readonly TradeView[]): Promise<TradeView[]> {
  const held = views.filter(({ openQuantity }) => !decimal(openQuantity).isZero());
  const quotes = new Map<string, Quote>();
  for (const account of new Set(held.map((view) => view.account))) {
    const trades = held.filter((view) => view.account === account);
    const broker = brokers.get(trades[0]?.broker ?? '');
    const symbols = [...new Set(trades.map(({ symbol }) => symbol))];
    for (const quote of await quotesOf(broker, symbols, account)) quotes.set(`${account} ${quote.symbol}`, quote);
  }
  return views.map((view) => valuedAt(view, quotes.get(`${view.account} ${view.symbol}`)));
}

export async function valuedView(brokers: Brokers, row: { view: unknown }): Promise<TradeView> {
  const view = viewOf(row);
  const [valued = view] = await valuedViews(brokers, [view]);
  return valued;
}

/** Without the broker's quotes the trades are still shown, with their unrealised profit unknown. */
async function quotesOf(
  broker: Broker | undefined,
  symbols: readonly string[],
  account: string,
): Promise<readonly Quote[]> {
  if (!broker) return [];
  try {
    return await broker.quotes(symbols, account, PERSON_QUOTE_AGE_MS);
  } catch (error) {
    if (error instanceof BrokerUnavailable) return [];
    throw error;
  }
}
