import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { TradeId } from '../../domain/ids.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { once, optionalClaimOf, optionalKey } from '../http/idempotency.js';
import {
  answer,
  body,
  bodyProblems,
  brokerProblem,
  conflictProblem,
  idParameter,
  notFoundProblem,
  readProblems,
  secured,
  securedWithBody,
  validationProblem,
} from '../http/openapi.js';
import { originOf } from '../http/request-context.js';
import { tradeChangeBody } from './trade-change.js';
import { changeTrade, commandTrade } from './trade-commands.js';
import { trade } from './trade-json.js';

const tags = ['Trades'];

export function tradeCommandRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addChange(routes, dependencies);
  addCommand(
    routes,
    dependencies,
    'cancel',
    'Cancel the entry; onCancel decides what happens to what is already filled',
  );
  addCommand(routes, dependencies, 'close', 'Close the trade: cancel its working orders and exit the position');
  return routes;
}

function addChange(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'patch',
      path: '/trades/{id}',
      tags,
      summary: 'Change the price or quantity of the working entry, or the stop or target',
      description: 'Answers once the trade has accepted or refused the change.',
      ...securedWithBody('trade'),
      request: { params: idParameter, headers: optionalKey, body: body(tradeChangeBody) },
      responses: {
        200: answer('The trade with its change', trade),
        ...readProblems,
        ...notFoundProblem,
        ...conflictProblem,
        ...bodyProblems,
        ...brokerProblem,
      },
    }),
    async (context) => {
      const { userId } = callerOf(context);
      const change = context.req.valid('json');
      const key = context.req.valid('header')['idempotency-key'];
      const { id } = context.req.valid('param');
      const changed = await once(context, dependencies.prisma, {
        claim: optionalClaimOf(context, userId, key, change),
        tradeId: id as TradeId,
        status: 200,
        work: () => changeTrade(dependencies, userId, id, change, key),
      });
      return context.json(changed, 200);
    },
  );
}

function addCommand(routes: Routes, dependencies: ApiDependencies, command: 'cancel' | 'close', summary: string): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: `/trades/{id}/${command}` as const,
      tags,
      summary,
      description: 'Answers as soon as the trade has taken the command. Repeats have no further effect.',
      ...secured('trade'),
      request: { params: idParameter, headers: optionalKey },
      responses: {
        202: answer('The trade, which is now closing or cancelling', trade),
        ...readProblems,
        ...notFoundProblem,
        ...conflictProblem,
        ...validationProblem,
      },
    }),
    async (context) => {
      const { userId } = callerOf(context);
      const key = context.req.valid('header')['idempotency-key'];
      const { id } = context.req.valid('param');
      const view = await once(context, dependencies.prisma, {
        claim: optionalClaimOf(context, userId, key, {}),
        tradeId: id as TradeId,
        status: 202,
        work: () => commandTrade(dependencies, userId, id, command, originOf(context)),
      });
      return context.json(view, 202);
    },
  );
}
