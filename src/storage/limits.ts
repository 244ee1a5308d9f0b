/** Risk limits and kill switches as data; the check that uses them reads both inside its own transaction. */
import type { Prisma, PrismaClient } from '../../prisma/generated/client.js';
import { Decimal, type DecimalString, decimal } from '../domain/decimal.js';
import type { UserId } from '../domain/ids.js';

type Database = PrismaClient | Prisma.TransactionClient;

/** Dollars; `dailyLoss` null means none. */
export interface Limits {
  perTrade: DecimalString;
  daily: DecimalString;
  concentrationPercent: DecimalString;
  dailyLoss: DecimalString | null;
  /** whether an entry that an account's settled cash does not cover is refused */
  avoidGoodFaithViolations: boolean;
}

const CONCENTRATION_PERCENT = decimal('20').toString();
/** A user may raise the own limits to so many times the role's; beyond that only an admin. */
const SELF_SERVICE_FACTOR = decimal('10');

const DEFAULTS: Record<string, Pick<Limits, 'perTrade' | 'daily'>> = {
  standard: { perTrade: decimal('1000').toString(), daily: decimal('10000').toString() },
  admin: { perTrade: decimal('10000').toString(), daily: decimal('100000').toString() },
  superadmin: { perTrade: decimal('100000').toString(), daily: decimal('1000000').toString() },
};
/** An unknown role may do nothing. */
const NOTHING = { perTrade: Decimal.zero.toString(), daily: Decimal.zero.toString() };

export function defaultLimits(role: string): Limits {
  return {
    ...(DEFAULTS[role] ?? NOTHING),
    concentrationPercent: CONCENTRATION_PERCENT,
    dailyLoss: null,
    avoidGoodFaithViolations: true,
  };
}

/** The most that a user of this role may set without an admin. */
export function selfServiceCeiling(role: string): Pick<Limits, 'perTrade' | 'daily'> {
  const { perTrade, daily } = defaultLimits(role);
  return {
    perTrade: decimal(perTrade).times(SELF_SERVICE_FACTOR).toString(),
    daily: decimal(daily).times(SELF_SERVICE_FACTOR).toString(),
  };
}

/** What holds for the user now: what was set, else the role's default. @throws when there is no such user. */
export async function limitsOf(database: Database, userId: UserId): Promise<Limits> {
  const [row] = await database.$queryRaw<{ role: string; limits: Limits | null }[]>`
    SELECT role, CASE WHEN user_id IS NOT NULL THEN json_build_object(
      'perTrade', trim_scale(per_trade)::text, 'daily', trim_scale(daily)::text,
      'concentrationPercent', trim_scale(concentration_percent)::text, 'dailyLoss', trim_scale(daily_loss)::text,
      'avoidGoodFaithViolations', avoid_good_faith_violations) END AS limits
    FROM users LEFT JOIN risk_limits ON user_id = users.id WHERE users.id = ${userId}::uuid`;
  if (!row) throw new Error(`there is no user ${userId}`);
  return row.limits ?? defaultLimits(row.role);
}

export async function setLimits(database: Database, userId: UserId, limits: Limits): Promise<void> {
  await database.riskLimits.upsert({ where: { userId }, create: { userId, ...limits }, update: limits });
}

export interface KillSwitches {
  user: boolean;
  global: boolean;
}

export const GLOBAL_SCOPE = 'global';

export async function killSwitchesOf(database: Database, userId: UserId): Promise<KillSwitches> {
  const engaged = await database.killSwitch.findMany({
    where: { scope: { in: [userId, GLOBAL_SCOPE] }, engaged: true },
  });
  const scopes = engaged.map(({ scope }) => scope);
  return { user: scopes.includes(userId), global: scopes.includes(GLOBAL_SCOPE) };
}

export interface SwitchChange {
  scope: UserId | typeof GLOBAL_SCOPE;
  engaged: boolean;
  by: UserId;
  reason?: string;
}

/** Engaging it again changes neither who engaged it nor why. */
export async function setKillSwitch(
  database: Prisma.TransactionClient,
  { scope, ...change }: SwitchChange,
): Promise<void> {
  const held = await lockKillSwitch(database, scope, change.by);
  if (change.engaged && held.engaged) return;
  await database.killSwitch.update({ where: { scope }, data: change });
}

/** The switch as it is; until the transaction ends nobody else changes it. */
export async function lockKillSwitch(
  database: Prisma.TransactionClient,
  scope: SwitchChange['scope'],
  by: UserId,
): Promise<{ engaged: boolean; by: string }> {
  await database.killSwitch.createMany({ data: { scope, engaged: false, by }, skipDuplicates: true });
  const [held] = await database.$queryRaw<{ engaged: boolean; by: string }[]>`
    SELECT engaged, by FROM kill_switches WHERE scope = ${scope} FOR UPDATE`;
  if (!held) throw new Error(`the kill switch ${scope} was neither made nor found`);
  return held;
}
