/**
 * The body of a preview or a placement (docs/brokers/etrade.md, sections 5.2 and 5.3), from XML or JSON. Unknown elements
 * are ignored inside `Order`, as working clients send them, and refused around it.
 */
import { z } from 'zod';
import { Decimal, type DecimalString } from '../../domain/decimal.js';
import { assetClassOf } from '../../domain/instrument.js';
import { optionSymbol } from './symbols.js';

const ORDER_ACTIONS = [
  'BUY',
  'SELL',
  'SELL_SHORT',
  'BUY_TO_COVER',
  'BUY_OPEN',
  'SELL_CLOSE',
  'SELL_OPEN',
  'BUY_CLOSE',
] as const;

const PRICE_TYPES = [
  'MARKET',
  'LIMIT',
  'STOP',
  'STOP_LIMIT',
  'TRAILING_STOP_CNST',
  'TRAILING_STOP_PRCT',
  'MARKET_ON_OPEN',
  'MARKET_ON_CLOSE',
  'LIMIT_ON_OPEN',
  'LIMIT_ON_CLOSE',
] as const;

const ORDER_TERMS = [
  'GOOD_FOR_DAY',
  'GOOD_UNTIL_CANCEL',
  'GOOD_TILL_DATE',
  'IMMEDIATE_OR_CANCEL',
  'FILL_OR_KILL',
] as const;

export type OrderAction = (typeof ORDER_ACTIONS)[number];
export type PriceType = (typeof PRICE_TYPES)[number];
type OrderTerm = (typeof ORDER_TERMS)[number];

/** An order in E*TRADE's form. Only its form has been checked. */
export interface EtradeOrder {
  orderType: 'EQ' | 'OPTN';
  /** in Arbion's own form; undefined when the fields name nothing that trades */
  symbol: string | undefined;
  orderAction: OrderAction;
  quantity: DecimalString;
  priceType: PriceType;
  orderTerm: OrderTerm;
  marketSession: 'REGULAR' | 'EXTENDED';
  allOrNone: boolean;
  limitPrice?: DecimalString;
  stopPrice?: DecimalString;
}

export interface OrderBody {
  clientOrderId: string;
  previewId: string | undefined;
  order: EtradeOrder;
}

const text = z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value).trim());
const word = <const Words extends readonly string[]>(words: Words) => text.pipe(z.enum(words));
const flag = text.transform((value) => value.toLowerCase()).pipe(z.enum(['true', 'false']));

const amount = text.transform((value, context) => {
  const parsed = Decimal.tryParse(value);
  if (parsed) return parsed;
  context.addIssue({ code: 'custom', message: `${value} is not a number` });
  return z.NEVER;
});

/** Clients leave an unused price out, or send it empty or zero. */
const price = z
  .union([z.literal('').transform(() => undefined), amount])
  .transform((value) => (value?.isZero() ? undefined : value))
  .optional();

/** Where JSON has a list of one, XML has a single element. */
function single<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.tuple([schema]).transform(([only]) => only)]);
}

const product = z.object({
  securityType: word(['EQ', 'OPTN']),
  symbol: text.transform((value) => value.toUpperCase()),
  callPut: text.default(''),
  expiryYear: text.default(''),
  expiryMonth: text.default(''),
  expiryDay: text.default(''),
  strikePrice: text.default(''),
});

const order = z.object({
  allOrNone: flag.default('false'),
  priceType: word(PRICE_TYPES),
  orderTerm: word(ORDER_TERMS),
  marketSession: word(['REGULAR', 'EXTENDED']),
  stopPrice: price,
  limitPrice: price,
  Instrument: single(
    z.object({
      Product: product,
      orderAction: word(ORDER_ACTIONS),
      quantityType: word(['QUANTITY']).default('QUANTITY'),
      quantity: amount,
    }),
  ),
});

const body = z.strictObject({
  orderType: word(['EQ', 'OPTN']),
  clientOrderId: text.pipe(z.string().regex(/^[A-Za-z0-9]{1,20}$/, 'is not up to 20 letters and digits')),
  PreviewIds: single(z.object({ previewId: text })).optional(),
  Order: single(order),
});

export type OrderRoot = 'PreviewOrderRequest' | 'PlaceOrderRequest';

/** The order in a document with this root, or a one-line description of what is wrong. */
export function readOrderBody(document: unknown, root: OrderRoot): OrderBody | { problem: string } {
  const parsed = z.strictObject({ [root]: body }).safeParse(document);
  const content = parsed.data?.[root];
  if (content === undefined) return { problem: problemOf(parsed.error) };
  const { orderType, clientOrderId, PreviewIds } = content;
  if (content.Order.Instrument.Product.securityType !== orderType) return { problem: 'orderType: is not the product' };
  return { clientOrderId, previewId: PreviewIds?.previewId, order: orderOf(orderType, content.Order) };
}

function orderOf(orderType: 'EQ' | 'OPTN', fields: z.infer<typeof order>): EtradeOrder {
  const { Instrument: instrument, priceType, orderTerm, marketSession, limitPrice, stopPrice } = fields;
  return {
    ...{ orderType, priceType, orderTerm, marketSession },
    symbol: symbolOf(instrument.Product),
    orderAction: instrument.orderAction,
    quantity: instrument.quantity.toString(),
    allOrNone: fields.allOrNone === 'true',
    ...(limitPrice && { limitPrice: limitPrice.toString() }),
    ...(stopPrice && { stopPrice: stopPrice.toString() }),
  };
}

function symbolOf(fields: z.infer<typeof product>): string | undefined {
  if (fields.securityType === 'OPTN') return optionSymbol(fields);
  return assetClassOf(fields.symbol) === 'equity' ? fields.symbol : undefined;
}

function problemOf(error: z.ZodError | undefined): string {
  const issue = error?.issues[0];
  return issue ? `${issue.path.join('.')}: ${issue.message}` : 'no order';
}
