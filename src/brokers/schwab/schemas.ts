/**
 * The parts of Schwab's answers that are read (Trader API, "Accounts and Trading" and "Market Data"). Numbers arrive as
 * the text they were sent as, and what was sent as null is absent. Fields that are not named here pass unread.
 */
import { z } from 'zod';
import { decimal } from '../../domain/decimal.js';
import { amount, shownCount } from '../../wire/json.js';
import { DURATIONS, ORDER_TYPES, SIDES } from './order-enums.js';

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

const executionLeg = z.object({
  legId: id.optional(),
  quantity: amount,
  price: amount.refine((price) => decimal(price).isPositive(), 'is no price of a fill'),
  time: schwabTime,
});
export type Fill = z.infer<typeof executionLeg>;

export const fillActivity = z.object({ activityId: id.optional(), executionLegs: z.array(executionLeg) });

/** Text that may be missing, or be anything else in a row of another kind. */
const text = z.string().optional().catch(undefined);

/** Whether an activity is a fill; of any other, nothing is read. */
export const shownActivity = z.object({ executionType: text }).catch({});

/** One of the values that are known. */
const oneOf = (values: Readonly<Record<string, unknown>>) =>
  z.string().refine((value) => Object.hasOwn(values, value), 'is not known');

const leg = z.object({
  instruction: oneOf(SIDES),
  quantity: amount,
  instrument: z.object({ symbol: z.string() }),
});

/** An order of one leg, as Arbion sends them. */
export const singleOrder = z
  .object({
    orderId: id,
    status: z.string(),
    statusDescription: z.string().optional(),
    session: z.string(),
    duration: oneOf(DURATIONS),
    orderType: oneOf(ORDER_TYPES),
    quantity: amount,
    filledQuantity: amount,
    price: amount.optional(),
    stopPrice: amount.optional(),
    stopPriceOffset: amount.optional(),
    enteredTime: schwabTime,
    orderLegCollection: z.tuple([leg]),
    orderActivityCollection: z.array(z.unknown()).default([]),
  })
  .refine(({ orderType, price }) => price !== undefined || !orderType.endsWith('LIMIT'), 'it has no limit')
  .refine(
    ({ orderType, stopPrice }) => stopPrice !== undefined || !orderType.startsWith('STOP'),
    'it has no stop price',
  );
export type SingleOrder = z.infer<typeof singleOrder>;

const shownLeg = z
  .object({
    instruction: text,
    quantityType: text,
    instrument: z.object({ symbol: text, assetType: text }).catch({}),
  })
  .catch({ instrument: {} });

/** What a row of a list shows, whatever it is: what has another form than an order of Arbion's counts as absent. */
export const shownOrder = z
  .object({
    ...{ orderId: text, status: text, orderStrategyType: text, orderType: text, duration: text },
    ...{ specialInstruction: text, stopPriceLinkType: text },
    orderLegCollection: z.array(shownLeg).catch([]),
    childOrderStrategies: z.array(z.unknown()).catch([]),
  })
  .catch({ orderLegCollection: [], childOrderStrategies: [] });
export type ShownOrder = z.infer<typeof shownOrder>;

const accountNumber = z.object({ accountNumber: z.string(), hashValue: id });
export type AccountNumber = z.infer<typeof accountNumber>;
export const accountNumbers = z.array(accountNumber);

/** A position that Arbion trades. */
export const position = z.object({
  longQuantity: amount,
  shortQuantity: amount,
  averagePrice: amount.optional(),
  instrument: z.object({ symbol: z.string() }),
});

/** What a position shows of itself, whatever it is. */
export const shownPosition = z
  .object({ instrument: z.object({ symbol: text, assetType: text }).catch({}) })
  .catch({ instrument: {} });

/** `positions` is absent when there are none. */
export const positionsAnswer = z.object({
  securitiesAccount: z.object({ positions: z.array(z.unknown()).default([]) }),
});

/** A margin account and a cash account show their money in different fields. */
const securitiesAccount = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('MARGIN'),
    roundTrips: shownCount,
    isDayTrader: z.literal(true).optional().catch(undefined),
    currentBalances: z.object({ equity: amount, cashBalance: amount, buyingPower: amount }),
  }),
  z.object({
    type: z.literal('CASH'),
    currentBalances: z.object({
      totalCash: amount,
      cashAvailableForTrading: amount,
      unsettledCash: amount.nullish(),
    }),
  }),
]);

export const balancesAnswer = z.object({
  securitiesAccount,
  aggregatedBalance: z.object({ liquidationValue: amount }),
});
export type BalancesAnswer = z.infer<typeof balancesAnswer>;

/** By symbol. Each entry is read on its own: one that is unknown hides no other. */
export const quotesAnswer = z.record(z.string(), z.unknown());
export type QuotesAnswer = z.infer<typeof quotesAnswer>;

/** An entry without `assetMainType` lists symbols that are not known. */
export const quoteEntry = z.object({
  assetMainType: z.string(),
  quote: z.object({
    bidPrice: amount.optional(),
    askPrice: amount.optional(),
    lastPrice: amount.optional(),
    quoteTime: epochMs,
    tradeTime: epochMs.nullish(),
    securityStatus: z.string().optional(),
  }),
});

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
