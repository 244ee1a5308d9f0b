/** The body of a signal that a webhook takes. */
import { z } from '@hono/zod-openapi';
import { safeText } from '../http/fields.js';
import { requireConsistent, tradeFields } from '../trades/trade-body.js';

/** For senders that cannot set headers; others sign, and send the id as `webhook-id`. */
const envelope = {
  id: safeText(255).optional().openapi({ description: 'Id of the signal, for webhooks of kind secret_in_body' }),
  secret: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: 'Secret of the webhook, for webhooks of kind secret_in_body' }),
};

const openSignal = tradeFields
  .extend({ ...envelope, action: z.literal('open').default('open') })
  .superRefine(requireConsistent);

const closeSignal = z.strictObject({
  ...envelope,
  action: z.literal('close'),
  symbol: tradeFields.shape.symbol,
  strategy: tradeFields.shape.strategy,
});

export const signalBody = z.discriminatedUnion('action', [openSignal, closeSignal]);
export type Signal = z.output<typeof signalBody>;
export type OpenSignal = z.output<typeof openSignal>;
export type CloseSignal = z.output<typeof closeSignal>;

/** The signal without its id and secret: this may be stored. */
export function contentOf<Any extends Signal>({ id: _, secret: __, ...content }: Any) {
  return content;
}
