/** The body of POST /trades: what each field may be, and what the fields must be to each other. */
import { z } from 'zod';
import { Decimal, type DecimalString, decimalString } from '../../domain/decimal.js';
import { isNonStandardOption, isOnTick, isSymbol, priceTick, quantityStep } from '../../domain/instrument.js';
import { REQUEST_DEFAULTS } from '../../domain/trade/complete-request.js';
import { ODDITY_CODES } from '../../domain/trade/oddities.js';
import type { TradePlan, TradeRequest } from '../../domain/trade/request.js';
import { instant, safeText } from '../http/fields.js';

/**
 * Positive decimals in plain text: no sign, no exponent, no leading zeros. The digits allowed keep every product within
 * the database's columns. As patterns they also stand in the API's document.
 */
function positive(whole: string): RegExp {
  return new RegExp(`^(?:${whole}(?:\\.\\d{1,18})?|0\\.0{0,8}[1-9]\\d{0,8})$`);
}
const QUANTITY = positive('[1-9]\\d{0,11}');
const PRICE = positive('[1-9]\\d{0,6}');
const PERCENT_BELOW_100 = positive('[1-9]\\d?');
const PERCENT_BELOW_1000 = positive('[1-9]\\d{0,2}');
const HUNDRED = Decimal.ofInteger(100);

/** `abort` keeps anything but a decimal from the checks that compare decimals. */
function decimalLike(pattern: RegExp, error: string) {
  return z
    .string()
    .regex(pattern, { error, abort: true })
    .transform((text): DecimalString => decimalString(text));
}

export const positiveQuantity = decimalLike(QUANTITY, 'must be a plain decimal above zero, such as "1.5"');
export const positivePrice = decimalLike(PRICE, 'must be a price above zero and below 10000000, such as "150.25"');
const percentBelowHundred = decimalLike(PERCENT_BELOW_100, 'must be above 0 and below 100, such as "2.5"');
const percentOfGain = decimalLike(PERCENT_BELOW_1000, 'must be above 0 and below 1000, such as "10"');

const stopLoss = z.union(
  [
    z.strictObject({ price: positivePrice, limitOffset: positivePrice.optional() }).transform(withoutUndefined),
    z.strictObject({ percent: percentBelowHundred, limitOffset: positivePrice.optional() }).transform(withoutUndefined),
    z.strictObject({ trailPercent: percentBelowHundred }),
  ],
  {
    error: 'must be {price} or {percent}, each with an optional limitOffset, or {trailPercent}; percentages below 100',
  },
);
const takeProfit = z.union([z.strictObject({ price: positivePrice }), z.strictObject({ percent: percentOfGain })], {
  error: 'must be {price} or {percent}, below 1000',
});

const size = z
  .union([z.strictObject({ dollars: positivePrice }), z.strictObject({ riskPercent: percentBelowHundred })], {
    error: 'must be {dollars}, or {riskPercent} of the equity, below 100',
  })
  .describe('Instead of a quantity: what the trade may cost, or lose at its stop; rounded down to the step');

/** The rules for each field by itself. */
export const tradeFields = z.strictObject({
  broker: z.enum(['paper', 'schwab', 'coinbase', 'etrade', 'alpaca']),
  account: safeText(100).optional(),
  symbol: z.string().min(1).max(32),
  assetClass: z.enum(['equity', 'option', 'crypto']),
  side: z.enum(['buy', 'sell_short']),
  quantity: positiveQuantity.optional(),
  size: size.optional(),
  orderType: z.enum(['market', 'limit']),
  limitPrice: positivePrice.optional(),
  timeInForce: z.enum(['day', 'gtc']).default(REQUEST_DEFAULTS.timeInForce),
  session: z.enum(['regular', 'extended']).default(REQUEST_DEFAULTS.session),
  stopLoss,
  takeProfit: takeProfit.optional(),
  exitAt: instant.optional(),
  entryExpiresAt: instant.optional(),
  onCancel: z.enum(['flatten', 'keep_stop']).default(REQUEST_DEFAULTS.onCancel),
  onUnprotected: z.enum(['flatten', 'emulate']).default(REQUEST_DEFAULTS.onUnprotected),
  onPartialFill: z.enum(['emulate', 'cancel_rest']).default(REQUEST_DEFAULTS.onPartialFill),
  onStopMissing: z.enum(['restore', 'ask']).default(REQUEST_DEFAULTS.onStopMissing),
  // Without a default: a start that is in progress during a deployment must keep its hash.
  onMarketClosed: z.enum(['queue', 'reject']).optional(),
  strategy: safeText(64).optional(),
  note: safeText(500).optional(),
  confirmDuplicate: z.boolean().default(false),
  confirm: z
    .array(z.enum(ODDITY_CODES))
    .max(ODDITY_CODES.length)
    .default([])
    .describe('What is odd about the request and meant so, by the codes of the refusal'),
});

export const tradeBody = tradeFields.superRefine(requireConsistent);
export type TradeBody = z.output<typeof tradeBody>;

