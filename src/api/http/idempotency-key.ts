import { z } from '@hono/zod-openapi';

const KEY = /^[!-~]{1,255}$/;

const key = z.string().regex(KEY, 'must be 1 to 255 visible ASCII characters, unquoted');

const description = 'Names this request: a repeat with the same key and body gets the same answer and starts nothing.';

export const requiredKey = z.object({ 'idempotency-key': key.openapi({ description }) });
export const optionalKey = z.object({ 'idempotency-key': key.optional().openapi({ description }) });
