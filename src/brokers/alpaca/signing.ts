import type { Credential } from '../../broker-port/access.js';

/**
 * The headers of any request: a pair of keys, or a token of Connect, Alpaca's OAuth 2.0.
 * Source: Alpaca documentation, "Authentication" and "Using OAuth2 and Trading API".
 */
export function signingHeaders(credential: Credential): Record<string, string> {
  if (credential.kind === 'keys') {
    return { 'APCA-API-KEY-ID': credential.keyId, 'APCA-API-SECRET-KEY': credential.secret };
  }
  if (credential.kind === 'bearer') return { Authorization: `Bearer ${credential.accessToken}` };
  throw new TypeError(`Alpaca does not take a credential of the kind ${credential.kind}`);
}
