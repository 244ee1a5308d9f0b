/** The four brokers as the deck meets them: how one signs in at the simulator, and which adapter speaks. */
import { type BrokerAccess, type BrokerAccount, type Credential, NotConnected } from '../../src/broker-port/access.js';
import type { Broker } from '../../src/broker-port/broker.js';
import { type RequestBudget, unlimited } from '../../src/broker-port/request-budget.js';
import { AlpacaBroker } from '../../src/brokers/alpaca/alpaca-broker.js';
import { CoinbaseBroker } from '../../src/brokers/coinbase/coinbase-broker.js';
import { EtradeBroker } from '../../src/brokers/etrade/etrade-broker.js';
import { SchwabBroker } from '../../src/brokers/schwab/schwab-broker.js';
import type { AssetClass } from '../../src/domain/instrument.js';
import { SignedInAccess } from '../brokers/etrade/etrade-fixture.js';
import { SchwabLogin } from '../brokers/schwab/schwab-fixture.js';
import type { Body, TestSimulator } from '../simulator/simulator-fixture.js';
import { CoinbaseLogin } from './coinbase-login.js';
import { alpacaForms } from './forms/alpaca.js';
import { coinbaseForms } from './forms/coinbase.js';
import { etradeForms } from './forms/etrade.js';
import { schwabForms } from './forms/schwab.js';
import type { WireForms } from './forms/wire-forms.js';

export const BROKERS = ['schwab', 'coinbase', 'etrade', 'alpaca'] as const;
export type BrokerName = (typeof BROKERS)[number];

/** The only account of the deck, by Arbion's id. */
export const ACCOUNT = 'account-1';

export interface Ways {
  /** of the simulator, or of what stands before it */
  url: string;
  access: BrokerAccess;
  budget: RequestBudget;
  now: () => number;
}

export interface Venue {
  /** how long a credential is good for, in seconds; absent where it does not end */
  loginSeconds?: number;
  /** of its answers */
  forms: WireForms;
  adapter(ways: Ways): Broker;
  /** `credentials`: those that the simulator gave to the account at its opening */
  signIn(simulator: TestSimulator, credentials: Body): Promise<BrokerAccess>;
}

const HOUR_SECONDS = 3_600;

export const VENUES: Readonly<Record<BrokerName, Venue>> = {
  schwab: {
    forms: schwabForms,
    loginSeconds: HOUR_SECONDS / 2,
    adapter: ({ url, ...ways }) => new SchwabBroker({ ...ways, baseUrl: `${url}/schwab` }),
    signIn: async (simulator) => {
      const login = new SchwabLogin(simulator);
      await login.signIn();
      return login;
    },
  },
  coinbase: {
    forms: coinbaseForms,
    loginSeconds: HOUR_SECONDS,
    adapter: ({ url, ...ways }) => new CoinbaseBroker({ ...ways, baseUrl: `${url}/coinbase/api/v3/brokerage` }),
    signIn: (simulator) => CoinbaseLogin.signIn(simulator),
  },
  etrade: {
    forms: etradeForms,
    // unless it is used
    loginSeconds: 2 * HOUR_SECONDS,
    adapter: etradeAdapter,
    signIn: async (simulator) => {
      const access = await SignedInAccess.signIn(simulator);
      const { url, clock } = simulator;
      const [account] = await etradeAdapter({ url, access, budget: unlimited, now: clock.now }).accounts(ACCOUNT);
      access.key = account?.key ?? '';
      return access;
    },
  },
  alpaca: {
    forms: alpacaForms,
    adapter: ({ url, ...ways }) => new AlpacaBroker({ ...ways, baseUrl: `${url}/alpaca` }),
    signIn: async (_simulator, { keyId, secretKey }) => new Keys({ kind: 'keys', keyId, secret: secretKey }),
  },
};

function etradeAdapter({ url, ...ways }: Ways): EtradeBroker {
  return new EtradeBroker({ ...ways, baseUrl: `${url}/etrade` });
}

/** The classes of assets that the adapter says it trades. */
export function tradedAt(venue: Venue): AssetClass[] {
  const nobody = { open: () => Promise.reject(new Error()), renew: () => Promise.reject(new Error()) };
  const budget = { take: async () => {}, slowDown: async () => {} };
  const { orderTypes } = venue.adapter({ url: 'http://localhost', access: nobody, budget, now: Date.now }).capabilities;
  return (Object.keys(orderTypes) as AssetClass[]).filter((assetClass) => orderTypes[assetClass].length > 0);
}

/** A key pair: when it is refused, only a person can give another. */
class Keys implements BrokerAccess {
  constructor(private readonly credential: Credential) {}

  async open(): Promise<BrokerAccount> {
    return { key: '', credential: this.credential };
  }

  async renew(): Promise<BrokerAccount> {
    throw new NotConnected('the keys are not taken any more');
  }
}
