/**
 * OAuth 2.0 with the authorization code grant and PKCE S256 (RFC 6749, 7636, 9700), on oauth4webapi. The verifier goes
 * along also where the broker does not say whether it checks it.
 */
import { randomBytes } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { AnswerLost, httpCall, NotSent } from '../wire/http.js';
import type { Grant } from './grant.js';
import { type BegunLogin, type Granted, ProviderRefused } from './login-provider.js';

interface OAuth2Endpoints {
  authorize: string;
  token: string;
  revoke?: string;
}

export interface OAuth2Settings {
  endpoints: OAuth2Endpoints;
  clientId: string;
  clientSecret: string;
  /** where the token endpoint wants the client's secret */
  secretIn: 'header' | 'body';
  /** as the broker writes it */
  scope?: string;
}

type BearerGrant = Extract<Grant, { kind: 'oauth2' }>;
type BearerGranted = Granted & { grant: BearerGrant };

/** 86 characters of base64url; RFC 7636 section 4.1 allows 43 to 128. */
const VERIFIER_BYTES = 64;
const STATE_BYTES = 32;
const TIMEOUT_MS = 10_000;

export class OAuth2Client {
  private readonly server: oauth.AuthorizationServer;
  private readonly client: oauth.Client;
  private readonly authentication: oauth.ClientAuth;
  private readonly options: oauth.TokenEndpointRequestOptions;

  constructor(private readonly settings: OAuth2Settings) {
    const { endpoints, clientId, clientSecret, secretIn } = settings;
    this.server = {
      issuer: new URL(endpoints.authorize).origin,
      token_endpoint: endpoints.token,
      ...(endpoints.revoke !== undefined && { revocation_endpoint: endpoints.revoke }),
    };
    this.client = { client_id: clientId };
    this.authentication = secretIn === 'header' ? plainBasic(clientSecret) : oauth.ClientSecretPost(clientSecret);
    this.options = {
      [oauth.customFetch]: call,
      // The configuration allows plain HTTP only to this machine and to hosts that it names.
      [oauth.allowInsecureRequests]: endpoints.token.startsWith('http:'),
    };
  }

  async begin(redirectUri: string): Promise<BegunLogin> {
    const handle = randomBytes(STATE_BYTES).toString('base64url');
    const secret = randomBytes(VERIFIER_BYTES).toString('base64url');
    const url = new URL(this.settings.endpoints.authorize);
    const parameters = {
      response_type: 'code',
      client_id: this.settings.clientId,
      redirect_uri: redirectUri,
      state: handle,
      code_challenge: await oauth.calculatePKCECodeChallenge(secret),
      code_challenge_method: 'S256',
      ...(this.settings.scope !== undefined && { scope: this.settings.scope }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { authorizationUrl: url.href, handle, secret };
  }

  async finish(
    answer: URLSearchParams,
    { handle, secret }: Omit<BegunLogin, 'authorizationUrl'>,
    redirectUri: string,
  ): Promise<BearerGranted> {
    return this.understood(async () => {
      const { server, client, authentication, options } = this;
      const code = oauth.validateAuthResponse(server, client, answer, handle);
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        code,
        redirectUri,
        secret,
        options,
      );
      return granted(await oauth.processAuthorizationCodeResponse(server, client, response));
    });
  }

  async refresh(refreshToken: string): Promise<BearerGranted> {
    return this.understood(async () => {
      const { server, client, authentication, options } = this;
      const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken, options);
      // The old one stays good unless a new one is given (RFC 6749 section 6).
      return granted(await oauth.processRefreshTokenResponse(server, client, response), refreshToken);
    });
  }

  /** The token authenticates its own end (docs/brokers/coinbase.md, section 2.3). */
  async revoke({ accessToken }: BearerGrant): Promise<void> {
    const url = this.settings.endpoints.revoke;
    if (url === undefined) return;
    await httpCall({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: accessToken }).toString(),
      timeoutMs: TIMEOUT_MS,
    });
  }

  /** Errors of the library carry the answer's body, tokens and all, so none of them leaves this file. */
  private async understood(exchange: () => Promise<BearerGranted>): Promise<BearerGranted> {
    try {
      return await exchange();
    } catch (error) {
      if (error instanceof NotSent || error instanceof AnswerLost) throw error;
      throw withoutSecrets(error);
    }
  }
}

/** As Schwab's page has it: RFC 6749 section 2.3.1 would have both form-encoded first, which Schwab does not undo. */
function plainBasic(clientSecret: string): oauth.ClientAuth {
  return (_server, client, _body, headers) => {
    const credentials = Buffer.from(`${client.client_id}:${clientSecret}`).toString('base64');
    headers.set('authorization', `Basic ${credentials}`);
  };
}

function granted(answer: oauth.TokenEndpointResponse, oldRefreshToken?: string): BearerGranted {
  const { access_token: accessToken, refresh_token: refreshToken = oldRefreshToken, expires_in: seconds } = answer;
  return {
    grant: { kind: 'oauth2', accessToken, ...(refreshToken !== undefined && { refreshToken }) },
    ...(seconds !== undefined && { livesMs: seconds * 1_000 }),
  };
}

function withoutSecrets(error: unknown): Error {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) {
    return new ProviderRefused(codeOf(error.error));
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) return new ProviderRefused(`http_${error.status}`);
  const answer = error instanceof oauth.OperationProcessingError ? error.cause : undefined;
  if (answer instanceof Response && answer.status !== 200) return new ProviderRefused(`http_${answer.status}`);
  // A 200 that cannot be read may have given, and spent, something.
  return new AnswerLost('the answer of the token endpoint cannot be understood');
}

/** Words of the provider are shown, so they may only look like words. */
function codeOf(error: string): string {
  return /^[a-z_]{1,60}$/.test(error) ? error : 'unknown_error';
}

async function call(
  url: string,
  { body, headers }: oauth.CustomFetchOptions<'POST', URLSearchParams>,
): Promise<Response> {
  const answer = await httpCall({ method: 'POST', url, headers, body: body.toString(), timeoutMs: TIMEOUT_MS });
  const content = { status: answer.status, headers: { 'content-type': answer.headers.get('content-type') ?? '' } };
  return new Response(withoutIdToken(answer.text), content);
}

/** Schwab adds an identity token that nobody asked for and that it publishes no key to check. */
function withoutIdToken(text: string): string {
  try {
    const { id_token: _, ...rest } = JSON.parse(text);
    return JSON.stringify(rest);
  } catch {
    return text;
  }
}
