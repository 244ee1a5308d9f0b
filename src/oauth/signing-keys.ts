import type { LiveBroker } from '../domain/broker-login.js';
import { privateKey } from '../wire/private-key.js';

/** Whether requests can be signed with the secret of a broker's API key. Only Coinbase's is a private key of a given form. */
export function canSign(broker: LiveBroker, secret: string): boolean {
  if (broker !== 'coinbase') return true;
  try {
    privateKey(secret);
    return true;
  } catch {
    return false;
  }
}
