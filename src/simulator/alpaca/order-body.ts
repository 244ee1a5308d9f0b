/** The bodies of place and replace (docs/brokers/alpaca.md, sections 5.2, 5.3 and 6.3). Numbers may come as text or as numbers. */
import type { Context } from 'hono';
import { z } from 'zod';
import { Decimal, type DecimalString } from '../../domain/decimal.js';
import type { Env } from '../faults/wire.js';
import { badInput, type Problem } from './answers.js';

/** A JSON number's shortest text equals what the client wrote, up to 15 digits. */
function positive(value: string | number, context: z.RefinementCtx): DecimalString {
  const parsed = Decimal.tryParse(String(value));
  if (parsed?.isPositive()) return parsed.toString();
  context.addIssue({ code: 'custom', message: 'must be greater than 0' });
  return z.NEVER;
}

const amount = z.union([z.string(), z.number()]).transform(positive);
const clientOrderId = z.string().min(1).max(128);
const timeInForce = z.enum(['day', 'gtc', 'opg', 'cls', 'ioc', 'fok']);

export const placeBody = z.strictObject({
  symbol: z.string(),
  qty: amount.optional(),
  notional: amount.optional(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['market', 'limit', 'stop', 'stop_limit', 'trailing_stop']),
  time_in_force: timeInForce,
  limit_price: amount.optional(),
  stop_price: amount.optional(),
  trail_price: amount.optional(),
  trail_percent: amount.optional(),
  extended_hours: z.boolean().optional(),
  client_order_id: clientOrderId.optional(),
  order_class: z.enum(['', 'simple', 'bracket', 'oco', 'oto', 'mleg']).optional(),
  // what else stands in them is ignored: alpacahq/Alpaca-API issue 283 sends a `time_in_force`
  take_profit: z.object({ limit_price: amount }).optional(),
  stop_loss: z.object({ stop_price: amount, limit_price: amount.optional() }).optional(),
  position_intent: z.enum(['buy_to_open', 'buy_to_close', 'sell_to_open', 'sell_to_close']).optional(),
});
export type PlaceBody = z.infer<typeof placeBody>;

/** A pair of exits is its target: that may stand in `take_profit` alone (alpacahq/alpaca-py, alpaca/trading/requests.py). */
export function withOwnTarget(body: PlaceBody): PlaceBody {
  const { order_class: orderClass, limit_price: own, take_profit: target } = body;
  if (orderClass !== 'oco' || own !== undefined || target === undefined) return body;
  return { ...body, limit_price: target.limit_price };
}

export const replaceBody = z.strictObject({
  qty: amount.optional(),
  limit_price: amount.optional(),
  stop_price: amount.optional(),
  trail: amount.optional(),
  time_in_force: timeInForce.optional(),
  client_order_id: clientOrderId.optional(),
});
export type ReplaceBody = z.infer<typeof replaceBody>;

/** The parsed body of a request, or what is wrong with it. */
export async function readBody<Value>(context: Context<Env>, schema: z.ZodType<Value>): Promise<Value | Problem> {
  let json: unknown;
  try {
    json = await context.req.json();
  } catch {
    return { status: 400, code: 40010000, message: 'request body format is invalid' };
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : badInput(describe(parsed.error));
}

/** A message for the first error. */
function describe({ issues }: z.ZodError): string {
  const [issue] = issues;
  return issue === undefined ? 'invalid request' : `${issue.path.join('.') || 'request'}: ${issue.message}`;
}
