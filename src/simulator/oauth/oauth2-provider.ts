/**
 * An OAuth 2.0 authorization server for the code grant (RFC 6749 section 4.1, with PKCE of RFC 7636), like the brokers'.
 * What differs between them is an {@link OAuth2Policy}. Knows nothing of HTTP.
 *
 * 1. A redirect address must match a registered one exactly.
 * 2. A code works once, for its client and redirect address; a second use ends the whole grant (RFC 6749 section 10.5).
 * 3. Where refresh tokens rotate, reuse of an old one ends the whole grant (RFC 9700 section 4.14).
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Table } from './tables.js';

export interface OAuth2Policy {
  codeLifeMs: number;
  accessLifeMs: number;
  /** counted from the login and never extended; undefined: no expiry */
  refreshLifeMs: number | undefined;
  /** whether each refresh issues a new refresh token and invalidates the old one */
  rotates: boolean;
  /** `verified`: only when the client sent a challenge */
  pkce: 'required' | 'verified';
  newCode(): string;
  newAccessToken(): string;
  newRefreshToken(): string;
}

export interface OAuth2Client {
  secret: string;
  redirectUris: readonly string[];
}

/** A valid authorization request, which may be shown to the user. */
export interface Authorization {
  clientId: string;
  redirectUri: string;
  scope: string;
  state: string | undefined;
  challenge: string | undefined;
}

interface Code extends Authorization {
  login: string;
  createdAt: number;
  /** set once the code has been redeemed */
  grantId?: string;
}

interface Grant {
  login: string;
  clientId: string;
  scope: string;
  createdAt: number;
  ended: boolean;
}

interface Token {
  grantId: string;
  createdAt: number;
  /** a refresh token that has been replaced by the next */
  spent?: true;
}

export interface OAuth2Tables {
  codes: Table<Code>;
  grants: Table<Grant>;
  accessTokens: Table<Token>;
  refreshTokens: Table<Token>;
}

export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
  scope: string;
}

/** The errors of RFC 6749 sections 4.1.2.1 and 5.2 that occur here. */
type OAuth2Error =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_response_type';
export type OAuth2Refusal = { error: OAuth2Error; description: string };

export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
}

export class OAuth2Provider {
  constructor(
    private readonly policy: OAuth2Policy,
    private readonly clients: (clientId: string) => OAuth2Client | undefined,
    private readonly tables: OAuth2Tables,
  ) {}

  /** Checks the query of the authorize page. A refusal is shown to the user, without a redirect. */
  authorization(query: URLSearchParams): Authorization | OAuth2Refusal {
    const clientId = query.get('client_id') ?? '';
    const redirectUri = query.get('redirect_uri') ?? '';
    const client = this.clients(clientId);
    if (!client) return refuse('unauthorized_client', 'unknown client_id');
    if (!client.redirectUris.includes(redirectUri)) return refuse('invalid_request', 'redirect_uri is not registered');
    if ((query.get('response_type') ?? 'code') !== 'code') return refuse('unsupported_response_type', 'only code');
    const challenge = query.get('code_challenge') ?? undefined;
    if (challenge === undefined && this.policy.pkce === 'required') {
      return refuse('invalid_request', 'code_challenge is required');
    }
    if (challenge !== undefined && query.get('code_challenge_method') !== 'S256') {
      return refuse('invalid_request', 'code_challenge_method must be S256');
    }
    return {
      clientId,
      redirectUri,
      challenge,
      scope: query.get('scope') ?? '',
      state: query.get('state') ?? undefined,
    };
  }

  /** Records the user's consent; returns the code for the client. */
  grant(authorization: Authorization, login: string, now: number): string {
    const code = this.policy.newCode();
    this.tables.codes.set(code, { ...authorization, login, createdAt: now });
    return code;
  }

