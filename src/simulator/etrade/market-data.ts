/** E*TRADE's quotes (docs/brokers/etrade.md, section 8). There are no candles, no hours and no stream in v1. */
import { type Context, Hono } from 'hono';
import type { MarketSession, Quote } from '../../domain/market.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { answer, ETRADE_CODES, errorAnswer, formatOf } from './answers.js';
import type { Answer, EtradeCallers } from './callers.js';
import { productOf, quotedSymbol } from './symbols.js';
import type { Tree } from './xml.js';

/** The block of the answer that each detail flag asks for. */
const BLOCKS: Readonly<Record<string, string>> = {
  ALL: 'All',
  FUNDAMENTAL: 'Fundamental',
  INTRADAY: 'Intraday',
  OPTIONS: 'Option',
  WEEK_52: 'Week52',
  MF_DETAIL: 'MutualFund',
};

const MOST_SYMBOLS = 25;
const MOST_WITH_OVERRIDE = 50;

export class EtradeMarketData {
  constructor(
    private readonly exchange: Exchange,
    private readonly handleCall: HandleCall,
    private readonly callers: EtradeCallers,
  ) {}

  routes(): Hono<Env> {
    return new Hono<Env>().get('/quote/:symbols', (context) => this.quotes(context));
  }

  private quotes(context: Context<Env>): Answer {
    return this.callers.asUser(context, 'market', () =>
      this.handleCall(context, { operation: 'quote' }, async (call) => {
        const format = formatOf(context.req.raw);
        const names = (context.req.param('symbols') ?? '').replace(/\.json$/, '').split(',');
        const query = readQuery(new URL(context.req.url).searchParams);
        const block = BLOCKS[query.detailflag?.toUpperCase() ?? 'ALL'];
        const most = query.overridesymbolcount?.toLowerCase() === 'true' ? MOST_WITH_OVERRIDE : MOST_SYMBOLS;
        if (block === undefined) return errorAnswer(format, { code: ETRADE_CODES.malformed, message: 'detailFlag' });
        if (names.length > most) {
          return errorAnswer(format, { code: ETRADE_CODES.tooManySymbols, message: `At most ${most} symbols.` });
        }
        return answer(format, { QuoteResponse: await this.response(names, block, call) });
      }),
    );
  }

  /** Unknown symbols are listed beside the quotes, in a 200. */
  private async response(names: readonly string[], block: string, call: Call): Promise<Tree> {
    const data: Tree[] = [];
    const messages: Tree[] = [];
    for (const name of names) {
      const symbol = quotedSymbol(name);
      const quote = symbol === undefined ? undefined : await this.exchange.quote(symbol, call);
      if (quote) data.push(this.shown(quote, block, call));
      else messages.push(invalid(name));
    }
    return {
      ...(data.length > 0 && { QuoteData: data }),
      ...(messages.length > 0 && { Messages: { Message: messages } }),
    };
  }

  /** Outside regular hours the current price is in its own block, beside the closing price. */
  private shown(quote: Quote, block: string, call: Call): Tree {
    const session = this.exchange.session('equity');
    const isExtended = session === 'pre' || session === 'post';
    const prices = pricesOf(quote);
    const extended = { ...prices, lastPrice: Number(quote.last ?? 0), quoteStatus: 'EH_REALTIME' };
    return {
      ...{ dateTime: clockText(quote.at), dateTimeUTC: Math.floor(quote.at / 1_000) },
      ...{ quoteStatus: statusOf(session, call), ahFlag: String(isExtended), hasMiniOptions: false },
      [block]: { ...prices, ...(isExtended && { ExtendedHourQuoteDetail: extended }) },
      Product: productOf(quote.symbol),
    };
  }
}

/** Names may have any case. */
function readQuery(query: URLSearchParams): Partial<Record<string, string>> {
  return Object.fromEntries([...query].map(([name, value]) => [name.toLowerCase(), value]));
}

function statusOf(session: MarketSession, { fault }: Call): string {
  if (fault?.kind === 'quote_stale') return 'DELAYED';
  return session === 'regular' ? 'REALTIME' : 'CLOSING';
}

function pricesOf({ symbol, bid, ask, bidSize, askSize, last, at }: Quote): Tree {
  const time = clockText(at);
  return {
    ...(ask !== undefined && { ask: Number(ask), askTime: time }),
    ...(askSize !== undefined && { askSize: Number(askSize) }),
    ...(bid !== undefined && { bid: Number(bid), bidTime: time }),
    ...(bidSize !== undefined && { bidSize: Number(bidSize) }),
    ...(last !== undefined && { lastTrade: Number(last) }),
    ...{ companyName: symbol, symbolDescription: symbol },
  };
}

function invalid(name: string): Tree {
  return { description: `${name} is an invalid symbol`, code: ETRADE_CODES.invalidQuoteSymbol, type: 'WARNING' };
}

const CLOCK = new Intl.DateTimeFormat('en-US', {
  ...{ timeZone: 'America/New_York', timeZoneName: 'short', hourCycle: 'h23' },
  ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
});

/** `14:31:07 EST 03-03-2026`. */
function clockText(at: number): string {
  const parts = new Map(CLOCK.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  const time = `${part('hour')}:${part('minute')}:${part('second')}`;
  return `${time} ${part('timeZoneName')} ${part('month')}-${part('day')}-${part('year')}`;
}
