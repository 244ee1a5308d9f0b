/** Request bodies, in XML or JSON. E*TRADE reliably accepts only XML (docs/brokers/etrade.md, section 3). */
import type { Context } from 'hono';
import { z } from 'zod';
import type { Env } from '../faults/wire.js';
import { parseXml } from './xml.js';

/** The parsed body; undefined when it is neither XML nor JSON. */
export async function readDocument(context: Context<Env>): Promise<unknown> {
  const text = await context.req.text();
  if (!text.trimStart().startsWith('{')) return parseXml(text);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const cancelBody = z.strictObject({
  CancelOrderRequest: z.strictObject({
    orderId: z
      .union([z.string(), z.number()])
      .transform(String)
      .pipe(z.string().regex(/^\d{1,18}$/)),
  }),
});

/** The id of the order to cancel; undefined when the body is not valid. */
export function readCancelBody(document: unknown): string | undefined {
  return cancelBody.safeParse(document).data?.CancelOrderRequest.orderId;
}
