/** How an adapter gets to speak for an account. It sees credentials only here, and never how they are kept. */

/** What signs a request. `bearer`: OAuth 2.0 · `oauth1`: E*TRADE · `keys`: Alpaca's pair, or a CDP key and its PEM. */
export type Credential =
  | { kind: 'bearer'; accessToken: string }
  | { kind: 'oauth1'; consumerKey: string; consumerSecret: string; token: string; tokenSecret: string }
  | { kind: 'keys'; keyId: string; secret: string };

export interface BrokerAccount {
  /** the broker's own name of the account in its paths; empty where the credential alone says which */
  key: string;
  credential: Credential;
}

export interface BrokerAccess {
  /** @throws NotConnected when a person must log in first */
  open(account: string): Promise<BrokerAccount>;
  /** The broker turned `refused` away (401): answers a newer credential. @throws NotConnected when there is none. */
  renew(account: string, refused: Credential): Promise<BrokerAccount>;
}

/** The account's connection has lapsed or was never made: nothing can be asked or sent until a person logs in. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}
