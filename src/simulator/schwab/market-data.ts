/** Schwab's market data calls (docs/brokers/schwab.md, section 8). */
import { type Context, Hono } from 'hono';
import { tradingDay } from '../../domain/calendar.js';
import { candlesOf } from '../exchange/candles.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { marketDataError, notAuthorized } from './answers.js';
import type { Answer } from './callers.js';
import { MARKETS, type MarketName, shownHours, shownQuote } from './market-data-views.js';
import { priceHistory, readPriceHistoryQuery } from './price-history.js';
import { fromSchwabSymbol } from './symbols.js';

const QUOTE_FIELDS = ['quote', 'fundamental', 'extended', 'reference', 'regular', 'all'];

export interface MarketDataOptions {
  exchange: Exchange;
  handleCall: HandleCall;
  isSignedIn(context: Context<Env>): boolean;
}

export class SchwabMarketData {
  constructor(private readonly options: MarketDataOptions) {}

  routes(): Hono<Env> {
    return new Hono<Env>()
      .use(async (context, next) => (this.options.isSignedIn(context) ? next() : notAuthorized()))
      .get('/quotes', (context) => this.quotes(context))
      .get('/pricehistory', (context) => this.priceHistory(context))
      .get('/markets', (context) => this.markets(context, queryOf(context).get('markets')?.split(',') ?? []))
      .get('/markets/:market', (context) => this.markets(context, [context.req.param('market')]))
      .get('/:symbol/quotes', (context) => this.single(context, context.req.param('symbol')));
  }

  /** Unknown symbols are listed beside the quotes, in a 200. */
  private quotes(context: Context<Env>): Answer {
    return this.options.handleCall(context, { operation: 'quote' }, async (call) => {
      const query = queryOf(context);
      const names = (query.get('symbols') ?? '').split(',').filter((name) => name !== '');
      if (names.length === 0) return marketDataError(400, 'symbols is required');
      const problem = fieldsProblem(query);
      if (problem) return marketDataError(400, problem);
      const shown: Record<string, object> = {};
      const invalidSymbols: string[] = [];
      for (const name of names) {
        const quote = await this.shown(name, call);
        if (quote) shown[name] = quote;
        else invalidSymbols.push(name);
      }
      return Response.json({ ...shown, ...(invalidSymbols.length > 0 && { errors: { invalidSymbols } }) });
    });
  }

  private single(context: Context<Env>, name: string): Answer {
    return this.options.handleCall(context, { operation: 'quote', symbol: name }, async (call) => {
      const problem = fieldsProblem(queryOf(context));
      if (problem) return marketDataError(400, problem);
      const quote = await this.shown(name, call);
      return quote ? Response.json({ [name]: quote }) : marketDataError(404);
    });
  }

  private async shown(name: string, call: Call): Promise<object | undefined> {
    const symbol = fromSchwabSymbol(name);
    const quote = symbol === undefined ? undefined : await this.options.exchange.quote(symbol, call);
    return quote && shownQuote(quote);
  }

  private priceHistory(context: Context<Env>): Answer {
    return this.options.handleCall(context, { operation: 'other' }, async () => {
      const { exchange } = this.options;
      const name = queryOf(context).get('symbol') ?? '';
      const symbol = fromSchwabSymbol(name);
      if (symbol === undefined || !exchange.market.knows(symbol)) return marketDataError(404);
      const query = readPriceHistoryQuery(queryOf(context), exchange.now());
      if ('problem' in query) return marketDataError(400, query.problem);
      return Response.json(priceHistory(name, await candlesOf(exchange.market, symbol, query)));
    });
  }

  private markets(context: Context<Env>, asked: readonly string[]): Answer {
    return this.options.handleCall(context, { operation: 'other' }, () => {
      const markets = asked.filter((name): name is MarketName => MARKETS.some((market) => market === name));
      if (markets.length === 0 || markets.length < asked.length) return marketDataError(400, 'markets: unknown');
      const day = queryOf(context).get('date') ?? tradingDay('equity', this.options.exchange.now());
      if (!isDay(day)) return marketDataError(400, `'${day}' is not a valid value for date`);
      return Response.json(Object.fromEntries(markets.map((market) => [market, shownHours(market, day)])));
    });
  }
}

function queryOf(context: Context<Env>): URLSearchParams {
  return new URL(context.req.url).searchParams;
}

function fieldsProblem(query: URLSearchParams): string | undefined {
  const unknown = query
    .get('fields')
    ?.split(',')
    .find((field) => !QUOTE_FIELDS.includes(field));
  return unknown === undefined ? undefined : `'${unknown}' is not a valid value for fields`;
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}
