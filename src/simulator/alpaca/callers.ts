/** Identifies the caller by key headers or by a bearer token of Connect (docs/brokers/alpaca.md, section 2). */
import type { Context } from 'hono';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Env } from '../faults/wire.js';
import type { OAuth2Provider } from '../oauth/oauth2-provider.js';

export interface Caller {
  account: Account;
  /** a key may trade; a token only with the scope for it */
  mayTrade: boolean;
}

export class Callers {
  constructor(
    private readonly exchange: Exchange,
    private readonly provider: OAuth2Provider,
  ) {}

  identify(context: Context<Env>): Caller | undefined {
    const keyId = context.req.header('apca-api-key-id');
    if (keyId !== undefined) return this.byKey(keyId, context.req.header('apca-api-secret-key'));
    const [, token] = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    return token === undefined ? undefined : this.byToken(token);
  }

  byKey(keyId: string, secretKey: string | undefined): Caller | undefined {
    const account = this.exchange.accounts.ofCredential('alpaca', 'keyId', keyId);
    return account && account.credentials.secretKey === secretKey ? { account, mayTrade: true } : undefined;
  }

  byToken(token: string): Caller | undefined {
    const grant = this.provider.authenticate(token, this.exchange.now());
    const account =
      grant && this.exchange.accounts.ofBroker('alpaca').find(({ login }) => login.username === grant.login);
    return account && { account, mayTrade: grant.scope.split(' ').includes('trading') };
  }
}
