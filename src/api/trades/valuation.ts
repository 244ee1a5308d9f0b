/** Trades as they are shown: at their broker's quotes, and by the hours of their market. */
import { type Broker, BrokerUnavailable } from '../../broker-port/broker.js';
import { PERSON_QUOTE_AGE_MS } from '../../broker-port/quote-ages.js';
import { decimal } from '../../domain/decimal.js';
import type { Quote } from '../../domain/market.js';
import { type MarketStanding, marketStanding, UNKNOWN_STANDING } from '../../domain/trade/market-standing.js';
import { valuedAt } from '../../domain/trade/to-view.js';
import type { TradeView } from '../../domain/trade/view.js';
import { viewOf } from '../../storage/trade-view.js';
import type { ApiDependencies } from '../dependencies.js';

export type ShownTrade = TradeView & MarketStanding;
type Markets = Pick<ApiDependencies, 'readers' | 'marketTime'>;

/** One call for quotes per account, however many trades. */
export async function shownTrades(markets: Markets, views: readonly TradeView[]): Promise<ShownTrade[]> {
  return Promise.all((await valuedViews(markets, views)).map(standingAdder(markets)));
}

export async function shownTrade(markets: Markets, row: { view: unknown }): Promise<ShownTrade> {
  const view = viewOf(row);
  const [valued = view] = await valuedViews(markets, [view]);
  return withStanding(markets, valued);
}

/** The trade as it is, with what the market's hours mean for it. */
export function withStanding(markets: Markets, view: TradeView): Promise<ShownTrade> {
  return standingAdder(markets)(view);
}

/** Asks for the time of each broker's market once. */
function standingAdder({ marketTime }: Markets): (view: TradeView) => Promise<ShownTrade> {
  const times = new Map<string, Promise<number | undefined>>();
  return async (view) => {
    const { broker } = view;
    const asked = times.get(broker) ?? marketTime(broker).catch(undefinedIfAway);
    times.set(broker, asked);
    const time = await asked;
    return { ...view, ...(time === undefined ? UNKNOWN_STANDING : marketStanding(view, time)) };
  };
}

async function valuedViews({ readers }: Markets, views: readonly TradeView[]): Promise<TradeView[]> {
  const held = views.filter(({ openQuantity }) => !decimal(openQuantity).isZero());
  const quotes = new Map<string, Quote>();
  for (const account of new Set(held.map((view) => view.account))) {
    const trades = held.filter((view) => view.account === account);
    const broker = readers.get(trades[0]?.broker ?? '');
    const symbols = [...new Set(trades.map(({ symbol }) => symbol))];
    for (const quote of await quotesOf(broker, symbols, account)) quotes.set(`${account} ${quote.symbol}`, quote);
  }
  return views.map((view) => valuedAt(view, quotes.get(`${view.account} ${view.symbol}`)));
}

/** Without the broker's quotes the trades are still shown, with their unrealised profit unknown. */
async function quotesOf(
  broker: Broker | undefined,
  symbols: readonly string[],
  account: string,
): Promise<readonly Quote[]> {
  if (!broker) return [];
  return (await broker.quotes(symbols, account, PERSON_QUOTE_AGE_MS).catch(undefinedIfAway)) ?? [];
}

function undefinedIfAway(error: unknown): undefined {
  if (error instanceof BrokerUnavailable) return undefined;
  throw error;
}
