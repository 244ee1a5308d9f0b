/** A trade and its journal as JSON, for the OpenAPI document and for the types of handlers. */
import { z } from '@hono/zod-openapi';
import { decimalText, instantText, numberText } from '../http/fields.js';

export const workflowIdText = z.string().meta({ pattern: '^trade-[0-9a-f-]{36}$' });

export const reason = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    limit: z.string().optional(),
    value: z.string().optional(),
    attempted: z.string().optional(),
  })
  .openapi('Reason');

export const trade = z
  .strictObject({
    id: z.uuid(),
    workflowId: workflowIdText,
    status: z.enum([
      'pending',
      'submitted',
      'partially_filled',
      'open',
      'closing',
      'needs_attention',
      'closed',
      'cancelled',
      'rejected',
      'expired',
    ]),
    reason: reason.nullable(),
    warnings: z.array(reason).openapi({ description: 'What you should know of this trade, and what did not stop it' }),
    broker: z.string(),
    account: z.string(),
    symbol: z.string(),
    assetClass: z.enum(['equity', 'option', 'crypto']),
    side: z.enum(['buy', 'sell_short']),
    orderType: z.enum(['market', 'limit']),
    limitPrice: decimalText.nullable(),
    timeInForce: z.enum(['day', 'gtc']),
    session: z.enum(['regular', 'extended']).openapi({ description: 'In which the entry may fill' }),
    quantity: decimalText,
    filledQuantity: decimalText,
    remainingQuantity: decimalText,
    openQuantity: decimalText,
    averageFillPrice: decimalText.nullable(),
    stopPrice: decimalText.nullable(),
    stopOrderId: z.string().nullable(),
    stopKind: z.enum(['broker', 'emulated']).nullable(),
    takeProfitPrice: decimalText.nullable(),
    entryOrderId: z.string().nullable(),
    exitOrderId: z.string().nullable(),
    exitPrice: decimalText.nullable(),
    exitReason: z
      .enum([
        'stop',
        'target',
        'trailing',
        'time',
        'manual',
        'cancel',
        'risk',
        'kill_switch',
        'unprotected',
        'liquidated',
        'expired',
        'assigned',
        'external',
      ])
      .nullable(),
    realizedPnl: decimalText.openapi({ description: 'Fees not deducted' }),
    unrealizedPnl: decimalText.nullable(),
    fees: decimalText,
    result: decimalText.openapi({ description: 'Realised, with all fees deducted' }),
    unprotectedSeconds: decimalText,
    exitAt: instantText.nullable().openapi({ description: 'The time at which you want to be out' }),
    exitsBy: instantText.nullable().openapi({
      description:
        'When the clock closes the trade: exitAt, moved to the last minute of the session before it if the market is closed ' +
        'then; or half an hour before an option stops trading, if that is earlier',
    }),
    marketSession: z
      .enum(['regular', 'pre', 'post', 'closed'])
      .nullable()
      .openapi({ description: 'Of the market now; null when its time is unknown. Crypto is always regular' }),
    waitsUntil: instantText.nullable().openapi({
      description: 'When the entry, or the order that closes the trade, may fill at the earliest; null when it may now',
    }),
    stopActiveFrom: instantText.nullable().openapi({
      description: 'From when the stop can be triggered; null when it can now, or nothing is held',
    }),
    strategy: z.string().nullable(),
    note: z.string().nullable(),
    createdAt: instantText,
    openedAt: instantText.nullable(),
    closedAt: instantText.nullable(),
  })
  .openapi('Trade');

export const event = z
  .strictObject({
    id: numberText,
    tradeId: z.uuid(),
    at: instantText,
    kind: z.string(),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .openapi('TradeEvent');
