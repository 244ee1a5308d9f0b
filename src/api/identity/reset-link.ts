/** Sends password reset links. */
import { normalizedEmail } from '../../auth/accounts.js';
import { hashOf } from '../../auth/one-time-secrets.js';
import { type AuditEntry, recordAudit } from '../../storage/audit.js';
import type { ApiDependencies } from '../dependencies.js';

/** More than this would only flood a mailbox. */
const LINKS_PER_HOUR = 3;

/** Mails a link to the account of this address, if there is one, in the background: neither the answer nor its time shows which. */
export function sendResetLink(
  dependencies: ApiDependencies,
  email: string,
  asked: Pick<AuditEntry, 'actor' | 'from'>,
): void {
  const { background, rateLimiter, passwordResets, notices, prisma } = dependencies;
  background.run('a password reset mail', async () => {
    const key = `reset-mail:${hashOf(normalizedEmail(email))}`;
    const verdict = await rateLimiter.hit({ key, limit: LINKS_PER_HOUR, seconds: 3_600 });
    if (!verdict.allowed) return;
    const begun = await passwordResets.begin(email, new Date());
    if (!begun) return;
    const { user, token } = begun;
    const action = 'authn_password_reset_requested';
    await recordAudit(prisma, { ...asked, action, subject: user.id });
    await notices.sendResetLink(user.email, token);
  });
}
