/** Connect, Alpaca's OAuth 2.0 (docs/brokers/alpaca.md, section 2.2): credentials in the body, a token that does not expire. */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { redirectBack } from '../oauth/authorize.js';
import { consentPage, noticePage, readConsent } from '../oauth/consent-page.js';
import { OAuth2Provider } from '../oauth/oauth2-provider.js';
import { failure, problems } from './answers.js';

const CODE_LIFE_MS = 10 * 60_000;

export function createProvider(exchange: Exchange): OAuth2Provider {
  const clientOf = (clientId: string) => {
    const client = exchange.accounts.client('alpaca', clientId);
    return client && { secret: client.clientSecret, redirectUris: client.redirectUris };
  };
  const policy = {
    ...{ codeLifeMs: CODE_LIFE_MS, accessLifeMs: Number.POSITIVE_INFINITY, refreshLifeMs: undefined, rotates: false },
    pkce: 'verified' as const,
    newCode: randomUUID,
    newAccessToken: randomUUID,
    newRefreshToken: () => randomBytes(32).toString('base64url'),
  };
  return new OAuth2Provider(policy, clientOf, {
    codes: exchange.documents('alpaca-codes'),
    grants: exchange.documents('alpaca-grants'),
    accessTokens: exchange.documents('alpaca-access-tokens'),
    refreshTokens: exchange.documents('alpaca-refresh-tokens'),
  });
}

export function signInRoutes(exchange: Exchange, handleCall: HandleCall, provider: OAuth2Provider): Hono<Env> {
  const show = (context: Context<Env>, problem?: string) => {
    const authorization = provider.authorization(new URL(context.req.url).searchParams);
    if ('error' in authorization) return noticePage('Not possible', authorization.description, 400);
    return consentPage({
      broker: 'Alpaca',
      clientId: authorization.clientId,
      ...(problem !== undefined && { problem }),
    });
  };
  const decide = async (context: Context<Env>) => {
    const authorization = provider.authorization(new URL(context.req.url).searchParams);
    if ('error' in authorization) return noticePage('Not possible', authorization.description, 400);
    const answer = readConsent(new URLSearchParams(await context.req.text()));
    if (!answer.allowed) return redirectBack(authorization, { error: 'access_denied' });
    if (exchange.accounts.ofLogin('alpaca', answer).length === 0)
      return show(context, 'The user name or password is wrong.');
    return redirectBack(authorization, { code: provider.grant(authorization, answer.username, exchange.now()) });
  };
  return new Hono<Env>()
    .get('/oauth/authorize', (context) => handleCall(context, { operation: 'authorize' }, () => show(context)))
    .post('/oauth/authorize', (context) => handleCall(context, { operation: 'authorize' }, () => decide(context)))
    .post('/oauth/token', async (context) => {
      const form = new URLSearchParams(await context.req.text());
      return handleCall(context, { operation: 'token' }, (call) => exchangeCode(exchange, provider, form, call));
    });
}

/** The answer has neither `expires_in` nor a refresh token. */
function exchangeCode(exchange: Exchange, provider: OAuth2Provider, form: URLSearchParams, call: Call): Response {
  const refused = call.fault !== undefined || form.get('grant_type') !== 'authorization_code';
  if (refused) return failure({ status: 422, code: 42210000, message: 'invalid_grant' });
  const client = { clientId: form.get('client_id') ?? '', clientSecret: form.get('client_secret') ?? '' };
  const terms = {
    ...{ code: form.get('code') ?? '', redirectUri: form.get('redirect_uri') ?? '' },
    verifier: form.get('code_verifier') ?? undefined,
  };
  const issued = provider.exchange(client, terms, exchange.now());
  if (!('error' in issued)) {
    return Response.json({ access_token: issued.accessToken, token_type: 'bearer', scope: issued.scope });
  }
  if (issued.error === 'invalid_client') return failure(problems.invalidClient);
  return failure({ status: 422, code: 42210000, message: issued.error });
}
