import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/broker-port/access.js';
import { signed } from '../../../src/brokers/coinbase/signing.js';
import { NotPlaced } from '../../../src/wire/caller.js';
import { ACCOUNT, entry, logIn, openStage, ordersAt, type Stage, taken } from './coinbase-fixture.js';

const REQUEST = {
  method: 'GET',
  url: 'https://api.coinbase.com/api/v3/brokerage/accounts?limit=250&cursor=',
} as const;

describe('a key', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyId = 'organizations/org-demo/apiKeys/key-demo';
  const keys = (type: 'sec1' | 'pkcs8'): Credential => {
    return { kind: 'keys', keyId, secret: privateKey.export({ format: 'pem', type }).toString() };
  };
  const tokenOf = async (credential: Credential) => {
    const { authorization = '' } = await signed(REQUEST, credential);
    return authorization.replace(/^Bearer /, '');
  };

  it.each(['sec1', 'pkcs8'] as const)('signs a token for one request, without its query (%s)', async (type) => {
    const token = await tokenOf(keys(type));
    expect(decodeProtectedHeader(token)).toEqual({
      ...{ alg: 'ES256', typ: 'JWT', kid: keyId },
      nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    const { nbf = 0, exp = 0, ...claims } = decodeJwt(token);
    expect(claims).toEqual({ sub: keyId, iss: 'cdp', uri: 'GET api.coinbase.com/api/v3/brokerage/accounts' });
    expect(exp - nbf).toBe(120);
    // two numbers of 32 bytes one after the other, not DER
    expect(Buffer.from(token.split('.')[2] ?? '', 'base64url')).toHaveLength(64);
  });

  it('never signs the same token twice', async () => {
    expect(await tokenOf(keys('sec1'))).not.toBe(await tokenOf(keys('sec1')));
  });

  it('may be the seed of an Ed25519 key', async () => {
    const { privateKey: edwards } = generateKeyPairSync('ed25519');
    const seed = edwards.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
    expect(createPrivateKey(edwards.export({ format: 'pem', type: 'pkcs8' })).asymmetricKeyType).toBe('ed25519');
    const token = await tokenOf({ kind: 'keys', keyId: 'bare-id', secret: seed.toString('base64') });
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'EdDSA', kid: 'bare-id' });
  });

  it.each([
    { kind: 'keys', keyId, secret: '-----BEGIN EC PRIVATE KEY-----\nnonsense\n-----END EC PRIVATE KEY-----\n' },
    { kind: 'keys', keyId, secret: 'c2hvcnQ=' },
    { kind: 'oauth1', consumerKey: 'a', consumerSecret: 'b', token: 'c', tokenSecret: 'd' },
  ] as const)('that cannot be used asks nothing: %j', async (credential) => {
    await expect(signed(REQUEST, credential)).rejects.toThrow(NotPlaced);
  });

  it.each([
    generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
    generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey,
  ])('of another kind asks nothing: %#', async (other) => {
    const secret = other.export({ format: 'pem', type: 'pkcs8' }).toString();
    await expect(signed(REQUEST, { kind: 'keys', keyId, secret })).rejects.toThrow(NotPlaced);
  });

  it('is never part of an error', async () => {
    const secret = '-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n';
    const problem = await signed(REQUEST, { kind: 'keys', keyId, secret }).catch((error: Error) => error.message);
    expect(problem).not.toContain('c2VjcmV0');
  });
});

describe('at the exchange', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.simulator.close());

  it('keys of both kinds and a grant may trade', async () => {
    for (const credential of [stage.keys, stage.ed25519, await logIn(stage.simulator)]) {
      taken(await stage.brokerWith([credential]).place(ACCOUNT, entry()));
    }
    expect(await ordersAt(stage)).toHaveLength(3);
  });

  it('a grant that has lapsed is renewed once', async () => {
    const lapsed = await logIn(stage.simulator);
    stage.simulator.clock.advance(3_601);
    taken(await stage.brokerWith([lapsed, await logIn(stage.simulator)]).place(ACCOUNT, entry()));
    expect(await ordersAt(stage)).toHaveLength(1);
  });

  it('a key that is not known places nothing', async () => {
    const unknownKey = { ...stage.keys, keyId: 'organizations/other/apiKeys/other' };
    const outcome = await stage.brokerWith([unknownKey, unknownKey]).place(ACCOUNT, entry());
    expect(outcome).toMatchObject({ outcome: 'not_placed' });
    expect(await ordersAt(stage)).toEqual([]);
  });
});
