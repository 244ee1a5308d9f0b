import { randomBytes } from 'node:crypto';
import type { PrismaClient } from '../../prisma/generated/client.js';
import { createUser } from './accounts.js';
import { createPasswords } from './passwords.js';
import { createTokens } from './tokens.js';

export interface FirstTrader {
  email: string;
  password: string;
  token: string;
}

/**
 * Creates the first user of a new installation, who is also its administrator: whoever starts Arbion on their own machine
 * may look behind it. The token for the command line trades, and no more.
 */
export async function createFirstTrader(prisma: PrismaClient): Promise<FirstTrader> {
  const email = 'trader@arbion.example';
  const password = randomBytes(18).toString('base64url');
  const passwordHash = await createPasswords().hash(password);
  const userId = await createUser(prisma, { email, passwordHash, role: 'admin' });
  if (userId === undefined)
    throw new Error(`${email} already exists; its password is known to the person who created it`);
  const { token } = await createTokens(prisma).create(userId, { name: 'Command line', scopes: ['read', 'trade'] });
  return { email, password, token };
}
