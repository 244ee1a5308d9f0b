import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type IssuedTokens, type OAuth2Policy, OAuth2Provider } from '../../src/simulator/oauth/oauth2-provider.js';

const start = Date.parse('2026-03-03T12:00:00Z');
const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const redirectUri = 'https://127.0.0.1:8443/cb';
const client = { clientId: 'app', clientSecret: 'secret' };
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

function newProvider(change: Partial<OAuth2Policy> = {}) {
  const policy: OAuth2Policy = {
    ...{
      codeLifeMs: 30 * SECOND,
      accessLifeMs: 1_800 * SECOND,
      refreshLifeMs: 7 * DAY,
      rotates: false,
      pkce: 'verified',
    },
    ...{ newCode: randomUUID, newAccessToken: randomUUID, newRefreshToken: randomUUID, ...change },
  };
  const clients = (id: string) => (id === 'app' ? { secret: 'secret', redirectUris: [redirectUri] } : undefined);
  const tables = { codes: new Map(), grants: new Map(), accessTokens: new Map(), refreshTokens: new Map() };
  return new OAuth2Provider(policy, clients, tables);
}

const query = (change: Record<string, string> = {}) =>
  new URLSearchParams({ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, state: 's', ...change });

function codeOf(provider: OAuth2Provider, change: Record<string, string> = {}) {
  const authorization = provider.authorization(query(change));
  if ('error' in authorization) throw new Error(authorization.description);
  return provider.grant(authorization, 'anna', start);
}

function tokensOf(provider: OAuth2Provider): IssuedTokens {
  const tokens = provider.exchange(client, { code: codeOf(provider), redirectUri, verifier: undefined }, start);
  if ('error' in tokens) throw new Error(tokens.description);
  return tokens;
}

describe('an authorization request', () => {
  it.each([
    ['another client', { client_id: 'other' }, 'unauthorized_client'],
    ['a longer redirect address', { redirect_uri: `${redirectUri}/` }, 'invalid_request'],
    ['the implicit grant', { response_type: 'token' }, 'unsupported_response_type'],
    ['a plain challenge', { code_challenge: challenge, code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge without a method', { code_challenge: challenge }, 'invalid_request'],
  ])('is refused with %s', (_, change, error) => {
    expect(newProvider().authorization(query(change))).toMatchObject({ error });
  });

  it('needs a challenge only where the policy says so', () => {
    expect(newProvider().authorization(query())).toHaveProperty('redirectUri', redirectUri);
    expect(newProvider({ pkce: 'required' }).authorization(query())).toMatchObject({ error: 'invalid_request' });
  });
});

describe('a code', () => {
  const form = (code: string, change: object = {}) => ({ code, redirectUri, verifier: undefined, ...change });

  it('becomes tokens for its user', () => {
    const provider = newProvider();
    const { accessToken, expiresInSeconds } = tokensOf(provider);
    expect(expiresInSeconds).toBe(1_800);
    expect(provider.authenticate(accessToken, start)).toMatchObject({ login: 'anna', clientId: 'app' });
  });

  it('works once, and a second try ends what the first got', () => {
    const provider = newProvider();
    const code = codeOf(provider);
    const tokens = provider.exchange(client, form(code), start);
    expect(provider.exchange(client, form(code), start)).toMatchObject({ error: 'invalid_grant' });
    if ('error' in tokens) throw new Error(tokens.description);
    expect(provider.authenticate(tokens.accessToken, start)).toBeUndefined();
  });

  it.each([
    ['after 30 seconds', client, {}, 30 * SECOND, 'invalid_grant'],
    ['for another redirect address', client, { redirectUri: 'https://127.0.0.1/cb' }, 0, 'invalid_grant'],
    ['with a verifier that nobody announced', client, { verifier }, 0, 'invalid_grant'],
    ['for a wrong secret', { ...client, clientSecret: 'secrets' }, {}, 0, 'invalid_client'],
    ['for another client', { clientId: 'other', clientSecret: 'secret' }, {}, 0, 'invalid_client'],
  ])('is refused %s', (_, who, change, after, error) => {
    const provider = newProvider();
    expect(provider.exchange(who, form(codeOf(provider), change), start + after)).toMatchObject({ error });
  });

  it('needs the verifier of its challenge (RFC 7636 appendix B)', () => {
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge);
    const provider = newProvider();
    const announced = { code_challenge: challenge, code_challenge_method: 'S256' };
    const exchange = (given: string | undefined) =>
      provider.exchange(client, form(codeOf(provider, announced), { verifier: given }), start);
    expect(exchange(undefined)).toMatchObject({ error: 'invalid_grant' });
    expect(exchange(`${verifier}x`)).toMatchObject({ error: 'invalid_grant' });
    expect(exchange(verifier)).toHaveProperty('accessToken');
  });
});

describe('a refresh token', () => {
  it('answers new access tokens until seven days after the login, however often it is used', () => {
    const provider = newProvider();
    const { refreshToken } = tokensOf(provider);
    const end = start + 7 * DAY;
    for (const at of [start + DAY, end - 1]) {
      const refreshed = provider.refresh(client, refreshToken, at);
      expect(refreshed).toMatchObject({ refreshToken });
    }
    expect(provider.refresh(client, refreshToken, end)).toMatchObject({ error: 'invalid_grant' });
  });

  it('is no access token, and an access token lives for its time only', () => {
    const provider = newProvider();
    const { accessToken, refreshToken } = tokensOf(provider);
    expect(provider.authenticate(refreshToken, start)).toBeUndefined();
    expect(provider.authenticate(accessToken, start + 1_800 * SECOND - 1)).toBeDefined();
    expect(provider.authenticate(accessToken, start + 1_800 * SECOND)).toBeUndefined();
  });

  it('rotates where the policy says so; the old one used again ends the family', () => {
    const provider = newProvider({ rotates: true });
    const first = tokensOf(provider);
    const second = provider.refresh(client, first.refreshToken, start);
    if ('error' in second) throw new Error(second.description);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(provider.refresh(client, first.refreshToken, start)).toMatchObject({ error: 'invalid_grant' });
    expect(provider.refresh(client, second.refreshToken, start)).toMatchObject({ error: 'invalid_grant' });
    expect(provider.authenticate(second.accessToken, start)).toBeUndefined();
  });

  it('ends with everything else when it is revoked', () => {
    const provider = newProvider();
    const { accessToken, refreshToken } = tokensOf(provider);
    provider.revoke('no such token');
    provider.revoke(accessToken);
    expect(provider.refresh(client, refreshToken, start)).toMatchObject({ error: 'invalid_grant' });
  });
});
