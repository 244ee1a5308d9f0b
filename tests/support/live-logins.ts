/** Accounts at the simulated brokers, each with its own login, and their adapters. */
import { type BrokerAccess, type BrokerAccount, type Credential, NotConnected } from '../../src/broker-port/access.js';
import type { Broker } from '../../src/broker-port/broker.js';
import { type RequestBudget, unlimited } from '../../src/broker-port/request-budget.js';
import { AlpacaBroker } from '../../src/brokers/alpaca/alpaca-broker.js';
import { CoinbaseBroker } from '../../src/brokers/coinbase/coinbase-broker.js';
import { EtradeBroker } from '../../src/brokers/etrade/etrade-broker.js';
import { SchwabBroker } from '../../src/brokers/schwab/schwab-broker.js';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import { SignedInAccess } from '../brokers/etrade/etrade-fixture.js';
import { SchwabLogin } from '../brokers/schwab/schwab-fixture.js';
import type { ManualClock } from '../simulator/exchange-fixture.js';
import type { Body, TestSimulator } from '../simulator/simulator-fixture.js';

interface Person {
  username: string;
  password: string;
}

interface SignedIn {
  person: Person;
  credentials: Body;
  /** the simulator's own id of the account */
  owner: string;
  access: BrokerAccess;
}

export type AccountType = 'margin' | 'cash';

/** The logins by Arbion's account ids. */
export class LiveLogins implements BrokerAccess {
  private readonly signedIn = new Map<string, SignedIn>();

  constructor(
    private readonly simulator: TestSimulator,
    private readonly broker: LiveBroker,
  ) {}

  /** Opens an account with so much cash, and logs its owner in. */
  async add(account: string, cash: string, type: AccountType = 'margin'): Promise<void> {
    const person = { username: account, password: 'pass word' };
    const { account: owner, credentials } = await this.simulator.open(this.broker, { cash, type, login: person });
    const access = await this.logIn(person, credentials);
    this.signedIn.set(account, { person, credentials, owner, access });
  }

  /** As everybody does in the morning, where logins end at midnight. */
  async logInAgain(): Promise<void> {
    for (const login of this.signedIn.values()) login.access = await this.logIn(login.person, login.credentials);
  }

  open(account: string): Promise<BrokerAccount> {
    return this.of(account).access.open(account);
  }

  renew(account: string, refused: Credential): Promise<BrokerAccount> {
    return this.of(account).access.renew(account, refused);
  }

  ownerOf(account: string): string {
    return this.of(account).owner;
  }

  accountOf(owner: string): string | undefined {
    return [...this.signedIn].find(([, signedIn]) => signedIn.owner === owner)?.[0];
  }

  private logIn(person: Person, credentials: Body): Promise<BrokerAccess> {
    return LOGIN[this.broker](this.simulator, person, credentials);
  }

  private of(account: string): SignedIn {
    const found = this.signedIn.get(account);
    if (!found) throw new NotConnected(`nobody is logged in to ${account}`);
    return found;
  }
}

/** The adapter of a broker, as it is in production but for the address and the clock. */
export function liveAdapter(
  name: LiveBroker,
  { url, clock }: { url: string; clock: Pick<ManualClock, 'now'> },
  access: BrokerAccess,
  budget: RequestBudget = unlimited,
): Broker {
  const ways = { access, budget, now: clock.now };
  switch (name) {
    case 'alpaca':
      return new AlpacaBroker({ baseUrl: `${url}/alpaca`, ...ways });
    case 'coinbase':
      return new CoinbaseBroker({ baseUrl: `${url}/coinbase/api/v3/brokerage`, ...ways });
    case 'etrade':
      return new EtradeBroker({ baseUrl: `${url}/etrade`, ...ways });
    case 'schwab':
      return new SchwabBroker({ baseUrl: `${url}/schwab`, ...ways });
  }
}

type LogIn = (simulator: TestSimulator, person: Person, credentials: Body) => Promise<BrokerAccess>;

const LOGIN: Record<LiveBroker, LogIn> = {
  alpaca: async (_simulator, _person, { keyId, secretKey }) => new KeyAccess(keyId, secretKey),
  coinbase: async (_simulator, _person, { keyName, privateKey }) => new KeyAccess(keyName, privateKey),
  schwab: async (simulator, person) => {
    const login = new SchwabLogin(simulator);
    await login.signIn(person);
    return login;
  },
  etrade: async (simulator, person) => {
    const access = await SignedInAccess.signIn(simulator, person);
    const { url, clock } = simulator;
    const broker = new EtradeBroker({ baseUrl: `${url}/etrade`, access, budget: unlimited, now: clock.now });
    access.key = (await broker.accounts(person.username))[0]?.key ?? '';
    return access;
  },
};

/** A pair of keys, of which there is no newer one. */
class KeyAccess implements BrokerAccess {
  constructor(
    private readonly keyId: string,
    private readonly secret: string,
  ) {}

  async open(): Promise<BrokerAccount> {
    return { key: '', credential: { kind: 'keys', keyId: this.keyId, secret: this.secret } };
  }

  renew(): Promise<BrokerAccount> {
    return this.open();
  }
}
