/** What each kind of secret is bound to: its table, its row, its owner. A seal that was moved elsewhere does not open. */
import type { Binding } from './envelope.js';

/** A user's credential at a broker. */
export function ofGrant({ id, userId, broker }: { id: string; userId: string; broker: string }): Binding {
  return { table: 'broker_connections', row: id, user: userId, broker, field: 'sealed' };
}

/** What a login that has begun must show at its end. */
export function ofAttempt({ userId, broker }: { userId: string; broker: string }, stateHash: string): Binding {
  return { table: 'oauth_attempts', row: stateHash, user: userId, broker, field: 'sealed' };
}

/** The secret of an authenticator, be it in use or still pending. */
export function ofAuthenticator(userId: string): Binding {
  return { table: 'totp_secrets', row: userId, user: userId, broker: '', field: 'secret' };
}

/** The secret that a webhook's signals are proven with. */
export function ofWebhook({ id, userId }: { id: string; userId: string }): Binding {
  return { table: 'webhooks', row: id, user: userId, broker: '', field: 'sealed' };
}

export function ofCanary(keyId: string): Binding {
  return { table: 'key_canaries', row: keyId, user: '', broker: '', field: 'sealed' };
}
