import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { paperAccountId } from '../../domain/ids.js';
import { brokersOf } from '../connections.js';
import type { ApiDependencies, Routes } from '../context.js';
import { callerOf } from '../middleware/access.js';
import { answer, readProblems, secured } from '../openapi.js';
import { brokerView } from '../schemas.js';

const tags = ['Brokers'];

const ledgerEvent = z.object({
  at: z.iso.datetime(),
  kind: z.string(),
  quantity: z.string().nullable().optional(),
  price: z.string().nullable().optional(),
  executionId: z.string().nullable().optional(),
});
const ledger = z
  .object({
    orders: z.array(
      z.object({
        broker: z.string(),
        account: z.string(),
        orderId: z.string(),
        clientOrderId: z.string(),
        symbol: z.string(),
        side: z.string(),
        type: z.string(),
        quantity: z.string(),
        limitPrice: z.string().optional(),
        stopPrice: z.string().optional(),
        timeInForce: z.string(),
        status: z.string(),
        filledQuantity: z.string(),
        events: z.array(ledgerEvent),
      }),
    ),
    positions: z.array(
      z.object({
        broker: z.string(),
        account: z.string(),
        symbol: z.string(),
        quantity: z.string(),
        averagePrice: z.string(),
      }),
    ),
  })
  .openapi('Ledger');

export function brokerRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/brokers',
      tags,
      summary: 'The brokers that are set up here, and how you are connected to them',
      ...secured('read'),
      responses: { 200: answer('The brokers', z.object({ items: z.array(brokerView) })), ...readProblems },
    }),
    async (context) => context.json({ items: await brokersOf(dependencies, callerOf(context).userId) }, 200),
  );

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/brokers/paper/ledger',
      tags,
      summary: "The paper broker's own books of the account: every order, fill and cancel as it saw them",
      ...secured('read'),
      responses: { 200: answer('The ledger', ledger), ...readProblems },
    }),
    async (context) => context.json(await dependencies.paperLedger(paperAccountId(callerOf(context).userId)), 200),
  );

  return routes;
}
