import type { PrismaClient } from '../../prisma/generated/client.js';
import { recordAudit } from '../storage/audit.js';
import { createUser, normalizedEmail } from './accounts.js';
import { passwordProblem } from './password-rules.js';
import type { Passwords } from './passwords.js';

/** Postgres advisory lock for creating the superadmin; any number that nothing else uses. */
const BOOTSTRAP_LOCK = 5_116_001;
const ADDRESS_TAKEN = 'SUPERADMIN_EMAIL belongs to an existing account. Set an address that has none.';

/**
 * Creates the superadmin of the configuration unless there is one. An existing account is never changed, so that the
 * environment cannot undo a changed password or role. The password is stored in a file, so it must be changed at the first
 * log-in. Returns whether the superadmin was created now.
 *
 * @throws Error when the password breaks the rules or the address belongs to another account
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

/** Why the superadmin of the configuration cannot be created, if there is none yet. */
export async function superadminProblems(
  prisma: PrismaClient,
  { email, password }: { email: string; password: string },
): Promise<string[]> {
  if (await hasSuperadmin(prisma)) return [];
  const problem = passwordProblem(password, email);
  // Another process may have created the superadmin by now: that is not another account.
  const others = { email: normalizedEmail(email), role: { not: 'superadmin' } };
  return [
    ...(problem === undefined ? [] : [`SUPERADMIN_PASSWORD ${problem}.`]),
    ...((await prisma.user.count({ where: others })) === 0 ? [] : [ADDRESS_TAKEN]),
  ];
}

async function hasSuperadmin(database: Pick<PrismaClient, 'user'>): Promise<boolean> {
  return (await database.user.count({ where: { role: 'superadmin' } })) > 0;
}
