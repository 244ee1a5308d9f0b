import { z } from '@hono/zod-openapi';
import { MAXIMUM_LENGTH, MINIMUM_LENGTH } from '../../auth/passwords.js';

/** As it was typed: nothing is trimmed. Counted in characters, not in halves of them. */
export const passwordText = z
  .string()
  .min(1)
  .refine((text) => [...text].length <= MAXIMUM_LENGTH, `must have at most ${MAXIMUM_LENGTH} characters`);

/** ASCII only, so that no letter of another alphabet can pose as one. */
const emailText = z.email('must be an e-mail address').max(254);

/** What a password must be beyond its length is judged where the address is known. */
export const newPasswordText = passwordText.min(MINIMUM_LENGTH, `must have at least ${MINIMUM_LENGTH} characters`);

export const registration = z.strictObject({ email: emailText, password: newPasswordText });

/** Not checked further than its size: a log-in that fails must not say why. */
export const login = z.strictObject({ email: z.string().min(1).max(254), password: passwordText });
