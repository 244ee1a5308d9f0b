/**
 * Browsers that have signed in before. Somebody who guesses passwords has none of their cookies, so an attack that uses up
 * the attempts of an account does not lock out its owner's browser, which has attempts of its own.
 */
import { createHmac, hkdfSync, randomUUID, timingSafeEqual } from 'node:crypto';
import { normalizedEmail } from './accounts.js';
import { cookieValue } from './cookies.js';

const LIFETIME_S = 365 * 86_400;
const DEVICE = /^([0-9a-f-]{36})\.([0-9a-f]{64})$/;

export interface Devices {
  /** The id of the device in the cookie, if it has signed in with this address before. */
  known(cookieHeader: string | undefined, email: string): string | undefined;
  /** A Set-Cookie header that identifies the browser from now on. */
  cookieFor(email: string): string;
}

export function createDevices(sessionSecret: string, publicUrl: string): Devices {
  const isSecure = publicUrl.startsWith('https:');
  const name = isSecure ? '__Host-arbion_device' : 'arbion_device';
  const key = Buffer.from(hkdfSync('sha256', sessionSecret, '', 'arbion device v1', 32));
  const signatureOf = (id: string, email: string) =>
    createHmac('sha256', key)
      .update(`${id} ${normalizedEmail(email)}`)
      .digest('hex');

  return {
    known: (cookieHeader = '', email) => {
      const [, id, signature = ''] = DEVICE.exec(cookieValue(cookieHeader, name) ?? '') ?? [];
      if (id === undefined) return undefined;
      return timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(id, email))) ? id : undefined;
    },
    cookieFor: (email) => {
      const id = randomUUID();
      const attributes = `HttpOnly; Max-Age=${LIFETIME_S}; Path=/; SameSite=Lax${isSecure ? '; Secure' : ''}`;
      return `${name}=${id}.${signatureOf(id, email)}; ${attributes}`;
    },
  };
}
