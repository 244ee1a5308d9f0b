import type { UserId } from '../../domain/ids.js';
import type { Notice } from '../../mail/notices.js';
import type { Origin } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';

/** Mails the owner of an account about an action in its name, in the background; `about` says more, in words of ours. */
export async function notifyOwner(
  { accounts, notices }: Pick<ApiDependencies, 'accounts' | 'notices'>,
  userId: UserId,
  notice: Notice,
  { from, about }: { from: Origin; about?: readonly string[] },
): Promise<void> {
  const user = await accounts.find(userId);
  if (user) notices.notify(user.email, notice, from.address ?? 'unknown', about);
}