  exchange(
    client: ClientCredentials,
    form: { code: string; redirectUri: string; verifier: string | undefined },
    now: number,
  ): IssuedTokens | OAuth2Refusal {
    if (!this.isClient(client)) return refuse('invalid_client', 'client authentication failed');
    const row = this.tables.codes.get(form.code);
    if (row === undefined || row.clientId !== client.clientId) return refuse('invalid_grant', 'unknown code');
    if (row.grantId !== undefined) {
      this.endGrant(row.grantId);
      return refuse('invalid_grant', 'the code has been used');
    }
    if (now - row.createdAt >= this.policy.codeLifeMs) return refuse('invalid_grant', 'the code has expired');
    if (row.redirectUri !== form.redirectUri) return refuse('invalid_grant', 'redirect_uri is another');
    if (!answersChallenge(row.challenge, form.verifier)) return refuse('invalid_grant', 'code_verifier does not match');
    const grantId = randomUUID();
    const { login, clientId, scope } = row;
    this.tables.codes.set(form.code, { ...row, grantId });
    this.tables.grants.set(grantId, { login, clientId, scope, createdAt: now, ended: false });
    return this.issue(grantId, scope, this.newRefreshToken(grantId, now), now);
  }

  refresh(client: ClientCredentials, refreshToken: string, now: number): IssuedTokens | OAuth2Refusal {
    if (!this.isClient(client)) return refuse('invalid_client', 'client authentication failed');
    const row = this.tables.refreshTokens.get(refreshToken);
    const grant = row && this.tables.grants.get(row.grantId);
    if (!row || !grant || grant.clientId !== client.clientId) return refuse('invalid_grant', 'unknown refresh token');
    if (row.spent) {
      this.endGrant(row.grantId);
      return refuse('invalid_grant', 'the refresh token has been used: all tokens of this login are revoked');
    }
    const { refreshLifeMs, rotates } = this.policy;
    const isOver = refreshLifeMs !== undefined && now - grant.createdAt >= refreshLifeMs;
    if (grant.ended || isOver) return refuse('invalid_grant', 'the refresh token has expired or was revoked');
    if (!rotates) return this.issue(row.grantId, grant.scope, refreshToken, now);
    this.tables.refreshTokens.set(refreshToken, { ...row, spent: true });
    return this.issue(row.grantId, grant.scope, this.newRefreshToken(row.grantId, now), now);
  }

  /** Whose access token it is and what it may do; undefined when it is unknown, revoked or expired. */
  authenticate(accessToken: string, now: number): { login: string; clientId: string; scope: string } | undefined {
    const row = this.tables.accessTokens.get(accessToken);
    const grant = row && this.tables.grants.get(row.grantId);
    if (!row || !grant || grant.ended || now - row.createdAt >= this.policy.accessLifeMs) return undefined;
    return { login: grant.login, clientId: grant.clientId, scope: grant.scope };
  }

  /** The login of a refresh token, valid or not. */
  loginOf(refreshToken: string): string | undefined {
    const row = this.tables.refreshTokens.get(refreshToken);
    return row && this.tables.grants.get(row.grantId)?.login;
  }

  /** Ends the grant of an access or refresh token; an unknown token is not an error (RFC 7009 section 2.2). */
  revoke(token: string): void {
    const row = this.tables.refreshTokens.get(token) ?? this.tables.accessTokens.get(token);
    if (row) this.endGrant(row.grantId);
  }

  private isClient({ clientId, clientSecret }: ClientCredentials): boolean {
    const client = this.clients(clientId);
    return client !== undefined && sameText(client.secret, clientSecret);
  }

  private newRefreshToken(grantId: string, now: number): string {
    const token = this.policy.newRefreshToken();
    this.tables.refreshTokens.set(token, { grantId, createdAt: now });
    return token;
  }

  private issue(grantId: string, scope: string, refreshToken: string, now: number): IssuedTokens {
    const accessToken = this.policy.newAccessToken();
    this.tables.accessTokens.set(accessToken, { grantId, createdAt: now });
    return { accessToken, refreshToken, expiresInSeconds: Math.floor(this.policy.accessLifeMs / 1_000), scope };
  }

  private endGrant(grantId: string): void {
    const grant = this.tables.grants.get(grantId);
    if (grant) this.tables.grants.set(grantId, { ...grant, ended: true });
  }
}

function refuse(error: OAuth2Error, description: string): OAuth2Refusal {
  return { error, description };
}

/** RFC 7636 section 4.6. A verifier without a challenge is refused too: somebody may have removed the challenge (RFC 9700). */
function answersChallenge(challenge: string | undefined, verifier: string | undefined): boolean {
  if (challenge === undefined || verifier === undefined) return challenge === verifier;
  return sameText(createHash('sha256').update(verifier).digest('base64url'), challenge);
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
