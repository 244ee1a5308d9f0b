import { type BrokerAccess, type BrokerAccount, type Credential, NotConnected } from '../../src/broker-port/access.js';

/** A login whose renewals are counted, and which a card can let lapse. */
export class WatchedAccess implements BrokerAccess {
  renewals = 0;
  private lapsed: boolean = false;
  private isOver: boolean = false;

  constructor(private readonly login: BrokerAccess) {}

  /** whether a person would have to log in */
  get hasEnded(): boolean {
    return this.lapsed || this.isOver;
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
    try {
      return await this.login.renew(account, refused);
    } catch (error) {
      if (error instanceof NotConnected) this.isOver = true;
      throw error;
    }
  }
}
