import { z } from '@hono/zod-openapi';
import { MAXIMUM_LENGTH, MINIMUM_LENGTH } from '../../auth/password-rules.js';

/** Exactly as typed, not trimmed. Its length counts characters, not UTF-16 code units. */
export const passwordText = z
  .string()
  .min(1)
  .refine((text) => [...text].length <= MAXIMUM_LENGTH, `must have at most ${MAXIMUM_LENGTH} characters`)
  .openapi({ maxLength: MAXIMUM_LENGTH });

/** ASCII only, so that no letter of another alphabet can be mistaken for one. */
const emailText = z.email('must be an e-mail address').max(254);

/** The other rules for passwords need the e-mail address and are checked by the route. */
const newPasswordText = passwordText.min(MINIMUM_LENGTH, `must have at least ${MINIMUM_LENGTH} characters`);

export const registration = z.strictObject({ email: emailText, password: newPasswordText });

/** Only checked as far as the database needs: a failed log-in must not show why it failed. */
const knownEmailText = z
  .string()
  .min(1)
  .max(254)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');

export const recoveryCodeText = z.string().regex(/^[a-z2-7]{4}(?:-[a-z2-7]{4}){5}$/);

/** Six digits from an authenticator, or a recovery code. */
export const codeText = z
  .string()
  .regex(/^(?:\d{6}|[a-z2-7]{4}(?:-[a-z2-7]{4}){5})$/, 'must be six digits or a recovery code')
  .openapi({ example: '123456' });

export const login = z.strictObject({ email: knownEmailText, password: passwordText, code: codeText.optional() });

/** `currentPassword` is optional here so that its absence is answered with `reauth-required`. */
export const passwordChange = z.strictObject({
  currentPassword: passwordText.optional(),
  code: codeText.optional(),
  newPassword: newPasswordText,
  revokeAll: z.boolean().default(false),
});

/** What follows the # of a link in a mail. */
export const linkToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be the token from the link');

export const resetRequest = z.strictObject({ email: knownEmailText });
export const resetConfirmation = z.strictObject({
  token: linkToken,
  newPassword: newPasswordText,
});
