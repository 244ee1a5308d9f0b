import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Caller } from '../../auth/caller.js';
import { safeText } from '../../auth/trade-input.js';
import { tradingDay } from '../../domain/calendar.js';
import { Decimal, type DecimalString, decimalString } from '../../domain/decimal.js';
import { Refused } from '../../domain/errors.js';
import { paperAccountId, type UserId } from '../../domain/ids.js';
import { recordAudit } from '../../storage/audit.js';
import { killSwitchesOf, type Limits, limitsOf, selfServiceCeiling, setLimits } from '../../storage/limits.js';
import { usageOf } from '../../storage/risk-usage.js';
import type { ApiDependencies, AppEnv } from '../context.js';
import { once, optionalClaimOf } from '../idempotent.js';
import { changeKillSwitch } from '../kill-switch.js';
import { callerOf } from '../middleware/access.js';
import { answer, body, bodyProblems, readProblems, secured, securedWithBody } from '../openapi.js';
import { optionalKey } from '../parse/idempotency-key.js';
import { limits } from '../schemas.js';

const tags = ['Risk'];

const riskAnswer = z
  .object({
    limits,
    usage: z.object({
      daily: z.string(),
      exposure: z.string(),
      bySymbol: z.array(z.object({ symbol: z.string(), exposure: z.string() })),
    }),
    killSwitch: z.object({ user: z.boolean(), global: z.boolean() }),
  })
  .openapi('Risk');

const amount = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,11})(?:\.\d{1,8})?$/, 'must be a decimal in plain text, like "1000"')
  .transform((text): DecimalString => decimalString(text));
const percent = amount.refine((text) => Decimal.parse(text).atMost(Decimal.ofInteger(100)), 'must be at most 100');

const limitsBody = z
  .strictObject({
    perTrade: amount.optional(),
    daily: amount.optional(),
    concentrationPercent: percent.optional(),
    dailyLoss: amount.nullable().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing is to be changed');

const killSwitchBody = z.strictObject({
  engaged: z.boolean(),
  flatten: z.boolean().default(false),
  scope: z.enum(['user', 'global']).default('user'),
  reason: safeText(200).optional(),
});

const killSwitchAnswer = z.object({
  scope: z.enum(['user', 'global']),
  engaged: z.boolean(),
  flattening: z.int(),
});

export function riskRoutes(dependencies: ApiDependencies): OpenAPIHono<AppEnv> {
  const { prisma, brokers } = dependencies;
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(
    createRoute({
      method: 'get',
      path: '/risk',
      tags,
      summary: 'Limits and how much of them is used',
      ...secured('read'),
      responses: { 200: answer('Limits and usage', riskAnswer), ...readProblems },
    }),
    async (context) => context.json(await riskOf(callerOf(context).userId), 200),
  );

  routes.openapi(
    createRoute({
      method: 'put',
      path: '/risk/limits',
      tags,
      summary: 'Change the own limits, up to ten times the default of the role',
      ...securedWithBody('fresh-session'),
      request: { body: body(limitsBody) },
      responses: { 200: answer('Limits and usage', riskAnswer), ...readProblems, ...bodyProblems },
    }),
    async (context) => {
      const caller = callerOf(context);
      const change = context.req.valid('json');
      const changed = applied(await limitsOf(prisma, caller.userId), change);
      requireWithinCeiling(caller, changed);
      await prisma.$transaction(async (database) => {
        await setLimits(database, caller.userId, changed);
        const detail = { ...changed };
        await recordAudit(database, {
          actor: caller.userId,
          action: 'risk_limits_changed',
          subject: caller.userId,
          detail,
        });
      });
      return context.json(await riskOf(caller.userId), 200);
    },
  );

  routes.openapi(
    createRoute({
      method: 'post',
      path: '/risk/kill-switch',
      tags,
      summary: 'Stop new entries (engaged), and close what is open (flatten)',
      description:
        'A token or session may engage; letting go needs the password given just now. "global" is for admins.',
      ...securedWithBody('trade'),
      request: { headers: optionalKey, body: body(killSwitchBody) },
      responses: { 200: answer('The switch', killSwitchAnswer), ...readProblems, ...bodyProblems },
    }),
    async (context) => {
      const caller = callerOf(context);
      const change = context.req.valid('json');
      const key = context.req.valid('header')['idempotency-key'];
      const changed = await once(context, prisma, {
        claim: optionalClaimOf(context, caller.userId, key, change),
        status: 200,
        work: () => changeKillSwitch(dependencies, caller, change),
      });
      return context.json(changed, 200);
    },
  );

  async function riskOf(userId: UserId) {
    const now = await marketTime(userId);
    const days = { exchange: tradingDay('equity', now), utc: tradingDay('crypto', now) };
    const [own, usage, killSwitch] = await Promise.all([
      limitsOf(prisma, userId),
      usageOf(prisma, userId, days),
      killSwitchesOf(prisma, userId),
    ]);
    return { limits: own, usage, killSwitch };
  }

  /** Limits count by the market's day, which a replay sets. */
  async function marketTime(userId: UserId): Promise<number> {
    const look = await brokers.get('paper')?.look(paperAccountId(userId), 'BTC-USD', 'crypto', [], Date.now());
    return look?.marketTime ?? Date.now();
  }

  return routes;
}

function applied(limitsNow: Limits, change: z.output<typeof limitsBody>): Limits {
  return {
    perTrade: change.perTrade ?? limitsNow.perTrade,
    daily: change.daily ?? limitsNow.daily,
    concentrationPercent: change.concentrationPercent ?? limitsNow.concentrationPercent,
    dailyLoss: change.dailyLoss === undefined ? limitsNow.dailyLoss : change.dailyLoss,
  };
}

function requireWithinCeiling({ role }: Caller, changed: Limits): void {
  const ceiling = selfServiceCeiling(role);
  for (const name of ['perTrade', 'daily'] as const) {
    if (Decimal.parse(changed[name]).atMost(Decimal.parse(ceiling[name]))) continue;
    throw new Refused('risk-denied', {
      code: 'LIMIT_ABOVE_CEILING',
      message: `${name} may be raised to ${ceiling[name]}; beyond that only an administrator can.`,
      limit: ceiling[name],
      attempted: changed[name],
    });
  }
}
