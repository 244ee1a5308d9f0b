import type { Credential } from '../../broker-port/access.js';
import { authorizationHeader } from '../../wire/oauth1-signature.js';

/** `now` in epoch milliseconds: E*TRADE refuses what is five minutes off. */
export function signed(
  { method, url }: { method: string; url: string },
  credential: Credential,
  now: number,
): Record<string, string> {
  if (credential.kind !== 'oauth1') throw new Error(`E*TRADE cannot be signed to with a ${credential.kind} credential`);
  const timestamp = Math.floor(now / 1_000);
  return { authorization: authorizationHeader({ ...credential, method, url, timestamp }) };
}
