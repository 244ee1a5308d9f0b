import type { Broker } from '../../src/broker-port/broker.js';
import type { UserId } from '../../src/domain/ids.js';
import type { BrokerLedger } from './broker-record.js';
import type { TestDatabase } from './database.js';

/** What tests trade at: a broker with a ledger of its own, whose market time stands still and is moved manually. */
export interface TestMarket {
  database: TestDatabase;
  broker: Broker;
  accountOf(user: UserId): string;
  /** Opens the account and logs in to it; does nothing where accounts open themselves. */
  openAccount(account: string): Promise<void>;
  /** moves market time to when the row of a minute becomes known */
  goTo(minute: string): Promise<void>;
  /** the market's time when the wall's was `wall`, epoch milliseconds */
  marketTimeAt(wall: number): number;
  /** the broker's own ledger: of an account, or of all */
  ledger(account?: string): Promise<BrokerLedger>;
  close(): Promise<void>;
}
