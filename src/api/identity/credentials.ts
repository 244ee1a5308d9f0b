import { z } from '@hono/zod-openapi';
import { MAXIMUM_LENGTH, MINIMUM_LENGTH } from '../../auth/password-rules.js';

/** As it was typed: nothing is trimmed. Counted in characters, not in halves of them. */
export const passwordText = z
  .string()
  .min(1)
  .refine((text) => [...text].length <= MAXIMUM_LENGTH, `must have at most ${MAXIMUM_LENGTH} characters`)
  .openapi({ maxLength: MAXIMUM_LENGTH });

/** ASCII only, so that no letter of another alphabet can pose as one. */
const emailText = z.email('must be an e-mail address').max(254);

/** What a password must be beyond its length is judged where the address is known. */
export const newPasswordText = passwordText.min(MINIMUM_LENGTH, `must have at least ${MINIMUM_LENGTH} characters`);

export const registration = z.strictObject({ email: emailText, password: newPasswordText });

/** Not checked further than that it can be somebody's, and looked for: a log-in that fails must not say why. */
const knownEmailText = z
  .string()
  .min(1)
  .max(254)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');

export const recoveryCodeText = z.string().regex(/^[a-z2-7]{4}(?:-[a-z2-7]{4}){5}$/);

/** Six digits of an authenticator, or a recovery code. */
export const codeText = z
  .string()
  .regex(/^(?:\d{6}|[a-z2-7]{4}(?:-[a-z2-7]{4}){5})$/, 'must be six digits or a recovery code')
  .openapi({ example: '123456' });

export const login = z.strictObject({ email: knownEmailText, password: passwordText, code: codeText.optional() });

/** Without the current password the answer is that it is missing, not that the body is wrong. */
export const passwordChange = z.strictObject({
  currentPassword: passwordText.optional(),
  code: codeText.optional(),
  newPassword: newPasswordText,
});

export const resetRequest = z.strictObject({ email: knownEmailText });
export const resetConfirmation = z.strictObject({
  token: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be the token of the mail'),
  newPassword: newPasswordText,
});
