/** Coinbase's OAuth 2.0 (docs/brokers/coinbase.md, section 2): PKCE enforced, refresh tokens that work once, `offline_access`. */
import { randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { redirectBack } from '../oauth/authorize.js';
import { consentPage, noticePage, readConsent } from '../oauth/consent-page.js';
import { type Authorization, type IssuedTokens, OAuth2Provider, type OAuth2Refusal } from '../oauth/oauth2-provider.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SHORTEST_STATE = 8;

const random = () => randomBytes(32).toString('base64url');

export function createProvider(exchange: Exchange): OAuth2Provider {
  const clientOf = (clientId: string) => {
    const client = exchange.accounts.client('coinbase', clientId);
    return client && { secret: client.clientSecret, redirectUris: client.redirectUris };
  };
  const policy = {
    ...{ codeLifeMs: HOUR_MS / 6, accessLifeMs: HOUR_MS, refreshLifeMs: 548 * DAY_MS, rotates: true },
    ...{ pkce: 'required' as const, newCode: random, newAccessToken: random, newRefreshToken: random },
  };
  return new OAuth2Provider(policy, clientOf, {
    codes: exchange.documents('coinbase-codes'),
    grants: exchange.documents('coinbase-grants'),
    accessTokens: exchange.documents('coinbase-access-tokens'),
    refreshTokens: exchange.documents('coinbase-refresh-tokens'),
  });
}

/** Coinbase's documentation separates scopes with commas, RFC 6749 with spaces. */
export function scopesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== '');
}

export class CoinbaseSignIn {
  constructor(
    private readonly exchange: Exchange,
    private readonly provider: OAuth2Provider,
    private readonly handleCall: HandleCall,
  ) {}

  routes(): Hono<Env> {
    return new Hono<Env>()
      .get('/oauth2/auth', (context) => this.handleCall(context, { operation: 'authorize' }, () => this.show(context)))
      .post('/oauth2/auth', (context) =>
        this.handleCall(context, { operation: 'authorize' }, () => this.decide(context)),
      )
      .post('/oauth2/token', (context) => this.token(context))
      .post('/oauth2/revoke', (context) => this.revoke(context));
  }

  private authorization(context: Context<Env>): Authorization | OAuth2Refusal {
    const query = new URL(context.req.url).searchParams;
    const client = this.exchange.accounts.client('coinbase', query.get('client_id') ?? '');
    const [only, ...others] = client?.redirectUris ?? [];
    if (!query.has('redirect_uri') && only !== undefined && others.length === 0) query.set('redirect_uri', only);
    const state = query.get('state');
    if (state !== null && state.length < SHORTEST_STATE) {
      return { error: 'invalid_request', description: 'state must have at least 8 characters' };
    }
    return this.provider.authorization(query);
  }

  private show(context: Context<Env>, problem?: string): Response {
    const authorization = this.authorization(context);
    if ('error' in authorization) return noticePage('Not possible', authorization.description, 400);
    const question = { broker: 'Coinbase', clientId: authorization.clientId };
    return consentPage(problem === undefined ? question : { ...question, problem });
  }

  private async decide(context: Context<Env>): Promise<Response> {
    const authorization = this.authorization(context);
    if ('error' in authorization) return noticePage('Not possible', authorization.description, 400);
    const answer = readConsent(new URLSearchParams(await context.req.text()));
    if (!answer.allowed) {
      return redirectBack(authorization, { error: 'access_denied', error_description: 'The user denied the request' });
    }
    const accounts = this.exchange.accounts.ofLogin('coinbase', answer);
    if (accounts.length === 0) return this.show(context, 'The user name or password is wrong.');
    return redirectBack(authorization, {
      code: this.provider.grant(authorization, answer.username, this.exchange.now()),
    });
  }

  private async token(context: Context<Env>): Promise<Response> {
    const form = new URLSearchParams(await context.req.text());
    const account = this.accountOf(form.get('refresh_token') ?? '') ?? undefined;
    return await this.handleCall(context, { operation: 'token', account }, (call) => this.issue(form, call));
  }

  private issue(form: URLSearchParams, call: Call): Response {
    const client = { clientId: form.get('client_id') ?? '', clientSecret: form.get('client_secret') ?? '' };
    if (form.get('grant_type') === 'refresh_token') return this.refresh(client, form.get('refresh_token') ?? '', call);
    if (form.get('grant_type') !== 'authorization_code') return tokenError('unsupported_grant_type', 'unknown grant');
    if (call.fault !== undefined) return tokenError('invalid_grant', 'the code was refused');
    const terms = {
      ...{ code: form.get('code') ?? '', redirectUri: form.get('redirect_uri') ?? '' },
      verifier: form.get('code_verifier') ?? undefined,
    };
    return tokenAnswer(this.provider.exchange(client, terms, this.exchange.now()));
  }

  private refresh(client: { clientId: string; clientSecret: string }, token: string, call: Call): Response {
    const account = this.accountOf(token);
    if (call.fault?.kind === 'token_family_revoked') this.provider.revoke(token);
    const issued =
      call.fault?.kind === 'reject'
        ? { error: 'invalid_grant' as const, description: 'the refresh token was refused' }
        : this.provider.refresh(client, token, this.exchange.now());
    const isRefused = 'error' in issued;
    const reason = isRefused ? { reason: issued.error } : {};
    this.exchange.recordRefresh({
      broker: 'coinbase',
      account,
      outcome: isRefused ? 'refused' : 'refreshed',
      ...reason,
    });
    return tokenAnswer(issued);
  }

  /** The answer is 200 whether or not the token was valid (RFC 7009 section 2.2). */
  private async revoke(context: Context<Env>): Promise<Response> {
    const form = new URLSearchParams(await context.req.text());
    const bearer = context.req.header('authorization')?.replace(/^Bearer /i, '') ?? form.get('access_token');
    return await this.handleCall(context, { operation: 'token' }, () => {
      const token = form.get('token') ?? '';
      if (token !== '' && bearer === token) this.provider.revoke(token);
      return Response.json({});
    });
  }

  private accountOf(refreshToken: string): string | null {
    const username = this.provider.loginOf(refreshToken);
    const accounts = this.exchange.accounts.ofBroker('coinbase');
    return accounts.find(({ login }) => login.username === username)?.account ?? null;
  }
}

function tokenAnswer(issued: IssuedTokens | OAuth2Refusal): Response {
  if ('error' in issued) return tokenError(issued.error, issued.description);
  const { accessToken, refreshToken, expiresInSeconds, scope } = issued;
  const isOffline = scopesOf(scope).includes('offline_access');
  return Response.json({
    ...{ access_token: accessToken, token_type: 'bearer', expires_in: expiresInSeconds },
    ...(isOffline && { refresh_token: refreshToken }),
    scope,
  });
}

function tokenError(error: string, description: string): Response {
  const status = error === 'invalid_client' ? 401 : 400;
  return Response.json({ error, error_description: description }, { status });
}
