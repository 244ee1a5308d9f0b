import type { PrismaClient } from '../../prisma/generated/client.js';
import { createUser } from './accounts.js';
import type { Passwords } from './passwords.js';

/**
 * Makes the superadmin that the configuration names, unless there is one. An existing account is never touched: what
 * stands in the environment must not undo a changed password or a changed role. Answers whether it was made now.
 */
export async function ensureSuperadmin(
  prisma: PrismaClient,
  passwords: Passwords,
  { email, password }: { email: string; password: string },
): Promise<boolean> {
  if ((await prisma.user.count({ where: { role: 'superadmin' } })) > 0) return false;
  const passwordHash = await passwords.hash(password);
  return (await createUser(prisma, { email, passwordHash, role: 'superadmin' })) !== undefined;
}
