import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Credential } from '../../broker-port/access.js';
import { NotPlaced } from '../../wire/caller.js';
import type { HttpRequest } from '../../wire/http.js';
import { privateKey } from '../../wire/private-key.js';

type Keys = Extract<Credential, { kind: 'keys' }>;

/** The longest life that Coinbase allows a key's token. */
const LIFE_SECONDS = 120;
/** A person must put another key in place of one that cannot be used. */
const NEXT_KEY_MS = 30_000;

/**
 * An OAuth grant's access token goes along as it is; a CDP key signs a token for this one request.
 * @throws NotPlaced when the credential is of another kind, or its key cannot be used.
 */
export async function signed(
  { method, url }: Pick<HttpRequest, 'method' | 'url'>,
  credential: Credential,
): Promise<Record<string, string>> {
  if (credential.kind === 'bearer') return { authorization: `Bearer ${credential.accessToken}` };
  const { host, pathname } = new URL(url);
  if (credential.kind === 'keys') {
    return { authorization: `Bearer ${await keyToken(credential, { uri: `${method} ${host}${pathname}` })}` };
  }
  throw new NotPlaced(`Coinbase cannot be asked with a credential of kind ${credential.kind}`, NEXT_KEY_MS);
}

/**
 * A token that the key has signed. Of a call it names the address without its query, the host's port included; on a stream it
 * names nothing. Source: "API key authentication" of the CDP documentation. @throws NotPlaced when the key cannot be used
 */
export async function keyToken({ keyId, secret }: Keys, claims: { uri?: string } = {}): Promise<string> {
  // The broker holds it against its own clock: market time has no part in it.
  const now = Math.floor(Date.now() / 1_000);
  const token = new SignJWT(claims)
    .setSubject(keyId)
    .setIssuer('cdp')
    .setNotBefore(now)
    .setExpirationTime(now + LIFE_SECONDS);
  try {
    const key = privateKey(secret);
    const alg = key.asymmetricKeyType === 'ed25519' ? 'EdDSA' : 'ES256';
    const header = { alg, typ: 'JWT', kid: keyId, nonce: randomBytes(16).toString('hex') };
    return await token.setProtectedHeader(header).sign(key);
  } catch (error) {
    throw new NotPlaced('the private key of the Coinbase API key cannot be used', NEXT_KEY_MS, { cause: error });
  }
}
