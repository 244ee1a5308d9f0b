import type { Credential } from '../broker-port/access.js';
import type { LiveBroker } from '../domain/broker-login.js';
import type { NamedAccount } from '../storage/broker-logins.js';
import type { Grant } from './grant.js';

/** A login that a person is to go through in a browser. */
export interface BegunLogin {
  authorizationUrl: string;
  /** what the answer will name it by: the state, or the request token */
  handle: string;
  /** what only we know of it: the PKCE verifier, or the request token's secret */
  secret: string;
}

export interface Granted {
  grant: Grant;
  /** how long it is valid without a refresh, as the provider states; absent: no known end */
  livesMs?: number;
}

/**
 * A broker's authorization server as its client sees it. Each method is one try.
 * @throws ProviderRefused, NotSent, AnswerLost
 */
export interface LoginProvider {
  readonly broker: LiveBroker;
  /** a refresh token works once: a refresh whose answer is lost may have spent it */
  readonly spendsRefreshTokens: boolean;
  /** absent where no OAuth client is configured: then there are only keys */
  readonly login?: {
    begin(redirectUri: string): Promise<BegunLogin>;
    /** `answer` is the query with which the browser came back. */
    finish(answer: URLSearchParams, begun: Omit<BegunLogin, 'authorizationUrl'>, redirectUri: string): Promise<Granted>;
  };
  readonly takesKeys: boolean;
  refresh(grant: Grant): Promise<Granted>;
  /** Ends the permission at the broker, as far as it has a way to. */
  revoke(grant: Grant): Promise<void>;
  credentialOf(grant: Grant): Credential;
  accounts(credential: Credential): Promise<NamedAccount[]>;
}

/** The provider said no, in a word of its own. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused';

  constructor(
    /** the `error` of RFC 6749 section 5.2, the `oauth_problem`, or `http_<status>` */
    readonly code: string,
  ) {
    super(`the provider refused: ${code}`);
  }

  /** No later try with the same credential can go better. */
  get isFinal(): boolean {
    return FINAL_CODES.includes(this.code);
  }
}

const FINAL_CODES = [
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'access_denied',
  // Schwab's words for a refresh token that is over.
  'unsupported_token_type',
  'refresh_token_authentication_error',
  // E*TRADE's.
  'token_rejected',
  'token_expired',
  'token_revoked',
  // A credential that cannot be refreshed, refused by the broker itself.
  'unauthorized',
];
