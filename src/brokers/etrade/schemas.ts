/** What is read of E*TRADE's answers (its accounts, order and market APIs, v1). Numbers come as the text they were sent as. */
import { z } from 'zod';
import { amount } from '../../wire/json.js';

/** A list of one may come as the one. */
function list<Schema extends z.ZodType>(schema: Schema) {
  const asList = (value: unknown) => (Array.isArray(value) || value === undefined || value === null ? value : [value]);
  return z.preprocess(asList, z.array(schema));
}

/** Of anything: each row is read by itself, so that none makes the list unreadable. */
const rows = list(z.unknown());

/** What is shown of a thing before it is read: undefined where it is not there, or has another form. */
const shown = z.string().optional().catch(undefined);

/** The only one of a list. */
function single<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (Array.isArray(value) && value.length === 1 ? value[0] : value), schema);
}

const id = z.string().regex(/^\d+$/);
/** a page, or a time since 1970 */
const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

export const product = z.object({
  symbol: z.string(),
  securityType: z.string(),
  callPut: z.string().nullish(),
  expiryYear: z.string().nullish(),
  expiryMonth: z.string().nullish(),
  expiryDay: z.string().nullish(),
  strikePrice: amount.nullish(),
  productId: z.object({ symbol: z.string().nullish() }).nullish(),
});
export type Product = z.infer<typeof product>;

export const errorDocument = z.object({
  Error: z.object({ code: z.string().optional(), message: z.string().default('') }),
});

// ------------------------------------------------------------------ accounts

export const accountList = z.object({
  AccountListResponse: z.object({ Accounts: z.object({ Account: rows.nullish() }) }),
});

/** Its mode, state and institution are words of a list that grows. */
export const accountRow = z.object({
  accountId: z.string().nullish(),
  accountIdKey: z.string().min(1),
  accountName: z.string().nullish(),
  accountDesc: z.string().nullish(),
  accountStatus: z.string().nullish(),
  accountMode: z.string().nullish(),
  institutionType: z.string().nullish(),
});
export type AccountRow = z.infer<typeof accountRow>;

export const balance = z.object({
  BalanceResponse: z.object({
    accountMode: z.string().nullish(),
    dayTraderStatus: z.string().nullish(),
    Computed: z.object({
      netCash: amount.nullish(),
      cashBalance: amount.nullish(),
      cashBuyingPower: amount.nullish(),
      settledCashForInvestment: amount.nullish(),
      marginBuyingPower: amount.nullish(),
      RealTimeValues: z.object({ totalAccountValue: amount }),
    }),
  }),
});

export const position = z.object({
  Product: product,
  quantity: amount,
  positionType: z.enum(['LONG', 'SHORT']),
  pricePaid: amount.nullish(),
  /** of an option: `AAPL--260618C00210000` */
  osiKey: z.string().nullish(),
});

const shownProduct = z.looseObject({ symbol: shown, securityType: shown });
const noProduct = { symbol: undefined, securityType: undefined };
/** A position before it is read. */
export const shownPosition = z
  .object({ osiKey: shown, Product: shownProduct.catch(noProduct) })
  .catch({ osiKey: undefined, Product: noProduct });

export const portfolio = z.object({
  PortfolioResponse: z.object({
    AccountPortfolio: list(
      z.object({
        totalPages: wholeNumber.nullish(),
        /** the same by the name that the documents have */
        totalNoOfPages: wholeNumber.nullish(),
        Position: rows.nullish(),
      }),
    ),
  }),
});

// ------------------------------------------------------------------ orders

export const previewed = z.object({
  PreviewOrderResponse: z.object({ PreviewIds: single(z.object({ previewId: id })) }),
});

export const placed = z.object({
  PlaceOrderResponse: z.object({ placedTime: wholeNumber.optional(), OrderIds: single(z.object({ orderId: id })) }),
});

export const cancelTaken = z.object({ CancelOrderResponse: z.object({ orderId: id }) });

export const orderList = z.object({ OrdersResponse: z.object({ marker: z.string().nullish(), Order: rows }) });

const noLeg = { orderAction: undefined, quantityType: undefined, Product: undefined };
const shownLeg = z
  .object({ orderAction: shown, quantityType: shown, Product: product.optional().catch(undefined) })
  .catch(noLeg);
const noDetail = { placedTime: undefined, allOrNone: false, Instrument: [] };
const shownDetail = z
  .object({
    placedTime: wholeNumber.optional().catch(undefined),
    // booleans come in any case, and as text
    allOrNone: z
      .unknown()
      .optional()
      .transform((value) => String(value).toLowerCase() === 'true'),
    Instrument: list(shownLeg).catch([]),
  })
  .catch(noDetail);

/** An order of whatever kind, before it is read: enough to say which one it is, and whether it is of our kinds. */
export const shownOrder = z
  .object({ orderId: shown, orderType: shown, OrderDetail: list(shownDetail).catch([]) })
  .catch({ orderId: undefined, orderType: undefined, OrderDetail: [] });
export type ShownOrder = z.infer<typeof shownOrder>;

const instrument = z.object({
  Product: product,
  orderAction: z.string(),
  orderedQuantity: amount,
  filledQuantity: amount,
  averageExecutionPrice: amount.nullish(),
});

const orderDetail = z.object({
  placedTime: wholeNumber,
  executedTime: wholeNumber.nullish(),
  status: z.string(),
  orderTerm: z.string(),
  priceType: z.string(),
  marketSession: z.string(),
  limitPrice: amount.nullish(),
  stopPrice: amount.nullish(),
  Instrument: single(instrument),
});

/** An order of one leg. Its values are read in `order-enums.ts`: only there are they known or unknown. */
export const oneLegOrder = z.object({
  orderId: id,
  orderType: z.enum(['EQ', 'OPTN']),
  OrderDetail: single(orderDetail),
});
export type OneLegOrder = z.infer<typeof oneLegOrder>;

// ------------------------------------------------------------------ quotes

const prices = z.object({
  bid: amount.nullish(),
  ask: amount.nullish(),
  bidSize: amount.nullish(),
  askSize: amount.nullish(),
});

export const quoteList = z.object({ QuoteResponse: z.object({ QuoteData: rows.nullish() }) });

export const quoteRow = z.object({
  /** seconds */
  dateTimeUTC: wholeNumber,
  quoteStatus: z.enum(['REALTIME', 'DELAYED', 'CLOSING', 'EH_REALTIME', 'EH_BEFORE_OPEN', 'EH_CLOSED']),
  All: prices.extend({
    lastTrade: amount.nullish(),
    ExtendedHourQuoteDetail: prices
      .extend({ lastPrice: amount.nullish(), quoteStatus: z.string().nullish() })
      .nullish(),
  }),
  Product: product,
});
