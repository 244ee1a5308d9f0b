/** OAuth 1.0a (RFC 5849) as E*TRADE speaks it (docs/brokers/etrade.md, section 2.3). */
import { z } from 'zod';
import { AnswerLost, type HttpAnswer, httpCall } from '../wire/http.js';
import { authorizationHeader, type RequestToSign } from '../wire/oauth1-signature.js';
import type { Consumer, Grant } from './grant.js';
import { type BegunLogin, type Granted, ProviderRefused } from './login-provider.js';

export interface OAuth1Endpoints {
  requestToken: string;
  authorize: string;
  accessToken: string;
  renew: string;
  revoke: string;
}

type TokenPair = Extract<Grant, { kind: 'oauth1' }>;

const TIMEOUT_MS = 10_000;
/** A token goes idle after two hours without a call; renewing wakes it. */
const IDLE_AFTER_MS = 2 * 3_600_000;

export class OAuth1Client {
  constructor(
    private readonly endpoints: OAuth1Endpoints,
    private readonly consumer: Consumer,
  ) {}

  /** The callback that E*TRADE has registered, if any, is used whatever is asked for here, and `oob` is all it takes. */
  async begin(): Promise<BegunLogin> {
    const { token, tokenSecret } = await this.pair(this.endpoints.requestToken, { callback: 'oob' });
    const url = new URL(this.endpoints.authorize);
    url.searchParams.set('key', this.consumer.consumerKey);
    url.searchParams.set('token', token);
    return { authorizationUrl: url.href, handle: token, secret: tokenSecret };
  }

  async finish(answer: URLSearchParams, { handle, secret }: Omit<BegunLogin, 'authorizationUrl'>): Promise<Granted> {
    const verifier = answer.get('oauth_verifier') ?? '';
    const grant = await this.pair(this.endpoints.accessToken, { token: handle, tokenSecret: secret, verifier });
    return { grant, livesMs: IDLE_AFTER_MS };
  }

  /** Wakes the same token: there is never a new one. */
  async renew(grant: TokenPair): Promise<Granted> {
    await this.call(this.endpoints.renew, grant);
    return { grant, livesMs: IDLE_AFTER_MS };
  }

  async revoke(grant: TokenPair): Promise<void> {
    await this.call(this.endpoints.revoke, grant);
  }

  private async pair(url: string, more: Partial<RequestToSign>): Promise<TokenPair> {
    const { text } = await this.call(url, more);
    const answer = pairShape.safeParse(Object.fromEntries(new URLSearchParams(text)));
    if (!answer.success) throw new AnswerLost('the token answer cannot be understood');
    const { oauth_token: token, oauth_token_secret: tokenSecret } = answer.data;
    return { kind: 'oauth1', token, tokenSecret };
  }

  private async call(url: string, more: Partial<RequestToSign>): Promise<HttpAnswer> {
    const { token, tokenSecret, callback, verifier } = more;
    const signed = {
      ...(token !== undefined && { token }),
      ...(tokenSecret !== undefined && { tokenSecret }),
      ...(callback !== undefined && { callback }),
      ...(verifier !== undefined && { verifier }),
    };
    const authorization = authorizationHeader({ method: 'GET', url, ...this.consumer, ...signed });
    const answer = await httpCall({ method: 'GET', url, headers: { authorization }, timeoutMs: TIMEOUT_MS });
    if (answer.status !== 200) throw new ProviderRefused(problemOf(answer));
    return answer;
  }
}

const pairShape = z.object({ oauth_token: z.string().min(1), oauth_token_secret: z.string().min(1) });

/** `oauth_problem=token_expired`, as a text or inside of a JSON envelope. */
function problemOf({ status, text }: HttpAnswer): string {
  return /oauth_problem=([a-z_]{1,60})/.exec(text)?.[1] ?? `http_${status}`;
}
