import type { MiddlewareHandler } from 'hono';
import type { Duty } from '../../auth/caller.js';
import { Refused } from '../../domain/errors.js';
import type { AppEnv } from './context.js';

/** Where a person does what is still to be done. */
const ALWAYS_OPEN = /^\/api\/v1\/auth\//;

const REASONS: Record<Duty, { code: string; message: string }> = {
  'change-password': {
    code: 'PASSWORD_CHANGE_REQUIRED',
    message: 'The password must be changed first: POST /api/v1/auth/password.',
  },
  'set-up-totp': {
    code: 'TOTP_SETUP_REQUIRED',
    message: 'An authenticator must be set up first: POST /api/v1/auth/totp.',
  },
};

/** Lets nobody do anything before what the account asks of its owner is done. */
export const duties: MiddlewareHandler<AppEnv> = async (context, next) => {
  const { caller } = context.var;
  if (caller?.via === 'session' && caller.duty !== undefined && !ALWAYS_OPEN.test(context.req.path)) {
    throw new Refused('forbidden', REASONS[caller.duty]);
  }
  await next();
};
