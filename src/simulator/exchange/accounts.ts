/** Accounts with their owner's login, and the programs (OAuth clients) that are registered with brokers. */
import type { DocumentStore, Documents } from './documents.js';

export const BROKERS = ['schwab', 'coinbase', 'etrade', 'alpaca'] as const;
export type BrokerName = (typeof BROKERS)[number];

export interface Login {
  username: string;
  password: string;
}

export interface Account {
  broker: BrokerName;
  /** its id in the broker's protocol and in the ledger */
  account: string;
  login: Login;
  /** `cash`: without margin; proceeds settle on the next business day. Absent in older files: margin */
  type?: 'margin' | 'cash';
  /** epoch milliseconds of the exchange's clock */
  openedAt: number;
  /** the keys with which a program signs in, at brokers that issue keys without OAuth */
  credentials: Readonly<Record<string, string>>;
}

/** A program that may ask users for access (OAuth). Redirect addresses are compared exactly. */
export interface Client {
  clientId: string;
  clientSecret: string;
  redirectUris: readonly string[];
}

export class Accounts {
  private readonly accounts: Documents<Account>;
  private readonly clients: Documents<Client>;

  constructor(documents: DocumentStore) {
    this.accounts = documents.collection('accounts');
    this.clients = documents.collection('clients');
  }

  add(account: Account): void {
    this.accounts.set(account.account, account);
  }

  find(account: string): Account | undefined {
    return this.accounts.get(account);
  }

  all(): Account[] {
    return this.accounts.values();
  }

  ofBroker(broker: BrokerName): Account[] {
    return this.all().filter((account) => account.broker === broker);
  }

  /** The accounts of a login at a broker; none when name or password is wrong. */
  ofLogin(broker: BrokerName, { username, password }: Login): Account[] {
    return this.ofBroker(broker).filter(({ login }) => login.username === username && login.password === password);
  }

  /** The account that a credential of that name and value belongs to. */
  ofCredential(broker: BrokerName, name: string, value: string): Account | undefined {
    return this.ofBroker(broker).find(({ credentials }) => credentials[name] === value);
  }

  register(broker: BrokerName, client: Client): void {
    this.clients.set(`${broker}/${client.clientId}`, client);
  }

  client(broker: BrokerName, clientId: string): Client | undefined {
    return this.clients.get(`${broker}/${clientId}`);
  }
}
