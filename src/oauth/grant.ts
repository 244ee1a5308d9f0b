/** A broker's permission to act for a user: what is kept of a login, and what signs requests. */
import { z } from 'zod';
import type { Credential } from '../broker-port/access.js';
import type { BrokerLogin } from '../storage/broker-logins.js';
import { ofGrant } from '../vault/bindings.js';
import type { Vault } from '../vault/vault.js';

const grantShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('oauth2'), accessToken: z.string(), refreshToken: z.string().optional() }),
  z.object({ kind: z.literal('oauth1'), token: z.string(), tokenSecret: z.string() }),
  z.object({ kind: z.literal('keys'), keyId: z.string(), secret: z.string() }),
]);
export type Grant = z.infer<typeof grantShape>;

/** What signs E*TRADE's requests besides the user's token. */
export interface Consumer {
  consumerKey: string;
  consumerSecret: string;
}

type Owner = Pick<BrokerLogin, 'id' | 'userId' | 'broker'>;

export function sealGrant(vault: Vault, owner: Owner, grant: Grant): Buffer<ArrayBuffer> {
  return Buffer.from(vault.seal(JSON.stringify(grant), ofGrant(owner)));
}

/** @throws SealBroken */
export function openGrant(vault: Vault, owner: Owner, sealed: Uint8Array): Grant {
  return grantShape.parse(JSON.parse(vault.open(sealed, ofGrant(owner))));
}

/** @throws Error when a consumer is needed and none is configured */
export function credentialOf(grant: Grant, consumer: Consumer | undefined): Credential {
  if (grant.kind === 'oauth2') return { kind: 'bearer', accessToken: grant.accessToken };
  if (grant.kind === 'keys') return grant;
  if (!consumer) throw new Error('a token of OAuth 1.0a needs the consumer that it was given to');
  return { kind: 'oauth1', ...consumer, token: grant.token, tokenSecret: grant.tokenSecret };
}
