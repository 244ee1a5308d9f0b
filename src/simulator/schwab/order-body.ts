/**
 * The body of a placement, a replacement or a preview (docs/brokers/schwab.md, sections 5.2 to 5.5). A field that is not in the
 * contract is refused, above all a client's own id or tag: Schwab has none, and an adapter must not rely on one.
 */
import { z } from 'zod';
import { Decimal, type DecimalString } from '../../domain/decimal.js';

const SESSIONS = ['NORMAL', 'AM', 'PM', 'SEAMLESS'] as const;
const DURATIONS = [
  'DAY',
  'GOOD_TILL_CANCEL',
  'FILL_OR_KILL',
  'IMMEDIATE_OR_CANCEL',
  'END_OF_WEEK',
  'END_OF_MONTH',
  'NEXT_END_OF_MONTH',
] as const;
const ORDER_TYPES = [
  'MARKET',
  'LIMIT',
  'STOP',
  'STOP_LIMIT',
  'TRAILING_STOP',
  'TRAILING_STOP_LIMIT',
  'CABINET',
  'NON_MARKETABLE',
  'MARKET_ON_CLOSE',
  'LIMIT_ON_CLOSE',
  'EXERCISE',
  'NET_DEBIT',
  'NET_CREDIT',
  'NET_ZERO',
] as const;
const INSTRUCTIONS = [
  'BUY',
  'SELL',
  'SELL_SHORT',
  'BUY_TO_COVER',
  'BUY_TO_OPEN',
  'BUY_TO_CLOSE',
  'SELL_TO_OPEN',
  'SELL_TO_CLOSE',
] as const;

export type Duration = (typeof DURATIONS)[number];
export type SchwabOrderType = (typeof ORDER_TYPES)[number];
export type Instruction = (typeof INSTRUCTIONS)[number];

/** A JSON number's shortest text equals what the client wrote, up to 15 digits. */
function positive(value: string | number, context: z.RefinementCtx): DecimalString {
  const parsed = Decimal.tryParse(String(value));
  if (parsed?.isPositive()) return parsed.toString();
  context.addIssue({ code: 'custom', message: `'${value}' is not a valid amount` });
  return z.NEVER;
}

const amount = z.union([z.string(), z.number()]).transform(positive);

const leg = z.strictObject({
  instruction: z.enum(INSTRUCTIONS),
  quantity: z.number().transform(positive),
  instrument: z.strictObject({ symbol: z.string().max(30), assetType: z.enum(['EQUITY', 'OPTION']) }),
  orderLegType: z.enum(['EQUITY', 'OPTION']).optional(),
  legId: z.number().optional(),
  positionEffect: z.enum(['OPENING', 'CLOSING', 'AUTOMATIC']).optional(),
  quantityType: z.enum(['ALL_SHARES', 'DOLLARS', 'SHARES']).optional(),
});

const orderFields = {
  orderType: z.enum(ORDER_TYPES),
  session: z.enum(SESSIONS),
  duration: z.enum(DURATIONS),
  price: amount.optional(),
  stopPrice: amount.optional(),
  stopType: z.enum(['STANDARD', 'BID', 'ASK', 'LAST', 'MARK']).optional(),
  stopPriceLinkBasis: z
    .enum(['MANUAL', 'BASE', 'TRIGGER', 'LAST', 'BID', 'ASK', 'ASK_BID', 'MARK', 'AVERAGE'])
    .optional(),
  stopPriceLinkType: z.enum(['VALUE', 'PERCENT', 'TICK']).optional(),
  stopPriceOffset: amount.optional(),
  cancelTime: z.string().optional(),
  complexOrderStrategyType: z.string().optional(),
  specialInstruction: z.enum(['ALL_OR_NONE', 'DO_NOT_REDUCE', 'ALL_OR_NONE_DO_NOT_REDUCE']).optional(),
  quantity: z.number().optional(),
  orderLegCollection: z.array(leg).min(1).max(4),
};

const single = z.strictObject({ orderStrategyType: z.literal('SINGLE'), ...orderFields });
const oco = z.strictObject({ orderStrategyType: z.literal('OCO'), childOrderStrategies: z.tuple([single, single]) });
const trigger = z.strictObject({
  orderStrategyType: z.literal('TRIGGER'),
  ...orderFields,
  childOrderStrategies: z.tuple([z.discriminatedUnion('orderStrategyType', [single, oco])]),
});
const strategy = z.discriminatedUnion('orderStrategyType', [single, oco, trigger]);

export type SingleOrder = z.infer<typeof single>;
export type TriggerOrder = z.infer<typeof trigger>;
export type Strategy = z.infer<typeof strategy>;
/** The fields of one order, whatever strategy it belongs to. */
export type OrderFields = Omit<SingleOrder, 'orderStrategyType'>;

/** The strategy in a body, or a one-line description of what is wrong. */
export function readStrategy(body: unknown): Strategy | { problem: string } {
  const parsed = strategy.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return { problem: issue ? `${issue.path.join('.')}: ${issue.message}` : 'no order' };
}
