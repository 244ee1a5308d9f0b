import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Credential } from '../access.js';
import { NotPlaced } from '../wire/caller.js';
import type { HttpRequest } from '../wire/http.js';

/** The longest life that Coinbase allows a key's token. */
const LIFE_SECONDS = 120;
/** DER of a PKCS #8 private key of Ed25519, up to its 32 bytes of seed (RFC 8410). */
const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** A person must put another key in place of one that cannot be used. */
const NEXT_KEY_MS = 30_000;

/**
 * An OAuth grant's access token goes along as it is; a CDP key signs a token for this one request.
 * @throws NotPlaced when the credential is of another kind, or its key cannot be used.
 */
export async function signed(
  request: Pick<HttpRequest, 'method' | 'url'>,
  credential: Credential,
): Promise<Record<string, string>> {
  if (credential.kind === 'bearer') return { authorization: `Bearer ${credential.accessToken}` };
  if (credential.kind === 'keys') return { authorization: `Bearer ${await keyToken(request, credential)}` };
  throw new NotPlaced(`Coinbase cannot be asked with a credential of kind ${credential.kind}`, NEXT_KEY_MS);
}

/** Source: "API key authentication" of the CDP documentation. The query is no part of `uri`, the host's port is. */
async function keyToken(
  { method, url }: Pick<HttpRequest, 'method' | 'url'>,
  { keyId, secret }: { keyId: string; secret: string },
): Promise<string> {
  const { host, pathname } = new URL(url);
  // The broker holds it against its own clock: market time has no part in it.
  const now = Math.floor(Date.now() / 1_000);
  const token = new SignJWT({ uri: `${method} ${host}${pathname}` })
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

/** A PEM of an EC P-256 key, or the base64 of an Ed25519 seed with or without its public half. */
function privateKey(secret: string): KeyObject {
  if (secret.startsWith('-----')) return createPrivateKey(secret);
  const seed = Buffer.from(secret, 'base64').subarray(0, 32);
  return createPrivateKey({ key: Buffer.concat([ED25519_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}
