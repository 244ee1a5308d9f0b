import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/launcher/ports.js';
import { ProviderRefused } from '../../src/oauth/login-provider.js';
import { OAuth2Client } from '../../src/oauth/oauth2-client.js';
import { AnswerLost, NotSent } from '../../src/wire/http.js';

const REDIRECT = 'https://arbion.example/api/v1/oauth/schwab/callback';

/** A token endpoint that answers what a test says, and keeps what it was asked. */
let server: Server;
let base: string;
let answer: { status: number; body: string; type?: string };
let asked: { form: URLSearchParams; authorization: string | undefined; contentType: string | undefined }[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { authorization, 'content-type': contentType } = request.headers;
    asked.push({ form: new URLSearchParams(body), authorization, contentType });
    response.writeHead(answer.status, { 'content-type': answer.type ?? 'application/json', location: '/elsewhere' });
    response.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
});

function client(secretIn: 'header' | 'body' = 'body', at = base): OAuth2Client {
  const endpoints = { authorize: `${at}/authorize`, token: `${at}/token` };
  return new OAuth2Client({ endpoints, clientId: 'demo-client', clientSecret: 'demo-secret', secretIn });
}

const tokens = { access_token: 'canary-access', token_type: 'Bearer', refresh_token: 'canary-refresh' };

/** A login that came back with a code, as Schwab writes it. */
async function finish(secretIn: 'header' | 'body' = 'body') {
  const oauth = client(secretIn);
  const begun = await oauth.begin(REDIRECT);
  const back = new URLSearchParams(`code=C0.b2F1dGgy%40&session=x&state=${begun.handle}`);
  return { begun, granted: await oauth.finish(back, begun, REDIRECT) };
}

describe('a login', () => {
  it('T24 has a verifier of 86 characters and a challenge of its own, a thousand times', async () => {
    const begun = await Promise.all(Array.from({ length: 1_000 }, () => client().begin(REDIRECT)));
    const challenges = begun.map(({ authorizationUrl, secret }) => {
      expect(secret).toMatch(/^[A-Za-z0-9_-]{86}$/);
      const challenge = new URL(authorizationUrl).searchParams.get('code_challenge');
      expect(challenge).toBe(createHash('sha256').update(secret).digest('base64url'));
      return challenge;
    });
    expect(new Set(challenges).size).toBe(1_000);
    expect(new Set(begun.map(({ handle }) => handle)).size).toBe(1_000);
  });

  it('brings code, verifier and redirect address, the secret where the broker wants it', async () => {
    answer = { status: 200, body: JSON.stringify({ ...tokens, expires_in: 1800, id_token: 'not.asked.for' }) };
    const { begun, granted } = await finish('header');
    await finish('body');
    expect(granted).toEqual({
      grant: { kind: 'oauth2', accessToken: 'canary-access', refreshToken: 'canary-refresh' },
      livesMs: 1_800_000,
    });
    const [basic, inBody] = asked;
    expect(basic?.authorization).toBe(`Basic ${Buffer.from('demo-client:demo-secret').toString('base64')}`);
    expect(basic?.form.has('client_secret')).toBe(false);
    expect(Object.fromEntries(basic?.form ?? [])).toMatchObject({
      ...{ grant_type: 'authorization_code', code: 'C0.b2F1dGgy@', redirect_uri: REDIRECT },
      code_verifier: begun.secret,
    });
    expect(Object.fromEntries(inBody?.form ?? [])).toMatchObject({
      ...{ client_id: 'demo-client', client_secret: 'demo-secret' },
    });
    expect(inBody?.authorization).toBeUndefined();
  });
});

describe('a refresh', () => {
  const refresh = () => client().refresh('canary-refresh');
  const failure = async () => refresh().catch((error: unknown) => error);

  it('keeps the old refresh token unless it is given a new one', async () => {
    answer = { status: 200, body: JSON.stringify({ access_token: 'a', token_type: 'bearer' }) };
    expect(await refresh()).toEqual({ grant: { kind: 'oauth2', accessToken: 'a', refreshToken: 'canary-refresh' } });
  });

  it.each([
    [400, { error: 'invalid_grant' }, 'invalid_grant', true],
    [401, { error: 'invalid_client', error_description: 'refresh token invalid' }, 'invalid_client', true],
    [400, { error: 'unsupported_token_type' }, 'unsupported_token_type', true],
    [400, { error: 'temporarily_unavailable' }, 'temporarily_unavailable', false],
    [400, { error: '<script>' }, 'unknown_error', false],
    [422, { code: 42210000, message: 'invalid_grant' }, 'http_422', false],
    [503, {}, 'http_503', false],
    [307, {}, 'http_307', false],
  ])('B74 refused with %d %j is %s, final: %s', async (status, body, code, isFinal) => {
    answer = { status, body: JSON.stringify(body) };
    const error = await failure();
    expect(error).toBeInstanceOf(ProviderRefused);
    expect(error).toMatchObject({ code, isFinal });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['a page', '<html>', 'text/html'],
    ['half of the JSON', '{"access_token":"canary-access","tok', undefined],
    ['no token', '{"token_type":"bearer"}', undefined],
    ['a life that is no number', JSON.stringify({ ...tokens, expires_in: 'abc' }), undefined],
    ['a token of another kind', JSON.stringify({ ...tokens, token_type: 'mac' }), undefined],
    ['nothing', '', undefined],
  ])('B74 answered with %s may have spent the token, and its error shows none', async (_, body, type) => {
    answer = { status: 200, body, ...(type && { type }) };
    const error = await failure();
    expect(error).toBeInstanceOf(AnswerLost);
    expect(inspect(error, { depth: 20 })).not.toMatch(/canary|demo-secret/);
  });

  it('that reached nobody has spent nothing', async () => {
    const error = await client('body', `http://127.0.0.1:${await freePort()}`)
      .refresh('canary-refresh')
      .catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(NotSent);
    expect(inspect(error, { depth: 20 })).not.toMatch(/canary|demo-secret/);
  });
});
