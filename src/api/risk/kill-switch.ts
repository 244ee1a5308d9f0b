/** Stops new entries for one user or for all, and closes open trades if asked to. */

import type { Prisma } from '../../../prisma/generated/client.js';
import { type Caller, isAdmin } from '../../auth/caller.js';
import { ArbionError, Refused } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { type Origin, recordAudit } from '../../storage/audit.js';
import { lockKillSwitch, setKillSwitch } from '../../storage/limits.js';
import { liveTradeIds } from '../../storage/trade-queries.js';
import type { ApiDependencies } from '../dependencies.js';
import { requireFresh } from '../http/access.js';

export interface KillSwitchChange {
  engaged: boolean;
  /** also close open trades */
  flatten: boolean;
  scope: 'user' | 'global';
  reason?: string | undefined;
}

export interface KillSwitchAnswer {
  scope: 'user' | 'global';
  engaged: boolean;
  /** how many trades are being closed */
  flattening: number;
}

type Dependencies = Pick<ApiDependencies, 'prisma' | 'trades'>;

export async function changeKillSwitch(
  dependencies: Dependencies,
  caller: Caller,
  { engaged, flatten, scope, reason }: KillSwitchChange,
  from: Origin,
): Promise<KillSwitchAnswer> {
  requireMayChange(caller, { engaged, flatten, scope });
  const { prisma } = dependencies;
  const { userId } = caller;
  const subject = scope === 'global' ? 'global' : userId;
  await prisma.$transaction(async (database) => {
    const because = reason === undefined ? {} : { reason };
    if (!engaged && scope === 'global') await requireOther(database, userId);
    await setKillSwitch(database, { scope: subject, engaged, by: userId, ...because });
    const detail = { engaged, flatten, ...because };
    await recordAudit(database, { actor: userId, action: 'kill_switch_changed', subject, detail, from });
  });
  const flattening = flatten ? await closeAll(dependencies, userId, scope === 'global' ? undefined : userId) : 0;
  return { scope, engaged, flattening };
}

/** Engaging is easy, because it only reduces risk. Releasing, and closing everything, needs a fresh password. */
function requireMayChange(caller: Caller, { engaged, flatten, scope }: Omit<KillSwitchChange, 'reason'>): void {
  if (scope === 'global' && !isAdmin(caller)) throw new ArbionError('forbidden', 'Only administrators may do this.');
  if (!engaged) requireFresh(caller);
  if (flatten && caller.via === 'session') requireFresh(caller);
}

/** Whoever engaged the global one does not release it, where there is another who can. */
async function requireOther(database: Prisma.TransactionClient, userId: UserId): Promise<void> {
  const held = await lockKillSwitch(database, 'global', userId);
  const admins = await database.user.count({ where: { role: { in: ['admin', 'superadmin'] }, disabledAt: null } });
  if (held.engaged && held.by === userId && admins > 1) {
    throw new Refused('forbidden', {
      code: 'SECOND_ADMIN_NEEDED',
      message: 'You engaged the global kill switch, so another administrator must release it.',
    });
  }
}

/** A workflow closes them, so that none is missed if a process ends; returns how many there are. */
async function closeAll({ prisma, trades }: Dependencies, by: UserId, owner: UserId | undefined): Promise<number> {
  const whose = owner === undefined ? {} : { owner };
  await trades.closeAll({ by, ...whose });
  return (await liveTradeIds(prisma, owner === undefined ? {} : { userId: owner })).length;
}
