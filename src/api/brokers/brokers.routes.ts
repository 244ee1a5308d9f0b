import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { paperAccountId } from '../../domain/ids.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { decimalText, instantText, numberText } from '../http/fields.js';
import { answer, readProblems, secured } from '../http/openapi.js';
import { brokersOf, brokerView } from './broker-logins.js';

const tags = ['Brokers'];

const ledgerEvent = z.strictObject({
  at: instantText,
  kind: z.string(),
  quantity: decimalText.optional(),
  price: decimalText.optional(),
  executionId: z.string().optional(),
});
const ledger = z
  .strictObject({
    orders: z.array(
      z.strictObject({
        broker: z.literal('paper'),
        account: z.string(),
        orderId: numberText,
        clientOrderId: z.string(),
        symbol: z.string(),
        side: z.string(),
        type: z.string(),
        quantity: decimalText,
        limitPrice: decimalText.optional(),
        stopPrice: decimalText.optional(),
        timeInForce: z.string(),
        status: z.string(),
        filledQuantity: decimalText,
        events: z.array(ledgerEvent),
      }),
    ),
    positions: z.array(
      z.strictObject({
        broker: z.literal('paper'),
        account: z.string(),
        symbol: z.string(),
        quantity: decimalText,
        averagePrice: decimalText,
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
      summary: 'List the brokers that are set up here, and your login at each',
      ...secured('read'),
      responses: { 200: answer('The brokers', z.strictObject({ items: z.array(brokerView) })), ...readProblems },
    }),
    async (context) => context.json({ items: await brokersOf(dependencies, callerOf(context).userId) }, 200),
  );

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/brokers/paper/ledger',
      tags,
      summary: "The paper broker's ledger of your account: every order, fill and cancellation as the broker saw it",
      ...secured('read'),
      responses: { 200: answer('The ledger', ledger), ...readProblems },
    }),
    async (context) => context.json(await dependencies.paperLedger(paperAccountId(callerOf(context).userId)), 200),
  );

  return routes;
}
