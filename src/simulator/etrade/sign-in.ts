/** E*TRADE's OAuth 1.0a endpoints and its authorize page (docs/brokers/etrade.md, section 2.3). */
import { type Context, Hono } from 'hono';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { consentPage, noticePage, readConsent } from '../oauth/consent-page.js';
import {
  type AccessToken,
  OAuth1Provider,
  type OAuthProblem,
  type RequestToken,
  type TokenPair,
} from '../oauth/oauth1-provider.js';
import { type OAuth1Request, readOAuth1Request } from '../oauth/oauth1-request.js';

type Refused = { problem: OAuthProblem };

export class EtradeSignIn {
  private readonly provider: OAuth1Provider;

  constructor(
    private readonly exchange: Exchange,
    private readonly handleCall: HandleCall,
    wall: () => number,
  ) {
    const consumerOf = (key: string) => {
      const client = exchange.accounts.client('etrade', key);
      return client && { secret: client.clientSecret, callback: client.redirectUris.find((uri) => uri !== 'oob') };
    };
    const tables = {
      requestTokens: exchange.documents<RequestToken>('etrade-request-tokens'),
      accessTokens: exchange.documents<AccessToken>('etrade-access-tokens'),
      nonces: exchange.documents<true>('etrade-nonces'),
    };
    this.provider = new OAuth1Provider(consumerOf, tables, { now: () => exchange.now(), wall });
  }

  /** The token endpoints accept both GET and POST. */
  routes(): Hono<Env> {
    const both = ['GET', 'POST'];
    return new Hono<Env>()
      .on(both, '/oauth/request_token', (context) => this.token(context, (request) => this.requestToken(request)))
      .on(both, '/oauth/access_token', (context) => this.token(context, (request) => this.accessToken(request)))
      .on(both, '/oauth/renew_access_token', (context) =>
        this.token(context, (request, call) => this.renew(request, call)),
      )
      .on(both, '/oauth/revoke_access_token', (context) => this.token(context, (request) => this.revoke(request)))
      .get('/e/t/etws/authorize', (context) =>
        this.handleCall(context, { operation: 'authorize' }, () => this.show(context)),
      )
      .post('/e/t/etws/authorize', (context) =>
        this.handleCall(context, { operation: 'authorize' }, () => this.decide(context)),
      );
  }

  /** Whose call this is, or what is wrong with its signature or token. It spends the nonce, so call it once per request. */
  async caller(context: Context<Env>): Promise<{ login: string } | Refused> {
    const request = await readSigned(context);
    return request ? this.provider.authenticate(request) : { problem: 'parameter_absent' };
  }

  private token(context: Context<Env>, handle: (request: OAuth1Request, call: Call) => Response): Promise<Response> {
    return this.handleCall(context, { operation: 'token' }, async (call: Call) => {
      if (call.fault?.kind === 'reject') return refused('token_rejected');
      const request = await readSigned(context);
      return request ? handle(request, call) : refused('parameter_absent');
    });
  }

  private requestToken(request: OAuth1Request): Response {
    const issued = this.provider.requestToken(request);
    return 'problem' in issued ? refused(issued.problem) : pairAnswer(issued, { oauth_callback_confirmed: 'true' });
  }

  private accessToken(request: OAuth1Request): Response {
    const issued = this.provider.accessToken(request);
    return 'problem' in issued ? refused(issued.problem) : pairAnswer(issued);
  }

  /** Answers a text without new values: the token stays the same. */
  private renew(request: OAuth1Request, { fault }: Call): Response {
    const login = this.provider.loginOf(request);
    const failed = fault?.kind === 'token_family_revoked' ? this.ended(request) : this.provider.renew(request);
    const account = this.exchange.accounts.ofBroker('etrade').find((known) => known.login.username === login)?.account;
    this.exchange.recordRefresh({
      ...{ broker: 'etrade', account: account ?? null, outcome: failed ? 'refused' : 'refreshed' },
      ...(failed && { reason: failed.problem }),
    });
    return failed ? refused(failed.problem) : new Response('Access Token has been renewed');
  }

  private ended(request: OAuth1Request): Refused {
    return this.provider.revoke(request) ?? { problem: 'token_rejected' };
  }

  private revoke(request: OAuth1Request): Response {
    const failed = this.provider.revoke(request);
    return failed ? refused(failed.problem) : new Response('Revoked Access Token');
  }

  private show(context: Context<Env>, problem?: string): Response {
    const { key, token } = asked(context);
    if (!this.provider.awaitsConsent(key, token)) return noticePage('Not possible', 'The request has expired.', 400);
    return consentPage({ broker: 'E*TRADE', clientId: key, ...(problem !== undefined && { problem }) });
  }

  private async decide(context: Context<Env>): Promise<Response> {
    const { key, token } = asked(context);
    if (!this.provider.awaitsConsent(key, token)) return noticePage('Not possible', 'The request has expired.', 400);
    const answer = readConsent(new URLSearchParams(await context.req.text()));
    if (!answer.allowed) {
      this.provider.decline(token);
      return noticePage('Declined', 'You have not given access.');
    }
    if (this.exchange.accounts.ofLogin('etrade', answer).length === 0) {
      return this.show(context, 'The user name or password is wrong.');
    }
    const { verifier, callback } = this.provider.consent(token, answer.username);
    if (callback === undefined) return noticePage('Complete Authorization', verifier);
    const address = new URL(callback);
    address.searchParams.set('oauth_token', token);
    address.searchParams.set('oauth_verifier', verifier);
    return new Response(null, { status: 302, headers: { location: address.href } });
  }
}

/** Clients put the token into the URL unescaped, so that a `+` arrives as a space. */
function asked(context: Context<Env>): { key: string; token: string } {
  const query = new URL(context.req.url).searchParams;
  return { key: query.get('key') ?? '', token: (query.get('token') ?? '').replaceAll(' ', '+') };
}

async function readSigned(context: Context<Env>): Promise<OAuth1Request | undefined> {
  const { method, url } = context.req;
  const isForm = context.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
  const form = isForm ? await context.req.text() : undefined;
  return readOAuth1Request({ method, url, authorization: context.req.header('authorization'), form });
}

function refused(problem: OAuthProblem): Response {
  return new Response(`oauth_problem=${problem}`, { status: 401 });
}

/** Form-encoded, with the token's `/`, `+` and `=` escaped. */
function pairAnswer({ token, secret }: TokenPair, more: Record<string, string> = {}): Response {
  const body = new URLSearchParams({ oauth_token: token, oauth_token_secret: secret, ...more });
  return new Response(body.toString(), { headers: { 'content-type': 'application/x-www-form-urlencoded' } });
}
