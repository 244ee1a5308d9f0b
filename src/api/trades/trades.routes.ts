import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { TradeId } from '../../domain/ids.js';
import type { TradeView } from '../../domain/trade/view.js';
import type { StoredEvent } from '../../storage/journals.js';
import { listTrades, type TradeCursor, type TradeFilter, tradeEvents } from '../../storage/trade-queries.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { safeText } from '../http/fields.js';
import { claimOf, markReplayed, requiredKey } from '../http/idempotency.js';
import {
  answer,
  body,
  bodyProblems,
  conflictProblem,
  idParameter,
  nextCursor,
  notFoundProblem,
  numberedPageQuery,
  pageLimit,
  readProblems,
  secured,
  securedWithBody,
  validationProblem,
} from '../http/openapi.js';
import { ComposedProblem } from '../http/problems.js';
import { acceptTrade } from './accept-trade.js';
import { tradeBody, tradeExample, withoutConfirmation } from './trade-body.js';
import { requireTrade } from './trade-commands.js';
import { event, trade } from './trade-json.js';
import { shownTrade, shownTrades, withStanding } from './valuation.js';

const tags = ['Trades'];
const tradeStatus = trade.shape.status;

const STATUSES = tradeStatus.options.join('|');
const statusList = z
  .string()
  .max(200)
  .transform((text) => text.split(','))
  .pipe(z.array(tradeStatus))
  .optional()
  .openapi({
    type: 'string',
    description: 'One status, or several separated by commas',
    pattern: `^(?:${STATUSES})(?:,(?:${STATUSES})){0,9}$`,
    example: 'open,closing',
  });

const TRADE_CURSOR = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Where a page of trades ended: creation time of the last one in epoch milliseconds, and its id. */
const tradeCursor = z
  .string()
  .regex(TRADE_CURSOR, { error: 'must be the nextCursor of an earlier page', abort: true })
  .transform(parseTradeCursor)
  .openapi({ type: 'string', pattern: TRADE_CURSOR.source });

const listQuery = z.strictObject({
  limit: pageLimit,
  cursor: tradeCursor.optional(),
  idPrefix: z
    .string()
    .regex(/^[0-9a-f]{4,32}$/)
    .optional()
    .openapi({ description: 'The first digits of the id, without hyphens', example: 'a1e44137' }),
  status: statusList,
  symbol: z
    .string()
    .regex(/^[A-Z0-9.-]{1,32}$/)
    .optional(),
  broker: z
    .string()
    .regex(/^[a-z]{1,32}$/)
    .optional(),
  strategy: safeText(64).optional(),
});

/** The next calls for a trade that was just started. */
const tradeLinks = Object.fromEntries(
  ['getTradesById', 'getTradesByIdEvents', 'patchTradesById', 'postTradesByIdCancel', 'postTradesByIdClose'].map(
    (operationId) => [operationId, { operationId, parameters: { id: '$response.body#/id' } }],
  ),
);

export function tradeRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addStart(routes, dependencies);
  addList(routes, dependencies);
  addShow(routes, dependencies);
  addJournal(routes, dependencies);
  return routes;
}

function addStart(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/trades',
      tags,
      summary: 'Start a trade',
      description:
        'Answers with the verdict of the risk check, or with 202 when it is not known within 5 seconds. The trade is recorded whatever the verdict.',
      ...securedWithBody('trade'),
      request: { headers: requiredKey, body: body(tradeBody, tradeExample) },
      responses: {
        201: { ...answer('The trade passed the risk check', trade), links: tradeLinks },
        202: { ...answer('The trade is recorded; the risk check has not finished', trade), links: tradeLinks },
        ...readProblems,
        ...notFoundProblem,
        ...conflictProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const caller = callerOf(context);
      const requested = context.req.valid('json');
      const key = context.req.valid('header')['idempotency-key'];
      const claim = claimOf(context, caller.userId, key, withoutConfirmation(requested));
      const { requestId, logger } = context.var;
      const { answer: result, replayed } = await acceptTrade(dependencies, {
        userId: caller.userId,
        body: requested,
        claim,
        isClick: caller.via === 'session',
        requestId,
        logger,
      });
      if (replayed) markReplayed(context);
      if (result.status === 422) throw new ComposedProblem(422, result.body);
      return context.json(await withStanding(dependencies, result.body), result.status);
    },
  );
}

function addList(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/trades',
      tags,
      summary: 'List trades, newest first',
      ...secured('read'),
      request: { query: listQuery },
      responses: {
        200: answer('A page of trades', z.strictObject({ items: z.array(trade), nextCursor })),
        ...readProblems,
        ...validationProblem,
      },
    }),
    async (context) => {
      const { limit, cursor, ...wanted } = context.req.valid('query');
      const page = { limit, ...(cursor === undefined ? {} : { after: cursor }) };
      const { items, hasMore } = await listTrades(
        dependencies.prisma,
        callerOf(context).userId,
        filterOf(wanted),
        page,
      );
      const last = items.at(-1);
      const shown = await shownTrades(dependencies, items);
      return context.json({ items: shown, ...(hasMore && last ? { nextCursor: cursorAfter(last) } : {}) }, 200);
    },
  );
}

function addShow(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/trades/{id}',
      tags,
      summary: 'Get a trade',
      ...secured('read'),
      request: { params: idParameter },
      responses: { 200: answer('The trade', trade), ...readProblems, ...notFoundProblem },
    }),
    async (context) => {
      const row = await requireTrade(dependencies, callerOf(context).userId, context.req.valid('param').id);
      return context.json(await shownTrade(dependencies, row), 200);
    },
  );
}

function addJournal(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/trades/{id}/events',
      tags,
      summary: 'List the journal of a trade, oldest entry first',
      ...secured('read'),
      request: { params: idParameter, query: z.strictObject(numberedPageQuery) },
      responses: {
        200: answer('A page of the journal', z.strictObject({ items: z.array(event), nextCursor })),
        ...readProblems,
        ...notFoundProblem,
        ...validationProblem,
      },
    }),
    async (context) => {
      const row = await requireTrade(dependencies, callerOf(context).userId, context.req.valid('param').id);
      const { limit, cursor } = context.req.valid('query');
      const page = { limit, ...(cursor === undefined ? {} : { after: BigInt(cursor) }) };
      const { items, hasMore } = await tradeEvents(dependencies.prisma, row.id as TradeId, page);
      const last = items.at(-1);
      return context.json(
        { items: items.map(toEvent), ...(hasMore && last ? { nextCursor: String(last.id) } : {}) },
        200,
      );
    },
  );
}

function filterOf({
  idPrefix,
  status,
  symbol,
  broker,
  strategy,
}: Omit<z.output<typeof listQuery>, 'limit' | 'cursor'>): TradeFilter {
  return {
    ...(idPrefix === undefined ? {} : { idPrefix }),
    ...(status === undefined ? {} : { status }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(broker === undefined ? {} : { broker }),
    ...(strategy === undefined ? {} : { strategy }),
  };
}

function cursorAfter({ id, createdAt }: TradeView): string {
  return tradeCursorText({ id, createdAt: new Date(createdAt) });
}

function tradeCursorText({ createdAt, id }: TradeCursor): string {
  return `${createdAt.getTime()}.${id}`;
}

function parseTradeCursor(text: string): TradeCursor {
  const [time = '', id = ''] = text.split('.');
  return { createdAt: new Date(Number(time)), id: id as TradeId };
}

/** An entry of the journal as JSON. */
export function toEvent({ id, tradeId, at, kind, data }: StoredEvent) {
  return { id: String(id), tradeId, at: new Date(at).toISOString(), kind, data };
}
