import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ValidationFailed } from '../../domain/errors.js';
import { tradeWorkflowId } from '../../domain/ids.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import {
  answer,
  body,
  bodyProblems,
  conflictProblem,
  notFoundProblem,
  readProblems,
  securedWithBody,
} from '../http/openapi.js';
import { issueTicket } from './accept-trade.js';
import { prepareTrade } from './prepare-trade.js';
import { tradeBody, tradeExample } from './trade-body.js';
import { workflowIdText } from './trade-json.js';

const hex256 = z.string().regex(/^[0-9a-f]{64}$/);
const ticket = z.strictObject({
  tradeId: z.uuid(),
  userId: z.uuid(),
  scope: z.literal('trade'),
  inputHash: hex256,
  issuedAt: z.int(),
  expiresAt: z.int(),
  signature: hex256,
});
const ticketAnswer = z
  .strictObject({ tradeId: z.uuid(), workflowId: workflowIdText, ticket, expiresAt: z.iso.datetime() })
  .openapi('StartTicket');

export function startTicketRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/start-tickets',
      tags: ['Trades'],
      summary: 'Get a ticket to start a trade from a Temporal client',
      description:
        'Takes the body of POST /trades. Within five minutes, any Temporal client can then start the workflow "trade" on ' +
        'task queue "trades" with the returned workflow id and the input {trade, ticket}, where trade is that body. ' +
        'Except at the paper broker, the body must name the account.',
      ...securedWithBody('trade'),
      request: { body: body(tradeBody, tradeExample) },
      responses: {
        201: answer('A ticket for one start of a trade', ticketAnswer),
        ...readProblems,
        ...notFoundProblem,
        ...conflictProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const { userId } = callerOf(context);
      const body = context.req.valid('json');
      if (body.broker !== 'paper' && body.account === undefined) {
        throw new ValidationFailed([{ field: 'account', message: 'is required for a start from a Temporal client' }]);
      }
      if (body.quantity === undefined) {
        throw new ValidationFailed([{ field: 'quantity', message: 'is required for a start from a Temporal client' }]);
      }
      const request = await prepareTrade(dependencies, userId, body);
      const ticket = issueTicket(dependencies, userId, request);
      const { tradeId } = ticket;
      const expiresAt = new Date(ticket.expiresAt).toISOString();
      return context.json({ tradeId, workflowId: tradeWorkflowId(tradeId), ticket, expiresAt }, 201);
    },
  );

  return routes;
}
