import { describe, expect, it } from 'vitest';
import { type AccessToken, OAuth1Provider, type RequestToken } from '../../src/simulator/oauth/oauth1-provider.js';
import type { OAuth1Request } from '../../src/simulator/oauth/oauth1-request.js';
import { type Parameter, signatureOf } from '../../src/simulator/oauth/oauth1-signature.js';

const noon = Date.parse('2026-03-03T12:00:00-05:00');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The provider's time and the machine's. */
const clock = { at: noon, now: () => clock.at, wall: () => clock.at };

function newProvider(callback?: string) {
  clock.at = noon;
  const tables = {
    requestTokens: new Map<string, RequestToken>(),
    accessTokens: new Map<string, AccessToken>(),
    nonces: new Map<string, true>(),
  };
  return new OAuth1Provider(
    (key) => (key === 'consumer' ? { secret: 'consumer/secret', callback } : undefined),
    tables,
    clock,
  );
}

let nonces = 0;

/** A correctly signed request that is changed afterwards. */
function signed(secret: string, at: number, extra: Record<string, string>, changed: Record<string, string> = {}) {
  const fields = {
    ...{ oauth_consumer_key: 'consumer', oauth_signature_method: 'HMAC-SHA1', oauth_nonce: `n${nonces++}` },
    ...{ oauth_timestamp: String(Math.floor(at / 1_000)), ...extra },
  };
  const parameters: Parameter[] = Object.entries(fields);
  const message = { method: 'GET', url: 'http://127.0.0.1/etrade/v1/accounts/list', parameters };
  const signature = signatureOf(message, { consumerSecret: 'consumer/secret', tokenSecret: secret });
  return { message, signature, oauth: new Map(Object.entries({ ...fields, ...changed })) } satisfies OAuth1Request;
}

function requestToken(provider: OAuth1Provider) {
  const pair = provider.requestToken(signed('', clock.at, { oauth_callback: 'oob' }));
  if ('problem' in pair) throw new Error(pair.problem);
  return pair;
}

function login(provider: OAuth1Provider) {
  const { token, secret } = requestToken(provider);
  const { verifier } = provider.consent(token, 'anna');
  const extra = { oauth_token: token, oauth_verifier: verifier };
  const pair = provider.accessToken(signed(secret, clock.at, extra));
  if ('problem' in pair) throw new Error(pair.problem);
  return { ...pair, call: (time: number) => signed(pair.secret, time, { oauth_token: pair.token }) };
}

describe('an E*TRADE login', () => {
  it('goes from a request token over a verifier to an access token', () => {
    const provider = newProvider();
    const access = login(provider);
    expect(access.token).toMatch(/\/.*\+.*=/);
    expect(provider.authenticate(access.call(noon))).toEqual({ login: 'anna' });
  });

  it('T25 takes a verifier once, and the right one only', () => {
    const provider = newProvider();
    const { token, secret } = requestToken(provider);
    const exchange = (verifier: string) =>
      provider.accessToken(signed(secret, noon, { oauth_token: token, oauth_verifier: verifier }));
    expect(exchange('AAAAA')).toEqual({ problem: 'verifier_invalid' });
    const { verifier } = provider.consent(token, 'anna');
    expect(verifier).toMatch(/^[A-Z2-9]{5}$/);
    expect(exchange('AAAAA')).toEqual({ problem: 'verifier_invalid' });
    expect(exchange(verifier)).toHaveProperty('token');
    expect(exchange(verifier)).toHaveProperty('problem');
  });

  it('must be over within five minutes', () => {
    const provider = newProvider();
    const { token, secret } = requestToken(provider);
    const { verifier } = provider.consent(token, 'anna');
    clock.at = noon + 5 * MINUTE;
    expect(provider.awaitsConsent('consumer', token)).toBe(false);
    const request = signed(secret, clock.at, { oauth_token: token, oauth_verifier: verifier });
    expect(provider.accessToken(request)).toEqual({ problem: 'token_expired' });
  });

  it('ends when the user declines', () => {
    const provider = newProvider();
    const { token } = requestToken(provider);
    expect(provider.awaitsConsent('consumer', token)).toBe(true);
    expect(provider.awaitsConsent('another', token)).toBe(false);
    provider.decline(token);
    expect(provider.awaitsConsent('consumer', token)).toBe(false);
  });

  it('has a callback only where one is registered', () => {
    const ask = (provider: OAuth1Provider, callback: string) =>
      provider.requestToken(signed('', noon, { oauth_callback: callback }));
    const rejected = { problem: 'callback_rejected,oauth_acceptable_callback=oob' };
    expect(ask(newProvider(), 'https://me/cb')).toEqual(rejected);
    expect(ask(newProvider('https://me/cb'), 'https://other/cb')).toEqual(rejected);
    const provider = newProvider('https://me/cb');
    const pair = ask(provider, 'oob');
    if ('problem' in pair) throw new Error(pair.problem);
    expect(provider.consent(pair.token, 'anna').callback).toBe('https://me/cb');
  });
});

