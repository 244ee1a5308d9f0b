/** A user's limits, their usage, and how far the user may change them. */
import type { Caller } from '../../auth/caller.js';
import { claimCredentials } from '../../auth/credential-version.js';
import { tradingDay } from '../../domain/calendar.js';
import { Decimal } from '../../domain/decimal.js';
import { Refused } from '../../domain/errors.js';
import { paperAccountId, type UserId } from '../../domain/ids.js';
import { type Origin, recordAudit } from '../../storage/audit.js';
import { killSwitchesOf, type Limits, limitsOf, selfServiceCeiling, setLimits } from '../../storage/limits.js';
import { usageOf } from '../../storage/risk-usage.js';
import type { ApiDependencies } from '../dependencies.js';
import { notifyOwner } from '../identity/notify-owner.js';

/** Fields that are left out stay as they are. */
export type LimitsChange = { [Name in keyof Limits]?: Limits[Name] | undefined };

export async function riskOf({ prisma, brokers }: Pick<ApiDependencies, 'prisma' | 'brokers'>, userId: UserId) {
  const now = await marketTime(brokers, userId);
  const days = { exchange: tradingDay('equity', now), utc: tradingDay('crypto', now) };
  const [limits, usage, killSwitch] = await Promise.all([
    limitsOf(prisma, userId),
    usageOf(prisma, userId, days),
    killSwitchesOf(prisma, userId),
  ]);
  return { limits, usage, killSwitch };
}

/** Limits count by the market's day, which a replay determines. */
async function marketTime(brokers: ApiDependencies['brokers'], userId: UserId): Promise<number> {
  const look = await brokers.get('paper')?.look(paperAccountId(userId), 'BTC-USD', 'crypto', [], Date.now());
  return look?.marketTime ?? Date.now();
}

/** @throws Refused `conflict` when something was changed at the same time, so that no change undoes another */
export async function changeLimits(
  dependencies: Pick<ApiDependencies, 'prisma' | 'accounts' | 'notices'>,
  caller: Caller,
  change: LimitsChange,
  from: Origin,
): Promise<void> {
  const { prisma } = dependencies;
  const { userId } = caller;
  const user = await prisma.user.findUniqueOrThrow({ where: { id: userId } });
  const before = await limitsOf(prisma, userId);
  const changed = applied(before, change);
  requireWithinCeiling(caller, changed);
  await prisma.$transaction(async (database) => {
    await claimCredentials(database, user);
    await setLimits(database, userId, changed);
    const detail = { before: { ...before }, after: { ...changed } };
    await recordAudit(database, { actor: userId, action: 'risk_limits_changed', subject: userId, detail, from });
  });
  await notifyOwner(dependencies, userId, 'limits-changed', { from, about: differences(before, changed) });
}

function differences(before: Limits, changed: Limits): string[] {
  const names = Object.keys(changed) as (keyof Limits)[];
  return names
    .filter((name) => changed[name] !== before[name])
    .map((name) => `${name}: ${before[name] ?? 'none'} to ${changed[name] ?? 'none'}`);
}

function applied(now: Limits, change: LimitsChange): Limits {
  return {
    perTrade: change.perTrade ?? now.perTrade,
    daily: change.daily ?? now.daily,
    concentrationPercent: change.concentrationPercent ?? now.concentrationPercent,
    dailyLoss: change.dailyLoss === undefined ? now.dailyLoss : change.dailyLoss,
    avoidGoodFaithViolations: change.avoidGoodFaithViolations ?? now.avoidGoodFaithViolations,
  };
}

function requireWithinCeiling({ role }: Caller, changed: Limits): void {
  const ceiling = selfServiceCeiling(role);
  for (const name of ['perTrade', 'daily'] as const) {
    if (Decimal.parse(changed[name]).atMost(Decimal.parse(ceiling[name]))) continue;
    throw new Refused('risk-denied', {
      code: 'LIMIT_ABOVE_CEILING',
      message: `You can raise ${name} to at most ${ceiling[name]}. Ask an administrator for more.`,
      limit: ceiling[name],
      attempted: changed[name],
    });
  }
}
