/**
 * Browsers that have signed in before. Somebody who guesses passwords has none of their cookies, so an attack that uses up
 * the attempts of an account does not lock out its owner's browser, which has attempts of its own. A cookie counts as long
 * as its version is the user's: a reset of the password raises that.
 */
import { createHmac, hkdfSync, randomUUID, timingSafeEqual } from 'node:crypto';
import type { PrismaClient, User } from '../../prisma/generated/client.js';
import { normalizedEmail } from './accounts.js';
import { cookieValue } from './cookies.js';

const LIFETIME_S = 365 * 86_400;
const DEVICE = /^([0-9a-f-]{36})\.(\d{1,9})\.([0-9a-f]{64})$/;

export interface Devices {
  /** The id of the device in the cookie, if it has signed in with this address before and was not forgotten. */
  known(cookieHeader: string | undefined, email: string): Promise<string | undefined>;
  /** A Set-Cookie header that identifies the browser from now on. */
  cookieFor(user: Pick<User, 'email' | 'deviceVersion'>): string;
}

export function createDevices(prisma: PrismaClient, sessionSecret: string, publicUrl: string): Devices {
  const isSecure = publicUrl.startsWith('https:');
  const name = isSecure ? '__Host-arbion_device' : 'arbion_device';
  const key = Buffer.from(hkdfSync('sha256', sessionSecret, '', 'arbion device v2', 32));
  const signatureOf = (id: string, version: number, email: string) =>
    createHmac('sha256', key)
      .update(`${id} ${version} ${normalizedEmail(email)}`)
      .digest('hex');

  return {
    known: async (cookieHeader = '', email) => {
      const [, id, version, signature = ''] = DEVICE.exec(cookieValue(cookieHeader, name) ?? '') ?? [];
      if (id === undefined) return undefined;
      const right = signatureOf(id, Number(version), email);
      if (!timingSafeEqual(Buffer.from(signature), Buffer.from(right))) return undefined;
      const where = { email: normalizedEmail(email), deviceVersion: Number(version) };
      return (await prisma.user.count({ where })) === 1 ? id : undefined;
    },
    cookieFor: ({ email, deviceVersion }) => {
      const id = randomUUID();
      const attributes = `HttpOnly; Max-Age=${LIFETIME_S}; Path=/; SameSite=Lax${isSecure ? '; Secure' : ''}`;
      return `${name}=${id}.${deviceVersion}.${signatureOf(id, deviceVersion, email)}; ${attributes}`;
    },
  };
}