describe('an E*TRADE access token', () => {
  it('sleeps after two idle hours, and wakes by a renewal', () => {
    const provider = newProvider();
    const { call } = login(provider);
    clock.at = noon + 2 * HOUR - 1;
    expect(provider.authenticate(call(clock.at))).toEqual({ login: 'anna' });
    clock.at = noon + 4 * HOUR;
    expect(provider.authenticate(call(clock.at))).toEqual({ problem: 'token_expired' });
    expect(provider.renew(call(clock.at))).toBeUndefined();
    expect(provider.authenticate(call(clock.at))).toEqual({ login: 'anna' });
  });

  it('expires at midnight in New York, for good', () => {
    const provider = newProvider();
    clock.at = Date.parse('2026-03-03T23:50:00-05:00');
    const { call } = login(provider);
    clock.at = Date.parse('2026-03-03T23:59:59.999-05:00');
    expect(provider.authenticate(call(clock.at))).toEqual({ login: 'anna' });
    clock.at += 1;
    expect(provider.authenticate(call(clock.at))).toEqual({ problem: 'token_expired' });
    expect(provider.renew(call(clock.at))).toEqual({ problem: 'token_expired' });
  });

  it('is gone when it is revoked', () => {
    const provider = newProvider();
    const { call } = login(provider);
    expect(provider.revoke(call(noon))).toBeUndefined();
    expect(provider.authenticate(call(noon))).toEqual({ problem: 'token_rejected' });
  });
});

describe('a signed request', () => {
  it('T25 is taken once', () => {
    const provider = newProvider();
    const { call } = login(provider);
    const request = call(noon);
    expect(provider.authenticate(request)).toHaveProperty('login');
    expect(provider.authenticate(request)).toEqual({ problem: 'nonce_used' });
  });

  it('T25 T38 may be five minutes off, either way', () => {
    const provider = newProvider();
    const { call } = login(provider);
    expect(provider.authenticate(call(noon - 5 * MINUTE))).toHaveProperty('login');
    expect(provider.authenticate(call(noon + 5 * MINUTE))).toHaveProperty('login');
    expect(provider.authenticate(call(noon - 5 * MINUTE - 1_000))).toEqual({ problem: 'timestamp_refused' });
    expect(provider.authenticate(call(noon + 6 * MINUTE))).toEqual({ problem: 'timestamp_refused' });
  });

  it.each([
    ['consumer_key_unknown', { oauth_consumer_key: 'nobody' }],
    ['token_rejected', { oauth_token: 'another' }],
    ['signature_method_rejected', { oauth_signature_method: 'PLAINTEXT' }],
    ['version_rejected', { oauth_version: '2.0' }],
    ['parameter_absent', { oauth_nonce: '' }],
    ['parameter_absent', { oauth_timestamp: 'now' }],
  ])('is refused: %s', (problem, changed) => {
    const provider = newProvider();
    const { token, secret } = login(provider);
    const request = signed(secret, noon, { oauth_token: token }, changed);
    expect(provider.authenticate(request)).toEqual({ problem });
  });

  it('does not spend its nonce while its signature is wrong', () => {
    const provider = newProvider();
    const { call } = login(provider);
    const request = call(noon);
    expect(provider.authenticate({ ...request, signature: 'x' })).toEqual({ problem: 'signature_invalid' });
    expect(provider.authenticate(request)).toHaveProperty('login');
  });
});
