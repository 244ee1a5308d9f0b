/**
 * Of two changes of a user's credentials or limits at once, one counts: each names the version that it has read. Without
 * this the second overwrites the first, and its owner believes in a password, a secret or a limit that is not there.
 */
import type { Prisma, User } from '../../prisma/generated/client.js';
import { Refused } from '../domain/errors.js';

/** A user as it was read before the change. */
export type ReadUser = Pick<User, 'id' | 'credentialVersion' | 'accessVersion'>;

/**
 * To be called first in the transaction of a change: others wait until it has ended.
 * @throws Refused `conflict` when something was changed since the user was read
 */
export async function claimCredentials(
  database: Prisma.TransactionClient,
  { id, credentialVersion, accessVersion }: ReadUser,
): Promise<void> {
  const { count } = await database.user.updateMany({
    where: { id, credentialVersion, accessVersion },
    data: { credentialVersion: { increment: 1 } },
  });
  if (count === 1) return;
  throw new Refused('conflict', {
    code: 'CHANGED_MEANWHILE',
    message:
      'The password, the authenticator, the limits or the role of this account was changed at the same time. ' +
      'This request changed nothing: look at what is set now, and try again.',
  });
}
