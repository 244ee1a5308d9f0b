/** The JSON of answers, for the OpenAPI document and for the types of handlers. */
import { z } from '@hono/zod-openapi';

const decimalText = z.string().meta({ pattern: '^-?\\d+(\\.\\d+)?$', example: '150.25' });
const instantText = z.iso.datetime();

export const reason = z
  .object({
    code: z.string(),
    message: z.string(),
    limit: z.string().optional(),
    value: z.string().optional(),
    attempted: z.string().optional(),
  })
  .openapi('Reason');

export const trade = z
  .object({
    id: z.uuid(),
    workflowId: z.string(),
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
    broker: z.string(),
    account: z.string(),
    symbol: z.string(),
    assetClass: z.enum(['equity', 'option', 'crypto']),
    side: z.enum(['buy', 'sell_short']),
    orderType: z.enum(['market', 'limit']),
    limitPrice: decimalText.nullable(),
    timeInForce: z.enum(['day', 'gtc']),
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
    realizedPnl: decimalText,
    unrealizedPnl: decimalText.nullable(),
    fees: decimalText,
    unprotectedSeconds: decimalText,
    strategy: z.string().nullable(),
    note: z.string().nullable(),
    createdAt: instantText,
    openedAt: instantText.nullable(),
    closedAt: instantText.nullable(),
  })
  .openapi('Trade');

export const event = z
  .object({
    id: z.string(),
    tradeId: z.uuid(),
    at: instantText,
    kind: z.string(),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .openapi('TradeEvent');

export const quote = z
  .object({
    symbol: z.string(),
    bid: decimalText.nullable(),
    ask: decimalText.nullable(),
    last: decimalText.nullable(),
    asOf: instantText,
  })
  .openapi('Quote');

export const limits = z
  .object({
    perTrade: decimalText,
    daily: decimalText,
    concentrationPercent: decimalText,
    dailyLoss: decimalText.nullable(),
  })
  .openapi('RiskLimits');

export const empty = z.object({});

export const brokerView = z
  .object({
    broker: z.string(),
    state: z.enum(['active', 'refreshing', 'reauth_required', 'error', 'disconnected']),
    accounts: z.array(z.object({ id: z.string(), label: z.string() })),
    connectBy: z.array(z.enum(['login', 'keys'])),
    loginDueAt: instantText.optional().openapi({ description: 'When a person must log in again' }),
    code: z.string().optional().openapi({ description: "Why it is not active, in the provider's word" }),
  })
  .openapi('Broker');
