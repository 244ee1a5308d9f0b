/** Schwab's authorization server (docs/brokers/schwab.md, section 3): HTTP Basic only at the token endpoint; refresh tokens live 7 days. */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { redirectBack } from '../oauth/authorize.js';
import { readBasic } from '../oauth/basic.js';
import { consentPage, noticePage, readConsent } from '../oauth/consent-page.js';
import { type IssuedTokens, type OAuth2Policy, OAuth2Provider } from '../oauth/oauth2-provider.js';

const SECOND_MS = 1_000;
const DAY_MS = 86_400 * SECOND_MS;

const random = () => randomBytes(32).toString('base64url');

const SCHWAB_POLICY: OAuth2Policy = {
  codeLifeMs: 30 * SECOND_MS,
  accessLifeMs: 1_800 * SECOND_MS,
  refreshLifeMs: 7 * DAY_MS,
  rotates: false,
  pkce: 'verified',
  newCode: () => `C0.${random()}@`,
  newAccessToken: () => `I0.${random()}@`,
  newRefreshToken: random,
};

export class SchwabSignIn {
  private readonly provider: OAuth2Provider;

  constructor(
    private readonly exchange: Exchange,
    private readonly handleCall: HandleCall,
  ) {
    const clientOf = (clientId: string) => {
      const client = exchange.accounts.client('schwab', clientId);
      return client && { secret: client.clientSecret, redirectUris: client.redirectUris };
    };
    this.provider = new OAuth2Provider(SCHWAB_POLICY, clientOf, {
      codes: exchange.documents('schwab-codes'),
      grants: exchange.documents('schwab-grants'),
      accessTokens: exchange.documents('schwab-access-tokens'),
      refreshTokens: exchange.documents('schwab-refresh-tokens'),
    });
  }

  routes(): Hono<Env> {
    return new Hono<Env>()
      .get('/authorize', (context) => this.handleCall(context, { operation: 'authorize' }, () => this.show(context)))
      .post('/authorize', (context) => this.handleCall(context, { operation: 'authorize' }, () => this.decide(context)))
      .post('/token', (context) =>
        this.handleCall(context, { operation: 'token' }, (call) => this.token(context, call)),
      );
  }

  /** The accounts that the caller may act for; undefined when the token is not valid. */
  accountsOf(context: Context<Env>): Account[] | undefined {
    const [, token] = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '') ?? [];
    return token === undefined ? undefined : this.accountsOfToken(token);
  }

  accountsOfToken(token: string): Account[] | undefined {
    const grant = this.provider.authenticate(token, this.exchange.now());
    return grant && this.accountsOfUser(grant.login);
  }

  private accountsOfUser(username: string): Account[] {
    return this.exchange.accounts.ofBroker('schwab').filter(({ login }) => login.username === username);
  }

  private show(context: Context<Env>, problem?: string): Response {
    const authorization = this.provider.authorization(new URL(context.req.url).searchParams);
    if ('error' in authorization) return noticePage('Not possible', authorization.description, 400);
    const question = { broker: 'Charles Schwab', clientId: authorization.clientId };
    return consentPage(problem === undefined ? question : { ...question, problem });
  }

  private async decide(context: Context<Env>): Promise<Response> {
    const authorization = this.provider.authorization(new URL(context.req.url).searchParams);
    if ('error' in authorization) return noticePage('Not possible', authorization.description, 400);
    const answer = readConsent(new URLSearchParams(await context.req.text()));
    if (!answer.allowed) return redirectBack(authorization, { error: 'access_denied' });
    const accounts = this.exchange.accounts.ofLogin('schwab', answer);
    if (accounts.length === 0) return this.show(context, 'The user name or password is wrong.');
    const code = this.provider.grant(authorization, answer.username, this.exchange.now());
    return redirectBack(authorization, { code, session: randomUUID() });
  }

  private async token(context: Context<Env>, call: Call): Promise<Response> {
    const client = readBasic(context.req.header('authorization'));
    const form = new URLSearchParams(await context.req.text());
    if (client === undefined || form.has('client_secret')) return tokenError(401, 'invalid_client', 'use Basic');
    const now = this.exchange.now();
    if (call.fault?.kind === 'reject') return tokenError(400, 'invalid_grant', 'rejected');
    if (form.get('grant_type') === 'refresh_token') {
      return this.refresh(client, form.get('refresh_token') ?? '', call);
    }
    if (form.get('grant_type') !== 'authorization_code') return tokenError(400, 'unsupported_grant_type', 'unknown');
    const [code, redirectUri] = [form.get('code') ?? '', form.get('redirect_uri') ?? ''];
    const verifier = form.get('code_verifier') ?? undefined;
    const issued = this.provider.exchange(client, { code, redirectUri, verifier }, now);
    if (!('error' in issued)) return tokens(issued);
    return tokenError(issued.error === 'invalid_client' ? 401 : 400, issued.error, issued.description);
  }

  private refresh(client: { clientId: string; clientSecret: string }, token: string, call: Call): Response {
    if (call.fault?.kind === 'token_family_revoked') this.provider.revoke(token);
    const issued = this.provider.refresh(client, token, this.exchange.now());
    const refused = 'error' in issued;
    const account = this.accountOfRefresh(token);
    const reason = refused ? { reason: issued.error } : {};
    this.exchange.recordRefresh({ broker: 'schwab', account, outcome: refused ? 'refused' : 'refreshed', ...reason });
    if (!refused) return tokens(issued);
    return issued.error === 'invalid_client'
      ? tokenError(401, issued.error, issued.description)
      : tokenError(400, 'unsupported_token_type', refreshFailure());
  }

  private accountOfRefresh(token: string): string | null {
    const login = this.provider.loginOf(token);
    return (login && this.accountsOfUser(login)[0]?.account) ?? null;
  }
}

/** Section 3.2. The answer does not say when the refresh token expires: the client must keep the date. */
function tokens({ accessToken, refreshToken, expiresInSeconds }: IssuedTokens): Response {
  const body = {
    ...{ expires_in: expiresInSeconds, token_type: 'Bearer', scope: 'api' },
    ...{ refresh_token: refreshToken, access_token: accessToken, id_token: 'eyJhbGciOiJub25lIn0.e30.' },
  };
  return Response.json(body, { headers: { 'cache-control': 'no-store' } });
}

function tokenError(status: 400 | 401, error: string, description: string): Response {
  return Response.json({ error, error_description: description }, { status });
}

/** Section 3.4: another server's answer inside this one's. */
function refreshFailure(): string {
  const inner = `Exception while authenticating refresh token [tokenDigest=${randomUUID()}, Exception=Failed refresh token authentication]`;
  return `400 Bad Request: "{"error_description":"${inner}","error":"refresh_token_authentication_error"}"`;
}
