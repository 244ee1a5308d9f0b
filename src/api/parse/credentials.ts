import { z } from '@hono/zod-openapi';

const MAXIMUM_PASSWORD = 256;

/** As it was typed: nothing is trimmed. Counted in characters, not in halves of them. */
export const passwordText = z
  .string()
  .min(1)
  .refine((text) => [...text].length <= MAXIMUM_PASSWORD, `must have at most ${MAXIMUM_PASSWORD} characters`);

/** ASCII only, so that no letter of another alphabet can pose as one. */
const emailText = z.email('must be an e-mail address').max(254);

export const registration = z.strictObject({ email: emailText, password: passwordText });

/** Not checked further than its size: a log-in that fails must not say why. */
export const login = z.strictObject({ email: z.string().min(1).max(254), password: passwordText });
