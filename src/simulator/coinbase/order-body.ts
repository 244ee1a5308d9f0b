/** The bodies of orders (docs/brokers/coinbase.md, sections 6.1, 6.6 and 6.7). As at Coinbase, an unknown field is an error. */
import { z } from 'zod';
import { Decimal } from '../../domain/decimal.js';
import { failure } from './answers.js';

/** Any plain decimal above zero, as text. The product determines how precise it may be. */
const amount = z.string().refine((text) => Decimal.tryParse(text)?.isPositive() ?? false, { error: 'invalid number' });
const endTime = z.iso.datetime({ offset: true });
const direction = z.enum(['STOP_DIRECTION_STOP_DOWN', 'STOP_DIRECTION_STOP_UP']);

const limit = { base_size: amount, limit_price: amount };
const stopLimit = { ...limit, stop_price: amount, stop_direction: direction };
const bracket = { ...limit, stop_trigger_price: amount };

const configurations = {
  market_market_ioc: z.strictObject({ quote_size: amount.optional(), base_size: amount.optional() }),
  sor_limit_ioc: z.strictObject(limit),
  limit_limit_gtc: z.strictObject({ ...limit, post_only: z.boolean().optional() }),
  limit_limit_gtd: z.strictObject({ ...limit, post_only: z.boolean().optional(), end_time: endTime }),
  limit_limit_fok: z.strictObject(limit),
  stop_limit_stop_limit_gtc: z.strictObject(stopLimit),
  stop_limit_stop_limit_gtd: z.strictObject({ ...stopLimit, end_time: endTime }),
  trigger_bracket_gtc: z.strictObject(bracket),
  trigger_bracket_gtd: z.strictObject({ ...bracket, end_time: endTime }),
};
export type ConfigurationName = keyof typeof configurations;

/** The one order configuration in a body, with its fields as sent. */
export type Configuration = { readonly [kind: string]: { readonly [member: string]: string | boolean } };

const orderConfiguration = z
  .strictObject(configurations)
  .partial()
  .refine((configuration) => Object.keys(configuration).length === 1, { error: 'exactly one order configuration' })
  // Parsed JSON has no undefined members, though the type allows them.
  .transform((configuration) => configuration as unknown as Configuration);

const shared = {
  product_id: z.string().min(1),
  side: z.enum(['BUY', 'SELL']),
  order_configuration: orderConfiguration,
  attached_order_configuration: orderConfiguration.optional(),
  leverage: z.string().optional(),
  margin_type: z.string().optional(),
  retail_portfolio_id: z.string().optional(),
};

export const previewBody = z.strictObject(shared);
export const placeBody = z.strictObject({
  client_order_id: z.string().min(1).max(128),
  ...shared,
  preview_id: z.string().optional(),
});
export type PlaceBody = z.infer<typeof placeBody>;
export type PreviewBody = z.infer<typeof previewBody>;

export const cancelBody = z.strictObject({ order_ids: z.array(z.string()).min(1).max(100) });
export const editBody = z.strictObject({
  order_id: z.string(),
  price: amount.optional(),
  size: amount.optional(),
  stop_price: amount.optional(),
});

/** The parsed body, or Coinbase's message about what is wrong with it (section 11). */
export function parse<Value>(text: string, schema: z.ZodType<Value>): { value: Value } | Response {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return failure(400, 'INVALID_ARGUMENT', 'invalid JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    return failure(400, 'unknown', `proto: (line 1:1): unknown field "${issue.keys[0] ?? ''}"`);
  }
  return failure(400, 'INVALID_ARGUMENT', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
}
