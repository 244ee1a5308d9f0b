import { createPrivateKey, type KeyObject } from 'node:crypto';

/** DER of a PKCS #8 private key of Ed25519, up to its 32 bytes of seed (RFC 8410). */
const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The key behind the secret of a CDP API key: a PEM of an EC P-256 key, or the base64 of an Ed25519 seed with or without its
 * public half. @throws Error when it is neither
 */
export function privateKey(secret: string): KeyObject {
  const key = secret.startsWith('-----') ? createPrivateKey(secret) : fromSeed(secret);
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (!isP256 && key.asymmetricKeyType !== 'ed25519') throw new TypeError('the key is of a kind that Coinbase has not');
  return key;
}

function fromSeed(secret: string): KeyObject {
  const seed = Buffer.from(secret, 'base64').subarray(0, 32);
  return createPrivateKey({ key: Buffer.concat([ED25519_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}
