/** Request bodies: XML is what E*TRADE takes reliably, JSON is taken too (wire contract, section 3). */
import type { Context } from 'hono';
import { z } from 'zod';
import type { Env } from '../faults/wire.js';
import { parseXml } from './xml.js';

/** The document of a body, or undefined when it is neither XML nor JSON. */
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

/** The order that is to be cancelled. */
export function readCancelBody(document: unknown): string | undefined {
  return cancelBody.safeParse(document).data?.CancelOrderRequest.orderId;
}
