/** Identifies the caller: an OAuth grant with its scopes, or a CDP key without limits (docs/brokers/coinbase.md, sections 2 and 3). */
import type { Context } from 'hono';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Env } from '../faults/wire.js';
import type { OAuth2Provider } from '../oauth/oauth2-provider.js';
import { isGood, readToken } from './jwt.js';
import { scopesOf } from './sign-in.js';

export interface Caller {
  account: Account;
  /** undefined: no restriction */
  scopes: readonly string[] | undefined;
}

/** The names of the two kinds of keys in an account's credentials. */
const CREDENTIALS = {
  ES256: { name: 'keyName', key: 'privateKey' },
  EdDSA: { name: 'ed25519KeyName', key: 'ed25519PrivateKey' },
};
const REAL_HOST = 'api.coinbase.com';
const PREFIX = /^\/coinbase(?=\/)/;

export class Callers {
  constructor(
    private readonly exchange: Exchange,
    private readonly provider: OAuth2Provider,
  ) {}

  identify(context: Context<Env>): Caller | undefined {
    const [, token] = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (token === undefined) return undefined;
    if (token.split('.').length !== 3) return this.byGrant(token);
    const account = this.byKey(token, urisOf(context));
    return account && { account, scopes: undefined };
  }

  /** A token on a stream names no address. */
  byStreamToken(token: string): Account | undefined {
    return this.byKey(token, [undefined]);
  }

  private byGrant(token: string): Caller | undefined {
    const grant = this.provider.authenticate(token, this.exchange.now());
    const accounts = this.exchange.accounts.ofBroker('coinbase');
    const account = grant && accounts.find(({ login }) => login.username === grant.login);
    return account && { account, scopes: scopesOf(grant.scope) };
  }

  /** Tokens are checked against the machine's clock, since their maker knows no other. */
  private byKey(text: string, uris: readonly (string | undefined)[]): Account | undefined {
    const token = readToken(text);
    if (token === undefined) return undefined;
    const { name, key } = CREDENTIALS[token.alg];
    const account = this.exchange.accounts.ofCredential('coinbase', name, token.kid);
    const privateKey = account?.credentials[key];
    if (account === undefined || privateKey === undefined) return undefined;
    return isGood(token, privateKey, uris, Date.now()) ? account : undefined;
  }
}

/** The forms in which a token may name the request: this host with the full path, or Coinbase's host with its own path. */
function urisOf(context: Context<Env>): string[] {
  const { pathname } = new URL(context.req.url);
  const host = context.req.header('host') ?? new URL(context.req.url).host;
  return [
    `${context.req.method} ${host}${pathname}`,
    `${context.req.method} ${REAL_HOST}${pathname.replace(PREFIX, '')}`,
  ];
}
