import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { Decimal, type DecimalString, decimalString } from '../../domain/decimal.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { Routes } from '../http/context.js';
import { decimalText, safeText } from '../http/fields.js';
import { once, optionalClaimOf, optionalKey } from '../http/idempotency.js';
import {
  answer,
  body,
  bodyProblems,
  conflictProblem,
  readProblems,
  secured,
  securedWithBody,
} from '../http/openapi.js';
import { originOf } from '../http/request-context.js';
import { changeKillSwitch } from './kill-switch.js';
import { changeLimits, riskOf } from './risk-limits.js';

const tags = ['Risk'];

const avoidGoodFaithViolations = z.boolean().openapi({
  description:
    'Whether an entry above the settled cash of a cash account is refused: closed before the rest has settled, ' +
    'it would be a good-faith violation. Otherwise the trade has a warning',
});
const limits = z
  .strictObject({
    perTrade: decimalText,
    daily: decimalText,
    concentrationPercent: decimalText,
    dailyLoss: decimalText.nullable(),
    avoidGoodFaithViolations,
  })
  .openapi('RiskLimits');

const riskAnswer = z
  .strictObject({
    limits,
    usage: z.strictObject({
      daily: decimalText,
      exposure: decimalText,
      bySymbol: z.array(z.strictObject({ symbol: z.string(), exposure: decimalText })),
    }),
    killSwitch: z.strictObject({ user: z.boolean(), global: z.boolean() }),
  })
  .openapi('Risk');

const amount = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,11})(?:\.\d{1,8})?$/, { error: 'must be a plain decimal, such as "1000"', abort: true })
  .transform((text): DecimalString => decimalString(text));
const percent = amount
  .refine((text) => Decimal.parse(text).atMost(Decimal.ofInteger(100)), 'must be at most 100')
  .openapi({ pattern: '^(?:100(?:\\.0{1,8})?|(?:0|[1-9]\\d?)(?:\\.\\d{1,8})?)$' });

const limitsBody = z
  .strictObject({
    perTrade: amount.optional(),
    daily: amount.optional(),
    concentrationPercent: percent.optional(),
    dailyLoss: amount.nullable().optional(),
    avoidGoodFaithViolations: avoidGoodFaithViolations.optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'must change something')
  .openapi({ minProperties: 1 });

const killSwitchBody = z.strictObject({
  engaged: z.boolean(),
  flatten: z.boolean().default(false),
  scope: z.enum(['user', 'global']).default('user'),
  reason: safeText(200).optional(),
});

const killSwitchAnswer = z.strictObject({
  scope: z.enum(['user', 'global']),
  engaged: z.boolean(),
  flattening: z.int().min(0).openapi({ description: 'How many trades are being closed' }),
});

export function riskRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addRisk(routes, dependencies);
  addLimits(routes, dependencies);
  addKillSwitch(routes, dependencies);
  return routes;
}

function addRisk(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/risk',
      tags,
      summary: 'Get limits and usage',
      ...secured('read'),
      responses: { 200: answer('Limits and usage', riskAnswer), ...readProblems },
    }),
    async (context) => context.json(await riskOf(dependencies, callerOf(context).userId), 200),
  );
}

function addLimits(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'put',
      path: '/risk/limits',
      tags,
      summary: 'Change your limits, up to ten times the default of your role',
      ...securedWithBody('fresh-session'),
      request: { body: body(limitsBody, { perTrade: '2500', daily: '10000' }) },
      responses: {
        200: answer('Limits and usage', riskAnswer),
        ...readProblems,
        ...conflictProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const caller = callerOf(context);
      await changeLimits(dependencies, caller, context.req.valid('json'), originOf(context));
      return context.json(await riskOf(dependencies, caller.userId), 200);
    },
  );
}

function addKillSwitch(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/risk/kill-switch',
      tags,
      summary: 'Engage or release the kill switch: stop new entries, and optionally close open trades (flatten)',
      description:
        'Any caller with the scope may engage it. To release it, the password must have been entered within the last five minutes. Scope "global" is for administrators.',
      ...securedWithBody('trade'),
      request: { headers: optionalKey, body: body(killSwitchBody, { engaged: true, reason: 'Going on holiday' }) },
      responses: {
        200: answer('The kill switch', killSwitchAnswer),
        ...readProblems,
        ...conflictProblem,
        ...bodyProblems,
      },
    }),
    async (context) => {
      const caller = callerOf(context);
      const change = context.req.valid('json');
      const key = context.req.valid('header')['idempotency-key'];
      const changed = await once(context, dependencies.prisma, {
        claim: optionalClaimOf(context, caller.userId, key, change),
        status: 200,
        work: () => changeKillSwitch(dependencies, caller, change, originOf(context)),
      });
      return context.json(changed, 200);
    },
  );
}