/** For `superRefine` of any schema with the fields of a trade. */
export function requireConsistent(trade: z.output<typeof tradeFields>, context: z.RefinementCtx): void {
  for (const { path, message } of inconsistencies(trade)) context.addIssue({ code: 'custom', path, message });
}

interface Inconsistency {
  path: string[];
  message: string;
}

/** The rules between fields. `checkAgainstMarket` applies those that need prices. */
function* inconsistencies(trade: z.output<typeof tradeFields>): Generator<Inconsistency> {
  // A contract that is not standard is refused later, with a code of its own.
  const isNamed = isSymbol(trade.symbol, trade.assetClass) || isNonStandardOption(trade.symbol);
  if (!isNamed) {
    yield { path: ['symbol'], message: `is not a valid ${trade.assetClass} symbol` };
  }
  if (trade.side === 'sell_short' && trade.assetClass === 'crypto') {
    yield { path: ['side'], message: 'crypto cannot be sold short' };
  }
  if ((trade.quantity === undefined) === (trade.size === undefined)) {
    yield { path: ['quantity'], message: 'is required, or a size; not both' };
  }
  if (trade.quantity !== undefined && !Decimal.parse(trade.quantity).isMultipleOf(quantityStep(trade.assetClass))) {
    yield { path: ['quantity'], message: `must be a multiple of ${quantityStep(trade.assetClass)}` };
  }
  if (trade.orderType === 'limit' && trade.limitPrice === undefined) {
    yield { path: ['limitPrice'], message: 'is required for a limit order' };
  }
  if (trade.orderType === 'market' && trade.limitPrice !== undefined) {
    yield { path: ['limitPrice'], message: 'is not allowed for a market order' };
  }
  if (trade.side === 'sell_short' && trade.takeProfit && 'percent' in trade.takeProfit) {
    const percent = Decimal.parse(trade.takeProfit.percent);
    if (percent.atLeast(HUNDRED))
      yield { path: ['takeProfit', 'percent'], message: 'must be less than 100 for a short' };
  }
  yield* pricesOffTick(trade);
  if (trade.limitPrice !== undefined)
    yield* exitsOnWrongSide(trade, Decimal.parse(trade.limitPrice), 'the limit price');
}

function* pricesOffTick(trade: z.output<typeof tradeFields>): Generator<Inconsistency> {
  const prices: [string[], string | undefined][] = [
    [['limitPrice'], trade.limitPrice],
    [['stopLoss', 'price'], 'price' in trade.stopLoss ? trade.stopLoss.price : undefined],
    [['stopLoss', 'limitOffset'], 'limitOffset' in trade.stopLoss ? trade.stopLoss.limitOffset : undefined],
    [['takeProfit', 'price'], trade.takeProfit && 'price' in trade.takeProfit ? trade.takeProfit.price : undefined],
  ];
  for (const [path, text] of prices) {
    if (text === undefined || isOnTick(trade, Decimal.parse(text))) continue;
    yield { path, message: `must be a multiple of ${priceTick(trade, Decimal.parse(text))}` };
  }
}

/** The stop of a long lies below its entry and the target above; for a short it is the other way round. */
export function* exitsOnWrongSide(
  trade: Pick<TradeRequest, 'side' | 'stopLoss'> & { takeProfit?: TradeRequest['takeProfit'] | undefined },
  entry: Decimal,
  entryName: string,
): Generator<Inconsistency> {
  const isLong = trade.side === 'buy';
  if ('price' in trade.stopLoss) {
    const stop = Decimal.parse(trade.stopLoss.price);
    const isRight = isLong ? stop.lessThan(entry) : stop.greaterThan(entry);
    if (!isRight) yield { path: ['stopLoss', 'price'], message: `must be ${isLong ? 'below' : 'above'} ${entryName}` };
  }
  if (trade.takeProfit && 'price' in trade.takeProfit) {
    const target = Decimal.parse(trade.takeProfit.price);
    const isRight = isLong ? target.greaterThan(entry) : target.lessThan(entry);
    if (!isRight)
      yield { path: ['takeProfit', 'price'], message: `must be ${isLong ? 'above' : 'below'} ${entryName}` };
  }
}

/** What makes a repeat the same request: whether it is confirmed says nothing about that. */
export function withoutConfirmation<Body extends { confirm?: unknown }>({ confirm: _, ...same }: Body) {
  return same;
}

/** The request as the workflow runs it but for its quantity, for an account that the body may have left out. */
export function toTradePlan(body: TradeBody, account: string): TradePlan {
  const { confirmDuplicate: _, confirm: __, quantity: ___, size: ____, ...trade } = body;
  return withoutUndefined({ ...trade, account });
}

/** @throws when the body names a size: only the market shows which quantity that is */
export function toTradeRequest(body: TradeBody, account: string): TradeRequest {
  if (body.quantity === undefined) throw new Error('the request names a size, not a quantity');
  return { ...toTradePlan(body, account), quantity: body.quantity };
}

type WithoutUndefined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(value: T): WithoutUndefined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as WithoutUndefined<T>;
}

/** An example in a market that never closes. */
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
