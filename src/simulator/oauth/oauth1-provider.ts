/**
 * An OAuth 1.0a provider like E*TRADE's (docs/brokers/etrade.md, section 2.3): request token, consent, verifier, access token
 * that expires at midnight in New York and becomes inactive after two idle hours.
 *
 * A signed request is checked in this order: parameters, consumer, clock, token, signature, nonce. A nonce is
 * spent only by a correctly signed request; otherwise anybody could spend somebody else's.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { tradingDay } from '../../domain/calendar.js';
import type { OAuth1Request } from './oauth1-request.js';
import { hasSignature } from './oauth1-signature.js';
import type { Table } from './tables.js';

export interface OAuth1Consumer {
  secret: string;
  /** registered by E*TRADE's support; without one, the page shows the verifier */
  callback: string | undefined;
}

export interface RequestToken {
  secret: string;
  consumerKey: string;
  createdAt: number;
  /** set once the user has consented */
  consent?: { verifier: string; login: string };
}

export interface AccessToken {
  secret: string;
  consumerKey: string;
  login: string;
  createdAt: number;
  lastUsedAt: number;
}

export interface OAuth1Tables {
  requestTokens: Table<RequestToken>;
  accessTokens: Table<AccessToken>;
  /** nonces seen, by consumer and time stamp */
  nonces: Table<true>;
}

export interface OAuth1Clock {
  /** the provider's own time, by which tokens expire; epoch milliseconds */
  now(): number;
  /** the time that time stamps are checked against: the machine's, since clients know no other */
  wall(): number;
}

/** The problem names of the OAuth Problem Reporting extension, which E*TRADE uses. */
export type OAuthProblem =
  | 'parameter_absent'
  | 'signature_method_rejected'
  | 'version_rejected'
  | 'consumer_key_unknown'
  | 'callback_rejected,oauth_acceptable_callback=oob'
  | 'timestamp_refused'
  | 'nonce_used'
  | 'signature_invalid'
  | 'verifier_invalid'
  | 'token_rejected'
  | 'token_expired';

export interface TokenPair {
  token: string;
  secret: string;
}

type Refused = { problem: OAuthProblem };

const CLOCK_TOLERANCE_MS = 5 * 60_000;
const REQUEST_TOKEN_LIFE_MS = 5 * 60_000;
const IDLE_AFTER_MS = 2 * 3_600_000;

export class OAuth1Provider {
  /** the nonces of this process, oldest first */
  private readonly spent: { nonce: string; until: number }[] = [];

  constructor(
    private readonly consumers: (key: string) => OAuth1Consumer | undefined,
    private readonly tables: OAuth1Tables,
    private readonly clock: OAuth1Clock,
  ) {}

  requestToken(request: OAuth1Request): TokenPair | Refused {
    const consumerKey = request.oauth.get('oauth_consumer_key') ?? '';
    const callback = request.oauth.get('oauth_callback');
    if (callback === undefined) return { problem: 'parameter_absent' };
    const problem = this.problemOf(request, '');
    if (problem) return { problem };
    if (callback !== 'oob' && callback !== this.consumers(consumerKey)?.callback) {
      return { problem: 'callback_rejected,oauth_acceptable_callback=oob' };
    }
    const pair = newPair();
    this.tables.requestTokens.set(pair.token, { secret: pair.secret, consumerKey, createdAt: this.clock.now() });
    return pair;
  }

  /** Whether the consent page may be shown for a token. */
  awaitsConsent(consumerKey: string, token: string): boolean {
    const row = this.tables.requestTokens.get(token);
    return row !== undefined && row.consumerKey === consumerKey && this.isYoung(row) && row.consent === undefined;
  }

  /** Records the user's consent; returns the verifier, and the consumer's callback if it has one. */
  consent(token: string, login: string): { verifier: string; callback: string | undefined } {
    const row = this.tables.requestTokens.get(token);
    if (row === undefined) throw new RangeError('no such request token');
    const verifier = newVerifier();
    this.tables.requestTokens.set(token, { ...row, consent: { verifier, login } });
    return { verifier, callback: this.consumers(row.consumerKey)?.callback };
  }

  /** Records that the user declined. */
  decline(token: string): void {
    this.tables.requestTokens.delete(token);
  }

  accessToken(request: OAuth1Request): TokenPair | Refused {
    const token = request.oauth.get('oauth_token') ?? '';
    const row = this.tables.requestTokens.get(token);
    const problem = this.problemOf(request, row?.secret ?? '');
    if (problem) return { problem };
    if (row === undefined || row.consumerKey !== request.oauth.get('oauth_consumer_key')) {
      return { problem: 'token_rejected' };
    }
    if (!this.isYoung(row)) return { problem: 'token_expired' };
    if (row.consent === undefined || row.consent.verifier !== request.oauth.get('oauth_verifier')) {
      return { problem: 'verifier_invalid' };
    }
    this.tables.requestTokens.delete(token);
    const pair = newPair();
    const { consumerKey, consent } = row;
    const now = this.clock.now();
    const times = { createdAt: now, lastUsedAt: now };
    this.tables.accessTokens.set(pair.token, { secret: pair.secret, consumerKey, login: consent.login, ...times });
    return pair;
  }

