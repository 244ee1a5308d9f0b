/** How Arbion is known at the brokers, from `<BROKER>_CLIENT_ID`, `_CLIENT_SECRET` and `_BASE_URL`. */
import { z } from 'zod';
import { httpBase } from './settings.js';

export interface BrokerSettings {
  /** scheme, host and prefix in front of the broker's own paths, without a trailing slash */
  baseUrl: string;
  /** the OAuth client; without one a broker is used with keys of the user's */
  client?: { id: string; secret: string };
}

/** The brokers that are offered. */
export type BrokersSettings = { [Broker in BrokerName]?: BrokerSettings };
type BrokerName = keyof typeof LIVE_BASE_URLS;

const LIVE_BASE_URLS = {
  schwab: 'https://api.schwabapi.com',
  coinbase: 'https://api.coinbase.com',
  etrade: 'https://api.etrade.com',
  alpaca: 'https://api.alpaca.markets',
};
const NAMES = Object.keys(LIVE_BASE_URLS) as BrokerName[];
/** These take keys, so that naming their address is enough to offer them. */
const TAKE_KEYS: readonly BrokerName[] = ['coinbase', 'alpaca'];

const text = z.string().optional();
const address = httpBase.optional();

export const brokerEnvironment = {
  SCHWAB_CLIENT_ID: text,
  SCHWAB_CLIENT_SECRET: text,
  SCHWAB_BASE_URL: address,
  COINBASE_CLIENT_ID: text,
  COINBASE_CLIENT_SECRET: text,
  COINBASE_BASE_URL: address,
  ETRADE_CLIENT_ID: text,
  ETRADE_CLIENT_SECRET: text,
  ETRADE_BASE_URL: address,
  ALPACA_CLIENT_ID: text,
  ALPACA_CLIENT_SECRET: text,
  ALPACA_BASE_URL: address,
};
type BrokerEnvironment = z.infer<z.ZodObject<typeof brokerEnvironment>>;

/** Settings that belong together, by their names. */
export const clientPairs = NAMES.map((name) => {
  const { id, secret } = settingsOf(name);
  return [id, secret] as const;
});

/** The addresses that are named, by the names of their settings. */
export const baseUrlSettings = NAMES.map((name) => settingsOf(name).baseUrl);

export function brokersSettings(environment: BrokerEnvironment): BrokersSettings {
  const offered = NAMES.map((name) => [name, brokerSettings(name, environment)] as const);
  return Object.fromEntries(offered.filter(([, settings]) => settings !== undefined));
}

function brokerSettings(name: BrokerName, environment: BrokerEnvironment): BrokerSettings | undefined {
  const names = settingsOf(name);
  const [id, secret, named] = [environment[names.id], environment[names.secret], environment[names.baseUrl]];
  const baseUrl = named ?? LIVE_BASE_URLS[name];
  if (id !== undefined && secret !== undefined) return { baseUrl, client: { id, secret } };
  return named !== undefined && TAKE_KEYS.includes(name) ? { baseUrl } : undefined;
}

function settingsOf(name: BrokerName) {
  const prefix = name.toUpperCase() as Uppercase<BrokerName>;
  return {
    id: `${prefix}_CLIENT_ID`,
    secret: `${prefix}_CLIENT_SECRET`,
    baseUrl: `${prefix}_BASE_URL`,
  } as const;
}
