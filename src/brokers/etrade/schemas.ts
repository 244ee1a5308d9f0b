/** What is read of E*TRADE's answers (its accounts, order and market APIs, v1). Numbers come as the text they were sent as. */
import { z } from 'zod';
import { amount } from '../../wire/json.js';

/** A list of one may come as the one. */
function list<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(schema));
}

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

const product = z.object({
  symbol: z.string(),
  securityType: z.string(),
  callPut: z.string().optional(),
  expiryYear: z.string().optional(),
  expiryMonth: z.string().optional(),
  expiryDay: z.string().optional(),
  strikePrice: amount.optional(),
  productId: z.object({ symbol: z.string() }).optional(),
});
export type Product = z.infer<typeof product>;

export const errorDocument = z.object({
  Error: z.object({ code: z.string().optional(), message: z.string().default('') }),
});

export const accountList = z.object({
  AccountListResponse: z.object({
    Accounts: z.object({
      Account: list(
        z.object({
          accountId: z.string(),
          accountIdKey: z.string().min(1),
          accountName: z.string().optional(),
          accountDesc: z.string().optional(),
          accountStatus: z.enum(['ACTIVE', 'CLOSED']),
        }),
      ),
    }),
  }),
});

export const balance = z.object({
  BalanceResponse: z.object({
    accountMode: z.enum(['CASH', 'MARGIN']),
    Computed: z.object({
      cashBalance: amount,
      cashBuyingPower: amount,
      marginBuyingPower: amount,
      RealTimeValues: z.object({ totalAccountValue: amount }),
    }),
  }),
});

const position = z.object({
  Product: product,
  quantity: amount,
  positionType: z.enum(['LONG', 'SHORT']),
  pricePaid: amount,
});
export type ListedPosition = z.infer<typeof position>;

export const portfolio = z.object({
  PortfolioResponse: z.object({
    AccountPortfolio: list(z.object({ totalPages: wholeNumber.default(1), Position: list(position).optional() })),
  }),
});

export const previewed = z.object({
  PreviewOrderResponse: z.object({ PreviewIds: single(z.object({ previewId: id })) }),
});

export const placed = z.object({
  PlaceOrderResponse: z.object({ placedTime: wholeNumber.optional(), OrderIds: single(z.object({ orderId: id })) }),
});

export const cancelTaken = z.object({ CancelOrderResponse: z.object({ orderId: id }) });

/** An order of a list, of whatever kind: other programs' orders must not make the list unreadable. */
const anyOrder = z.looseObject({ orderId: id, orderType: z.string() });
export type ListedOrder = z.infer<typeof anyOrder>;

export const orderList = z.object({
  OrdersResponse: z.object({ marker: z.string().optional(), Order: list(anyOrder) }),
});

const instrument = z.object({
  Product: product,
  orderAction: z.string(),
  orderedQuantity: amount,
  filledQuantity: amount,
  averageExecutionPrice: amount.optional(),
});

const orderDetail = z.object({
  placedTime: wholeNumber,
  executedTime: wholeNumber.optional(),
  status: z.string(),
  orderTerm: z.string(),
  priceType: z.string(),
  marketSession: z.string(),
  limitPrice: amount.optional(),
  stopPrice: amount.optional(),
  Instrument: single(instrument),
});

/** An order of one leg. Its values are read in `order-enums.ts`: only there are they known or unknown. */
export const oneLegOrder = z.object({
  orderId: id,
  orderType: z.enum(['EQ', 'OPTN']),
  OrderDetail: single(orderDetail),
});
export type OneLegOrder = z.infer<typeof oneLegOrder>;

const prices = z.object({
  bid: amount.optional(),
  ask: amount.optional(),
  bidSize: amount.optional(),
  askSize: amount.optional(),
});

export const quoteList = z.object({
  QuoteResponse: z.object({
    QuoteData: list(
      z.object({
        /** seconds */
        dateTimeUTC: wholeNumber,
        quoteStatus: z.enum(['REALTIME', 'DELAYED', 'CLOSING', 'EH_REALTIME', 'EH_BEFORE_OPEN', 'EH_CLOSED']),
        All: prices.extend({
          lastTrade: amount.optional(),
          ExtendedHourQuoteDetail: prices
            .extend({ lastPrice: amount.optional(), quoteStatus: z.string().optional() })
            .optional(),
        }),
        Product: product,
      }),
    ).optional(),
  }),
});
