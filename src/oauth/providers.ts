/** The brokers' authorization servers: where they are and how they differ. Sources: the brokers' developer pages. */
import type { Credential } from '../broker-port/access.js';
import { LIVE_BROKERS, type LiveBroker } from '../domain/broker-login.js';
import type { BrokerSettings, BrokersSettings } from '../platform/broker-settings.js';
import type { NamedAccount } from '../storage/broker-logins.js';
import { credentialOf, type Grant } from './grant.js';
import { type Granted, type LoginProvider, ProviderRefused } from './login-provider.js';
import { OAuth1Client, type OAuth1Endpoints } from './oauth1-client.js';
import { OAuth2Client, type OAuth2Settings } from './oauth2-client.js';

/** The accounts that a credential opens, or `refused` when the broker does not take it. */
export type AccountsOf = (
  broker: LiveBroker,
  settings: BrokerSettings,
  credential: Credential,
) => Promise<NamedAccount[] | 'refused'>;

export function createLoginProviders(settings: BrokersSettings, accountsOf: AccountsOf): Map<string, LoginProvider> {
  const providers = new Map<string, LoginProvider>();
  for (const broker of LIVE_BROKERS) {
    const configured = settings[broker];
    if (!configured) continue;
    const accounts = async (credential: Credential) => {
      const found = await accountsOf(broker, configured, credential);
      if (found === 'refused') throw new ProviderRefused('unauthorized');
      return found;
    };
    providers.set(broker, broker === 'etrade' ? etrade(configured, accounts) : oauth2(broker, configured, accounts));
  }
  return providers;
}

type Accounts = LoginProvider['accounts'];
type OAuth2Broker = Exclude<LiveBroker, 'etrade'>;

function oauth2(broker: OAuth2Broker, { baseUrl, client }: BrokerSettings, accounts: Accounts): LoginProvider {
  const oauth =
    client && new OAuth2Client({ ...OAUTH2[broker](baseUrl), clientId: client.id, clientSecret: client.secret });
  return {
    broker,
    spendsRefreshTokens: broker === 'coinbase',
    takesKeys: broker !== 'schwab',
    ...(oauth && {
      login: {
        begin: (redirectUri) => oauth.begin(redirectUri),
        finish: async (answer, begun, redirectUri) => {
          const granted = await oauth.finish(answer, begun, redirectUri);
          const { refreshToken } = granted.grant;
          // Without one the broker login would die within the hour, in the middle of a trade.
          if (broker !== 'alpaca' && refreshToken === undefined) throw new ProviderRefused('no_refresh_token');
          return granted;
        },
      },
    }),
    refresh: async (grant) => {
      if (grant.kind === 'oauth2' && grant.refreshToken !== undefined && oauth)
        return oauth.refresh(grant.refreshToken);
      return held(grant, accounts, credentialOf(grant, undefined));
    },
    revoke: async (grant) => {
      if (grant.kind === 'oauth2') await oauth?.revoke(grant);
    },
    credentialOf: (grant) => credentialOf(grant, undefined),
    accounts,
  };
}

function etrade({ baseUrl, client }: BrokerSettings, accounts: Accounts): LoginProvider {
  const consumer = client && { consumerKey: client.id, consumerSecret: client.secret };
  const oauth = consumer && new OAuth1Client(etradeEndpoints(baseUrl), consumer);
  return {
    broker: 'etrade',
    spendsRefreshTokens: false,
    takesKeys: false,
    ...(oauth && { login: { begin: () => oauth.begin(), finish: (answer, begun) => oauth.finish(answer, begun) } }),
    refresh: async (grant) => {
      if (grant.kind === 'oauth1' && oauth) return oauth.renew(grant);
      return held(grant, accounts, credentialOf(grant, consumer));
    },
    revoke: async (grant) => {
      if (grant.kind === 'oauth1') await oauth?.revoke(grant);
    },
    credentialOf: (grant) => credentialOf(grant, consumer),
    accounts,
  };
}

/** A credential that nothing can renew: whether it still holds is all there is to find out. */
async function held(grant: Grant, accounts: Accounts, credential: Credential): Promise<Granted> {
  await accounts(credential);
  return { grant };
}

/** Elsewhere than at the broker itself, everything is under one address. */
const OAUTH2: Record<OAuth2Broker, (baseUrl: string) => Omit<OAuth2Settings, 'clientId' | 'clientSecret'>> = {
  schwab: (base) => ({
    endpoints: { authorize: `${base}/v1/oauth/authorize`, token: `${base}/v1/oauth/token` },
    secretIn: 'header',
  }),
  coinbase: (base) => {
    const login = base.endsWith('.coinbase.com') ? 'https://login.coinbase.com' : base;
    return {
      endpoints: {
        authorize: `${login}/oauth2/auth`,
        token: `${login}/oauth2/token`,
        revoke: `${login}/oauth2/revoke`,
      },
      secretIn: 'body',
      // Without `offline_access` there is no refresh token.
      scope: 'wallet:user:read,wallet:accounts:read,wallet:buys:create,wallet:orders:read,offline_access',
    };
  },
  alpaca: (base) => {
    const isAlpaca = base.endsWith('.alpaca.markets');
    // One authorization server for live and paper accounts.
    return {
      endpoints: {
        authorize: `${isAlpaca ? 'https://app.alpaca.markets' : base}/oauth/authorize`,
        token: `${isAlpaca ? 'https://api.alpaca.markets' : base}/oauth/token`,
      },
      secretIn: 'body',
      scope: 'trading data',
    };
  },
};

function etradeEndpoints(base: string): OAuth1Endpoints {
  const pages = base.endsWith('.etrade.com') ? 'https://us.etrade.com' : base;
  return {
    requestToken: `${base}/oauth/request_token`,
    authorize: `${pages}/e/t/etws/authorize`,
    accessToken: `${base}/oauth/access_token`,
    renew: `${base}/oauth/renew_access_token`,
    revoke: `${base}/oauth/revoke_access_token`,
  };
}
