/** The routes of the market-data host, under the same prefix (docs/brokers/alpaca.md, section 9). */
import { type Context, Hono } from 'hono';
import type { Exchange } from '../exchange/exchange.js';
import type { Env } from '../faults/wire.js';
import { bars, latestQuotes, latestTrades, snapshots } from './market-data.js';
import type { MarketView } from './signed-in.js';

const STOCKS = '/v2/stocks';
/** Each asset class has its own paths for the same data. */
const LATEST_PATHS: readonly { base: string; latest: (what: string) => string; isOpen: boolean }[] = [
  { base: STOCKS, latest: (what) => `${what}/latest`, isOpen: false },
  // 'No keys required for crypto data': docs.alpaca.markets, 'Getting Started with Market Data API'; no SDK sends them.
  { base: '/v1beta3/crypto/us', latest: (what) => `latest/${what}`, isOpen: true },
  { base: '/v1beta1/options', latest: (what) => `${what}/latest`, isOpen: false },
];

export function dataRoutes(exchange: Exchange, views: { signedIn: MarketView; open: MarketView }): Hono<Env> {
  const routes = new Hono<Env>();
  const named = (context: Context<Env>) => context.req.query('symbols') ?? '';
  for (const { base, latest, isOpen } of LATEST_PATHS) {
    const view = isOpen ? views.open : views.signedIn;
    routes.get(
      `${base}/${latest('quotes')}`,
      view('quote', (call, context) => latestQuotes(exchange, named(context), call)),
    );
    routes.get(
      `${base}/${latest('trades')}`,
      view('quote', (call, context) => latestTrades(exchange, named(context), call)),
    );
    routes.get(
      `${base}/snapshots`,
      view('quote', async (call, context) => {
        const found = await snapshots(exchange, named(context), call);
        // Only the answer for stocks has no wrapper.
        return base === STOCKS ? found : { snapshots: found };
      }),
    );
    routes.get(
      `${base}/bars`,
      view('quote', (_call, context) => bars(exchange, context.req.query())),
    );
  }
  addSingleStock(routes, exchange, views.signedIn);
  return routes;
}

function addSingleStock(routes: Hono<Env>, exchange: Exchange, view: MarketView): void {
  const symbolOf = (context: Context<Env>) => context.req.param('symbol') ?? '';
  routes.get(
    `${STOCKS}/:symbol/quotes/latest`,
    view('quote', async (call, context) => {
      const { quotes } = await latestQuotes(exchange, symbolOf(context), call);
      return { symbol: symbolOf(context), quote: quotes[symbolOf(context)] ?? null };
    }),
  );
  routes.get(
    `${STOCKS}/:symbol/trades/latest`,
    view('quote', async (call, context) => {
      const { trades } = await latestTrades(exchange, symbolOf(context), call);
      return { symbol: symbolOf(context), trade: trades[symbolOf(context)] ?? null };
    }),
  );
  routes.get(
    `${STOCKS}/:symbol/snapshot`,
    view('quote', async (call, context) => {
      const found = await snapshots(exchange, symbolOf(context), call);
      return { symbol: symbolOf(context), ...found[symbolOf(context)] };
    }),
  );
}
