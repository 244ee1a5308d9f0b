import type { Context } from 'hono';
import type { User } from '../../../prisma/generated/client.js';
import type { Sessions } from '../../auth/sessions.js';
import type { AppEnv } from '../http/context.js';
import { originOf } from '../http/origin.js';

/** A new session in place of the one the request came with, so that whoever knew the old one is out. */
export async function startSession(
  context: Context<AppEnv>,
  sessions: Sessions,
  user: Pick<User, 'id' | 'accessVersion'>,
): Promise<void> {
  const { caller } = context.var;
  if (caller?.via === 'session') await sessions.end(caller.sessionId);
  context.header('Set-Cookie', await sessions.start(user, originOf(context)), { append: true });
}
