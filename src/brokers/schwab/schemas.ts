/**
 * The parts of Schwab's answers that are read (Trader API, "Accounts and Trading" and "Market Data"). Numbers arrive as
 * the text they were sent as. Fields that are not named here pass unread.
 */
import { z } from 'zod';
import { amount } from '../../wire/json.js';

/** `2026-03-03T14:31:07+0000`: the offset has no colon, which a strict parser wants. */
export const schwabTime = z.string().transform((text, context): number => {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})$/;
  const at = form.test(text) ? Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: 'custom', message: 'is no time' });
  return z.NEVER;
});

/** Epoch milliseconds, as market data writes times. */
export const epochMs = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const id = z.string().min(1);

const executionLeg = z.object({ legId: id.optional(), quantity: amount, price: amount, time: schwabTime });

const activity = z.object({
  activityType: z.string(),
  activityId: id.optional(),
  executionType: z.string().optional(),
  executionLegs: z.array(executionLeg).default([]),
});

const leg = z.object({
  instruction: z.string(),
  quantity: amount,
  instrument: z.object({ symbol: z.string() }),
});

/** An order of one leg, as Arbion sends them. */
export const singleOrder = z.object({
  orderId: id,
  status: z.string(),
  statusDescription: z.string().optional(),
  session: z.string(),
  duration: z.string(),
  orderType: z.string(),
  quantity: amount,
  filledQuantity: amount,
  price: amount.optional(),
  stopPrice: amount.optional(),
  stopPriceLinkType: z.string().optional(),
  stopPriceOffset: amount.optional(),
  enteredTime: schwabTime,
  orderLegCollection: z.tuple([leg]),
  orderActivityCollection: z.array(activity).default([]),
});
export type SingleOrder = z.infer<typeof singleOrder>;

/** Anything that a list of orders may show: spreads and containers of other orders too, entered by a person. */
export const listedOrder = z.looseObject({
  orderType: z.string().optional(),
  duration: z.string().optional(),
  orderLegCollection: z
    .array(
      z.looseObject({
        instruction: z.string().optional(),
        instrument: z.looseObject({ symbol: z.string().optional() }).optional(),
      }),
    )
    .default([]),
  get childOrderStrategies() {
    return z.array(listedOrder).optional();
  },
});
export type ListedOrder = z.infer<typeof listedOrder>;

const accountNumber = z.object({ accountNumber: z.string(), hashValue: id });
export type AccountNumber = z.infer<typeof accountNumber>;
export const accountNumbers = z.array(accountNumber);

const position = z.object({
  longQuantity: amount,
  shortQuantity: amount,
  averagePrice: amount,
  instrument: z.object({ symbol: z.string() }),
});

/** A margin account and a cash account show their money in different fields. */
const securitiesAccount = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('MARGIN'),
    positions: z.array(position).default([]),
    currentBalances: z.object({ equity: amount, cashBalance: amount, buyingPower: amount }),
  }),
  z.object({
    type: z.literal('CASH'),
    positions: z.array(position).default([]),
    currentBalances: z.object({ totalCash: amount, cashAvailableForTrading: amount }),
  }),
]);

export const accountAnswer = z.object({
  securitiesAccount,
  aggregatedBalance: z.object({ liquidationValue: amount }),
});
export type AccountAnswer = z.infer<typeof accountAnswer>;

/** By symbol. An entry without `assetMainType` lists symbols that are not known. */
export const quotesAnswer = z.record(
  z.string(),
  z.object({
    assetMainType: z.string().optional(),
    quote: z
      .object({
        bidPrice: amount.optional(),
        askPrice: amount.optional(),
        lastPrice: amount.optional(),
        quoteTime: epochMs.optional(),
        securityStatus: z.string().optional(),
      })
      .optional(),
  }),
);
export type QuotesAnswer = z.infer<typeof quotesAnswer>;

export const priceHistory = z.object({
  candles: z.array(
    z.object({ open: amount, high: amount, low: amount, close: amount, volume: amount, datetime: epochMs }),
  ),
});

/** `/userPreference`, as far as it says how to reach the stream. */
export const userPreference = z.object({
  streamerInfo: z.array(
    z.object({
      streamerSocketUrl: z.url({ protocol: /^wss?$/ }),
      schwabClientCustomerId: id,
      schwabClientCorrelId: id,
      schwabClientChannel: id,
      schwabClientFunctionId: id,
    }),
  ),
});
export type StreamerInfo = z.infer<typeof userPreference>['streamerInfo'][number];

/** Both forms of an error body: the trader's, and that of market data and the gateway. */
export const errorBody = z.object({
  message: z.string().optional(),
  errors: z
    .array(z.union([z.string(), z.object({ title: z.string().optional(), detail: z.string().optional() })]))
    .optional(),
});
