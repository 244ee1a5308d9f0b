/** The JSON of answers, for the OpenAPI document and for the types of handlers. */
import { z } from '@hono/zod-openapi';
import type { tradeBody } from '../../auth/trade-input.js';

export const decimalText = z.string().meta({ pattern: '^-?\\d+(\\.\\d+)?$', example: '150.25' });
export const instantText = z.iso.datetime();
/** Ids of what is numbered. */
export const numberText = z.string().meta({ pattern: '^\\d{1,19}$', example: '1042' });
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
  .strictObject({
    id: numberText,
    tradeId: z.uuid(),
    at: instantText,
    kind: z.string(),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .openapi('TradeEvent');

export const quote = z
  .strictObject({
    symbol: z.string(),
    bid: decimalText.nullable(),
    ask: decimalText.nullable(),
    last: decimalText.nullable(),
    asOf: instantText,
  })
  .openapi('Quote');

export const limits = z
  .strictObject({
    perTrade: decimalText,
    daily: decimalText,
    concentrationPercent: decimalText,
    dailyLoss: decimalText.nullable(),
  })
  .openapi('RiskLimits');

export const empty = z.strictObject({});

export const brokerView = z
  .strictObject({
    broker: z.string(),
    state: z.enum(['active', 'refreshing', 'reauth_required', 'error', 'disconnected']),
    accounts: z.array(z.strictObject({ id: z.string(), label: z.string() })),
    connectBy: z.array(z.enum(['login', 'keys'])),
    loginDueAt: instantText.optional().openapi({ description: 'When a person must log in again' }),
    code: z.string().optional().openapi({ description: "Why it is not active, in the provider's word" }),
  })
  .openapi('Broker');

/** A body of POST /trades whose market never closes. */
export const tradeExample: z.input<typeof tradeBody> = {
  broker: 'paper',
  symbol: 'BTC-USD',
  assetClass: 'crypto',
  side: 'buy',
  quantity: '0.001',
  orderType: 'market',
  timeInForce: 'gtc',
  stopLoss: { percent: '5' },
};
