import { type BrokerAccess, type BrokerAccount, type Credential, NotConnected } from '../../src/brokers/access.js';

/** A login whose renewals are counted, and which a card can let lapse. */
export class WatchedAccess implements BrokerAccess {
  renewals = 0;
  private lapsed: boolean = false;

  constructor(private readonly login: BrokerAccess) {}

  get hasLapsed(): boolean {
    return this.lapsed;
  }

  /** From now on nothing is renewed. */
  letLapse(): void {
    this.lapsed = true;
  }

  open(account: string): Promise<BrokerAccount> {
    return this.login.open(account);
  }

  async renew(account: string, refused: Credential): Promise<BrokerAccount> {
    this.renewals++;
    if (this.lapsed) throw new NotConnected('the login has lapsed');
    return this.login.renew(account, refused);
  }
}
