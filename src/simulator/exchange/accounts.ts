/** Who may trade: accounts with the log-in of their owner, and the programs that brokers have registered. */
import type { DocumentStore, Documents } from './documents.js';

export const BROKERS = ['schwab', 'coinbase', 'etrade', 'alpaca'] as const;
export type BrokerName = (typeof BROKERS)[number];

export interface Login {
  username: string;
  password: string;
}

export interface Account {
  broker: BrokerName;
  /** the id by which the broker's protocol and the ledger know it */
  account: string;
  login: Login;
  /** epoch milliseconds of the exchange's clock */
  openedAt: number;
  /** what a program signs in with, where the broker gives that out without OAuth */
  credentials: Readonly<Record<string, string>>;
}

/** A program that may ask people for access (OAuth). Redirects are compared exactly. */
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

  /** The accounts of a person at a broker; none when the log-in is wrong. */
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
