import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { type Broker, BrokerUnavailable } from '../../broker-port/broker.js';
import { DependencyUnavailable } from '../../domain/errors.js';
import { assetClassOf } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import type { ApiDependencies } from '../dependencies.js';
import type { Routes } from '../http/context.js';
import { decimalText, instantText } from '../http/fields.js';
import { answer, readProblems, secured, validationProblem } from '../http/openapi.js';

const quote = z
  .strictObject({
    symbol: z.string(),
    bid: decimalText.nullable(),
    ask: decimalText.nullable(),
    last: decimalText.nullable(),
    asOf: instantText,
  })
  .openapi('Quote');

const MAXIMUM_SYMBOLS = 50;

const SYMBOL_LIST = '^[A-Z][A-Z0-9.-]{0,20}(,[A-Z][A-Z0-9.-]{0,20}){0,49}$';

const symbolList = z
  .string()
  .max(2000)
  .transform((text) => [...new Set(text.split(','))])
  .refine((symbols) => symbols.length <= MAXIMUM_SYMBOLS, `must be at most ${MAXIMUM_SYMBOLS} symbols`)
  .refine((symbols) => symbols.every((symbol) => assetClassOf(symbol) !== undefined), 'must be valid symbols')
  .openapi({
    type: 'string',
    description: 'Symbols, separated by commas',
    pattern: SYMBOL_LIST,
    example: 'AAPL,BTC-USD',
  });

export function marketRoutes({ brokers }: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/quotes',
      tags: ['Market'],
      summary: 'Get the latest quotes; unknown symbols are left out',
      ...secured('read'),
      request: { query: z.strictObject({ symbols: symbolList }) },
      responses: {
        200: answer('The quotes', z.strictObject({ quotes: z.array(quote) })),
        ...readProblems,
        ...validationProblem,
      },
    }),
    async (context) => {
      const quotes = await quotesOf(brokers.get('paper'), context.req.valid('query').symbols);
      return context.json({ quotes: quotes.map(toJson) }, 200);
    },
  );

  return routes;
}

async function quotesOf(broker: Broker | undefined, symbols: readonly string[]): Promise<Quote[]> {
  try {
    return (await broker?.quotes(symbols)) ?? [];
  } catch (error) {
    if (error instanceof BrokerUnavailable) throw new DependencyUnavailable('broker', { cause: error });
    throw error;
  }
}

function toJson({ symbol, bid, ask, last, at }: Quote) {
  return { symbol, bid: bid ?? null, ask: ask ?? null, last: last ?? null, asOf: new Date(at).toISOString() };
}
