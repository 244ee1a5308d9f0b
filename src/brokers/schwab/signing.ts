import type { Credential } from '../../broker-port/access.js';

/** The headers of every call. @throws TypeError for a credential that is no OAuth token. */
export function bearerHeaders(credential: Credential): Record<string, string> {
  if (credential.kind !== 'bearer') throw new TypeError(`Schwab takes a bearer token, not ${credential.kind}`);
  return { Authorization: `Bearer ${credential.accessToken}`, Accept: 'application/json' };
}
