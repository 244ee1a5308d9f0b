import type { PrismaClient } from '../../prisma/generated/client.js';
import { recordAudit } from '../storage/audit.js';
import { createUser, normalizedEmail } from './accounts.js';
import { passwordProblem } from './password-rules.js';
import type { Passwords } from './passwords.js';

/** A lock of Postgres for the one question whether there is a superadmin; any number that nothing else locks. */
const BOOTSTRAP_LOCK = 5_116_001;
const ADDRESS_TAKEN = 'SUPERADMIN_EMAIL has an account already: name an address that has none.';

/**
 * Makes the superadmin that the configuration names, unless there is one. An existing account is never touched: what
 * stands in the environment must not undo a changed password or a changed role. The password is one that a file and its
 * readers know, so it must be changed at the first log-in. Answers whether it was made now.
 *
 * @throws Error when the password may not be one, or the address is somebody else's
 */
export async function ensureSuperadmin(
  prisma: PrismaClient,
  passwords: Passwords,
  { email, password }: { email: string; password: string },
): Promise<boolean> {
  if (await hasSuperadmin(prisma)) return false;
  const [problem] = await superadminProblems(prisma, { email, password });
  if (problem !== undefined) throw new Error(problem);
  const passwordHash = await passwords.hash(password);
  return prisma.$transaction(async (database) => {
    await database.$executeRaw`SELECT pg_advisory_xact_lock(${BOOTSTRAP_LOCK}::bigint)`;
    if (await hasSuperadmin(database)) return false;
    const id = await createUser(database, { email, passwordHash, role: 'superadmin', mustChangePassword: true });
    if (id === undefined) throw new Error(ADDRESS_TAKEN);
    const detail = { role: 'superadmin' };
    await recordAudit(database, { actor: 'system', action: 'user_created', subject: id, detail });
    return true;
  });
}

/** Why the superadmin that the configuration names cannot be made, if there is none yet. */
export async function superadminProblems(
  prisma: PrismaClient,
  { email, password }: { email: string; password: string },
): Promise<string[]> {
  if (await hasSuperadmin(prisma)) return [];
  const problem = passwordProblem(password, email);
  // Another process may have made the superadmin by now: that is no other account.
  const others = { email: normalizedEmail(email), role: { not: 'superadmin' } };
  return [
    ...(problem === undefined ? [] : [`SUPERADMIN_PASSWORD ${problem}.`]),
    ...((await prisma.user.count({ where: others })) === 0 ? [] : [ADDRESS_TAKEN]),
  ];
}

async function hasSuperadmin(database: Pick<PrismaClient, 'user'>): Promise<boolean> {
  return (await database.user.count({ where: { role: 'superadmin' } })) > 0;
}
