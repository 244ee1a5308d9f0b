import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ODDITY_CODES } from '../../domain/trade/oddities.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { decimalText, instantText } from '../http/fields.js';
import { answer, body, bodyProblems, notFoundProblem, readProblems, securedWithBody } from '../http/openapi.js';
import { previewTrade } from './preview.js';
import { tradeBody, tradeExample } from './trade-body.js';
import { reason } from './trade-json.js';

const limit = z.strictObject({
  name: z.enum(['perTrade', 'daily', 'concentration']),
  limit: decimalText,
  before: decimalText.openapi({ description: 'Used without this trade' }),
  after: decimalText.openapi({ description: 'Used with it' }),
});

const preview = z
  .strictObject({
    account: z.string(),
    symbol: z.string(),
    side: z.enum(['buy', 'sell_short']),
    quantity: decimalText.openapi({ description: 'As asked for, or the most that its size allows' }),
    limitPrice: decimalText.nullable(),
    price: decimalText.nullable().openapi({ description: 'At which it is expected to enter; null without a quote' }),
    notional: decimalText.nullable(),
    stopPrice: decimalText.nullable(),
    takeProfitPrice: decimalText.nullable(),
    lossAtStop: decimalText
      .nullable()
      .openapi({ description: 'If the stop fills at its price; it may fill at a worse one' }),
    limits: z.array(limit),
    buyingPowerAfter: decimalText.nullable(),
    oddities: z.array(z.strictObject({ code: z.enum(ODDITY_CODES), message: z.string() })),
    warnings: z.array(reason),
    // Why the risk check would refuse it now; a description here would make two schemas of it.
    refusal: reason.nullable(),
    session: z.enum(['regular', 'pre', 'post', 'closed']),
    halted: z.boolean(),
    opensAt: instantText.nullable().openapi({ description: 'When a closed market opens' }),
    exitsBy: instantText.nullable(),
  })
  .openapi('TradePreview');

export function previewRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/trade-previews',
      tags: ['Trades'],
      summary: 'Show what a trade would be; nothing is recorded, reserved or sent',
      description: 'Takes the body of POST /trades. What it shows holds now; the start is checked anew.',
      ...securedWithBody('trade'),
      request: { body: body(tradeBody, tradeExample) },
      responses: {
        200: answer('The trade as it would be', preview),
        ...readProblems,
        ...notFoundProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const { userId } = callerOf(context);
      return context.json(await previewTrade(dependencies, userId, context.req.valid('json')), 200);
    },
  );
  return routes;
}
