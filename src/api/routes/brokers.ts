import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { paperAccountId } from '../../domain/ids.js';
import type { ApiDependencies, Routes } from '../context.js';
import { callerOf } from '../middleware/access.js';
import { answer, readProblems, secured } from '../openapi.js';

const tags = ['Brokers'];

const broker = z
  .object({
    broker: z.string(),
    status: z.enum(['connected', 'not_connected']),
    account: z.string().nullable(),
    assetClasses: z.array(z.enum(['equity', 'option', 'crypto'])),
  })
  .openapi('Broker');

const OFFERED = [
  { broker: 'paper', assetClasses: ['equity', 'option', 'crypto'] },
  { broker: 'schwab', assetClasses: ['equity', 'option'] },
  { broker: 'coinbase', assetClasses: ['crypto'] },
  { broker: 'etrade', assetClasses: ['equity', 'option'] },
  { broker: 'alpaca', assetClasses: ['equity', 'option', 'crypto'] },
] satisfies Pick<z.output<typeof broker>, 'broker' | 'assetClasses'>[];

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

export function brokerRoutes({ brokers, paperLedger }: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/brokers',
      tags,
      summary: 'The brokers, and which are connected',
      ...secured('read'),
      responses: { 200: answer('The brokers', z.object({ items: z.array(broker) })), ...readProblems },
    }),
    (context) => {
      const account = paperAccountId(callerOf(context).userId);
      const items = OFFERED.map((offered) =>
        brokers.has(offered.broker)
          ? { ...offered, status: 'connected' as const, account }
          : { ...offered, status: 'not_connected' as const, account: null },
      );
      return context.json({ items }, 200);
    },
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
    async (context) => context.json(await paperLedger(paperAccountId(callerOf(context).userId)), 200),
  );

  return routes;
}
