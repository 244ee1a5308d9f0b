/**
 * Administration of user accounts.
 *
 * 1. The last active superadmin cannot be demoted or disabled.
 * 2. Only superadmins change roles, and nobody raises their own. A higher role needs two superadmins where there are two.
 * 3. An administrator acts on no other administrator; a superadmin acts on everybody.
 * 4. A new role ends all sessions and resets the limits to those of the role. Disabling an account ends all sessions.
 */
import type { Prisma, PrismaClient, RoleProposal, User } from '../../prisma/generated/client.js';
import { ArbionError, Refused } from '../domain/errors.js';
import type { UserId } from '../domain/ids.js';
import { type Origin, recordAudit } from '../storage/audit.js';
import type { Role } from './caller.js';
import { endSessions } from './sessions.js';

/** Postgres advisory lock that serialises role changes; any number that nothing else uses. */
const ROLES_LOCK = 5_116_002;

export type AdministeredUser = User & { hasTotp: boolean; proposal: RoleProposal | null };

interface UserChange {
  role?: Role | undefined;
  disabled?: boolean | undefined;
}

export interface UserAdministration {
  /** In the order of their ids, beginning after `after`. */
  list(page: { after?: string; limit: number }): Promise<AdministeredUser[]>;
  find(id: string): Promise<AdministeredUser | undefined>;
  /** The user on whom the caller may act. @throws ArbionError when there is none, or the caller may not */
  target(by: Pick<Administrator, 'userId' | 'role'>, id: string): Promise<AdministeredUser>;
  /** @throws ArbionError when there is no such user, or the caller is not allowed to */
  change(by: Administrator, id: string, change: UserChange): Promise<AdministeredUser>;
}

/** Who makes a change, and from where. */
interface Administrator {
  userId: UserId;
  role: Role;
  from: Origin;
}

const everything = { totp: { select: { sealed: true } }, roleProposal: true } as const;
type Row = Prisma.UserGetPayload<{ include: typeof everything }>;

export function createUserAdministration(prisma: PrismaClient): UserAdministration {
  return {
    list: async ({ after, limit }) => {
      const where = after === undefined ? {} : { id: { gt: after } };
      const rows = await prisma.user.findMany({ where, include: everything, orderBy: { id: 'asc' }, take: limit });
      return rows.map(administered);
    },
    find: async (id) => {
      const row = await prisma.user.findUnique({ where: { id }, include: everything });
      return row ? administered(row) : undefined;
    },
    target: async (by, id) => {
      const target = await userIn(prisma, id);
      if (by.userId !== id) requireMayActOn(by, target);
      return target;
    },
    change: (by, id, change) =>
      prisma.$transaction(async (database) => {
        await database.$executeRaw`SELECT pg_advisory_xact_lock(${ROLES_LOCK}::bigint)`;
        const target = await userIn(database, id);
        await requireSuperadminLeft(database, target, change);
        requireMay(by, target, change);
        if (change.disabled !== undefined) await setDisabled(database, by, target, change.disabled);
        if (change.role !== undefined) await setRole(database, by, target, change.role);
        return userIn(database, id);
      }),
  };
}

async function userIn(database: Pick<PrismaClient, 'user'>, id: string): Promise<AdministeredUser> {
  const row = await database.user.findUnique({ where: { id }, include: everything });
  if (!row) throw new ArbionError('not-found', 'This user does not exist.');
  return administered(row);
}

function administered({ totp, roleProposal: proposal, ...user }: Row): AdministeredUser {
  return { ...user, hasTotp: totp !== null && totp.sealed !== null, proposal };
}

async function requireSuperadminLeft(
  database: Prisma.TransactionClient,
  target: User,
  { role, disabled }: UserChange,
): Promise<void> {
  const leaves = disabled === true || (role !== undefined && role !== 'superadmin');
  if (!leaves || target.role !== 'superadmin' || target.disabledAt) return;
  if ((await countSuperadmins(database)) > 1) return;
  throw new Refused('conflict', {
    code: 'LAST_SUPERADMIN',
    message: 'This is the last active superadmin and must remain one.',
  });
}

function countSuperadmins(database: Prisma.TransactionClient): Promise<number> {
  return database.user.count({ where: { role: 'superadmin', disabledAt: null } });
}

function requireMayActOn(by: { role: Role }, target: AdministeredUser): void {
  if (by.role === 'superadmin' || target.role === 'standard') return;
  throw new ArbionError('forbidden', 'Only a superadmin may act on the account of an administrator.');
}

function requireMay(by: { userId: UserId; role: Role }, target: AdministeredUser, { role }: UserChange): void {
  requireMayActOn(by, target);
  if (by.role !== 'superadmin' && role !== undefined) {
    throw new ArbionError('forbidden', 'Only a superadmin may change a role.');
  }
  if (role === undefined || !isHigher(role, target.role)) return;
  if (by.userId === target.id) throw new ArbionError('forbidden', 'You cannot raise your own role.');
  if (role === 'superadmin' && !target.hasTotp) {
    throw new Refused('invalid-state', {
      code: 'TOTP_MISSING',
      message: 'A superadmin needs an authenticator. Ask the user to set one up first.',
    });
  }
}

const RANKS: Readonly<Record<string, number>> = { standard: 0, admin: 1, superadmin: 2 } satisfies Record<Role, number>;

function isHigher(role: string, than: string): boolean {
  return (RANKS[role] ?? 0) > (RANKS[than] ?? 0);
}

async function setDisabled(
  database: Prisma.TransactionClient,
  { userId: actor, from }: Administrator,
  { id, disabledAt }: User,
  disabled: boolean,
): Promise<void> {
  if ((disabledAt !== null) === disabled) return;
  await endSessions(database, id);
  await database.user.update({ where: { id }, data: { disabledAt: disabled ? new Date() : null } });
  await recordAudit(database, { actor, action: disabled ? 'user_disabled' : 'user_enabled', subject: id, from });
}

async function setRole(
  database: Prisma.TransactionClient,
  { userId: actor, from }: Administrator,
  { id, role: now, proposal }: AdministeredUser,
  role: Role,
): Promise<void> {
  const detail = { from: now, to: role };
  const isSeconded = proposal?.role === role && proposal.proposedBy !== actor;
  if (isHigher(role, now) && !isSeconded && (await countSuperadmins(database)) > 1) {
    const proposed = { role, proposedBy: actor };
    await database.roleProposal.upsert({
      where: { userId: id },
      create: { userId: id, ...proposed },
      update: proposed,
    });
    return recordAudit(database, { actor, action: 'user_role_proposed', subject: id, detail, from });
  }
  await database.roleProposal.deleteMany({ where: { userId: id } });
  if (role === now) return;
  await endSessions(database, id);
  await database.riskLimits.deleteMany({ where: { userId: id } });
  await database.user.update({ where: { id }, data: { role } });
  await recordAudit(database, { actor, action: 'user_role_changed', subject: id, detail, from });
}
