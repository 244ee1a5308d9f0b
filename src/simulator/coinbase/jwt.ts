/** CDP API keys: a JSON Web Token signed for each request, ES256 or EdDSA (docs/brokers/coinbase.md, section 3). */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  verify,
} from 'node:crypto';
import { z } from 'zod';

const header = z.looseObject({ alg: z.enum(['ES256', 'EdDSA']), kid: z.string(), nonce: z.string().optional() });
const claims = z.looseObject({
  sub: z.string(),
  iss: z.enum(['cdp', 'coinbase-cloud']),
  nbf: z.number(),
  exp: z.number(),
  uri: z.string().optional(),
  // the requests, where there may be several: CDP's keys of version 2, as ccxt's coinbase.ts signs with Ed25519 keys
  uris: z.array(z.string()).optional(),
});

const LONGEST_LIFE_SECONDS = 120;
const CLOCK_SKEW_SECONDS = 120;
/** DER of a PKCS #8 private key of Ed25519, up to its 32 bytes of seed (RFC 8410). */
const ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface SignedToken {
  kid: string;
  alg: 'ES256' | 'EdDSA';
  claims: z.infer<typeof claims>;
  signed: string;
  signature: Buffer;
}

export function readToken(token: string): SignedToken | undefined {
  const [first = '', second = '', third = '', ...more] = token.split('.');
  const [head, body] = [header.safeParse(decoded(first)), claims.safeParse(decoded(second))];
  if (!head.success || !body.success || more.length > 0) return undefined;
  const { kid, alg } = head.data;
  return { kid, alg, claims: body.data, signed: `${first}.${second}`, signature: Buffer.from(third, 'base64url') };
}

/** Whether a token is the key's own, lives now, and is for one of these requests (`METHOD host/path`; none on a stream). */
export function isGood(
  token: SignedToken,
  privateKey: string,
  uris: readonly (string | undefined)[],
  nowMs: number,
): boolean {
  const { nbf, exp, sub, uri, uris: named = [uri] } = token.claims;
  const now = nowMs / 1000;
  const lives = exp > now && nbf <= now + CLOCK_SKEW_SECONDS && exp - nbf <= LONGEST_LIFE_SECONDS;
  if (!lives || sub !== token.kid || !named.some((name) => uris.includes(name))) return false;
  const key = keyOf(privateKey);
  const data = Buffer.from(token.signed);
  if (token.alg === 'EdDSA') return key.asymmetricKeyType === 'ed25519' && verify(null, data, key, token.signature);
  // A JOSE signature is its two numbers in sequence, not DER.
  return key.asymmetricKeyType === 'ec' && verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, token.signature);
}

/** One key of each kind that Coinbase issues, in the format of its key files. */
export function newKeys(): Record<string, string> {
  const organization = randomUUID();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { privateKey: edwards } = generateKeyPairSync('ed25519');
  const seed = edwards.export({ format: 'der', type: 'pkcs8' }).subarray(ED25519_PREFIX.length);
  const point = createPublicKey(edwards).export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    keyName: `organizations/${organization}/apiKeys/${randomUUID()}`,
    privateKey: privateKey.export({ format: 'pem', type: 'sec1' }).toString(),
    ed25519KeyName: randomUUID(),
    ed25519PrivateKey: Buffer.concat([seed, point]).toString('base64'),
  };
}

function keyOf(privateKey: string): KeyObject {
  if (privateKey.startsWith('-----')) return createPublicKey(privateKey);
  const seed = Buffer.from(privateKey, 'base64').subarray(0, 32);
  const key = Buffer.concat([ED25519_PREFIX, seed]);
  return createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