  /** Whose call this is. It also keeps the token active. */
  authenticate(request: OAuth1Request): { login: string } | Refused {
    const found = this.signedToken(request);
    if ('problem' in found) return found;
    const now = this.clock.now();
    if (now - found.row.lastUsedAt >= IDLE_AFTER_MS) return { problem: 'token_expired' };
    this.tables.accessTokens.set(found.token, { ...found.row, lastUsedAt: now });
    return { login: found.row.login };
  }

  /** Reactivates an idle token; one that expired at midnight cannot be renewed. */
  renew(request: OAuth1Request): Refused | undefined {
    const found = this.signedToken(request);
    if ('problem' in found) return found;
    this.tables.accessTokens.set(found.token, { ...found.row, lastUsedAt: this.clock.now() });
    return undefined;
  }

  /** The login of a request's token, valid or not. */
  loginOf(request: OAuth1Request): string | undefined {
    return this.tables.accessTokens.get(request.oauth.get('oauth_token') ?? '')?.login;
  }

  revoke(request: OAuth1Request): Refused | undefined {
    const found = this.signedToken(request);
    if ('problem' in found) return found;
    this.tables.accessTokens.delete(found.token);
    return undefined;
  }

  private signedToken(request: OAuth1Request): { token: string; row: AccessToken } | Refused {
    const token = request.oauth.get('oauth_token') ?? '';
    const row = this.tables.accessTokens.get(token);
    if (row === undefined || row.consumerKey !== request.oauth.get('oauth_consumer_key')) {
      return { problem: this.parameterProblem(request) ?? 'token_rejected' };
    }
    const problem = this.problemOf(request, row.secret);
    if (problem) return { problem };
    const sameDay = tradingDay('equity', row.createdAt) === tradingDay('equity', this.clock.now());
    return sameDay ? { token, row } : { problem: 'token_expired' };
  }

  private problemOf(request: OAuth1Request, tokenSecret: string): OAuthProblem | undefined {
    const problem = this.parameterProblem(request);
    if (problem) return problem;
    const [key, timestamp, nonce] = ['oauth_consumer_key', 'oauth_timestamp', 'oauth_nonce'].map((name) =>
      request.oauth.get(name),
    );
    const consumerSecret = this.consumers(key ?? '')?.secret ?? '';
    if (!hasSignature(request.message, request.signature, { consumerSecret, tokenSecret })) return 'signature_invalid';
    return this.spendNonce(JSON.stringify([key, timestamp, nonce])) ? undefined : 'nonce_used';
  }

  /** False when the nonce was already spent. A nonce is forgotten once its time stamp would be refused anyway. */
  private spendNonce(nonce: string): boolean {
    const wall = this.clock.wall();
    while ((this.spent[0]?.until ?? wall) < wall) this.tables.nonces.delete(this.spent.shift()?.nonce ?? '');
    if (this.tables.nonces.get(nonce)) return false;
    this.tables.nonces.set(nonce, true);
    this.spent.push({ nonce, until: wall + 2 * CLOCK_TOLERANCE_MS });
    return true;
  }

  private parameterProblem({ oauth }: OAuth1Request): OAuthProblem | undefined {
    const timestamp = oauth.get('oauth_timestamp') ?? '';
    if (!oauth.get('oauth_nonce') || !/^\d{1,12}$/.test(timestamp)) return 'parameter_absent';
    if (oauth.get('oauth_signature_method') !== 'HMAC-SHA1') return 'signature_method_rejected';
    if ((oauth.get('oauth_version') ?? '1.0') !== '1.0') return 'version_rejected';
    if (!this.consumers(oauth.get('oauth_consumer_key') ?? '')) return 'consumer_key_unknown';
    return Math.abs(Number(timestamp) * 1_000 - this.clock.wall()) > CLOCK_TOLERANCE_MS
      ? 'timestamp_refused'
      : undefined;
  }

  private isYoung({ createdAt }: RequestToken): boolean {
    return this.clock.now() - createdAt < REQUEST_TOKEN_LIFE_MS;
  }
}

/** Both have characters that a client must encode, to reveal clients that sign without encoding. */
function newPair(): TokenPair {
  return { token: newToken(), secret: newToken() };
}

function newToken(): string {
  const random = randomBytes(32).toString('base64');
  return `${random.slice(0, 12)}/${random.slice(12, 24)}+${random.slice(24)}`;
}

const VERIFIER_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Five characters, which a person copies. */
function newVerifier(): string {
  return Array.from({ length: 5 }, () => VERIFIER_LETTERS.charAt(randomInt(VERIFIER_LETTERS.length))).join('');
}
