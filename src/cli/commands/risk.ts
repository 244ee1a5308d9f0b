/** The limits of a person: how much of them is used, and their change. */
import type { Command } from 'commander';
import { z } from 'zod';
import { Decimal } from '../../domain/decimal.js';
import { asPerson } from '../as-person.js';
import { type CliContext, type Paint, print, UsageProblem } from '../context.js';
import { table } from '../text.js';

const riskShape = z.object({
  limits: z.object({
    perTrade: z.string(),
    daily: z.string(),
    concentrationPercent: z.string(),
    dailyLoss: z.string().nullable(),
    avoidGoodFaithViolations: z.boolean(),
  }),
  usage: z.object({
    daily: z.string(),
    exposure: z.string(),
    bySymbol: z.array(z.object({ symbol: z.string(), exposure: z.string() })),
  }),
  killSwitch: z.object({ user: z.boolean(), global: z.boolean() }),
});
type Risk = z.infer<typeof riskShape>;

const RISK_HELP = `
Amounts are dollars. "a day" counts what was entered since the day began: at the exchange for shares and options, in UTC
for coins.

Example:
  $ arbion risk`;

const SET_HELP = `
What you leave out stays as it is. You may raise limits up to ten times the default of your role. Asks for your password,
or reads it from ARBION_PASSWORD.

Examples:
  $ arbion limits set --per-trade 2500 --daily 10000
  $ arbion limits set --daily-loss none`;

interface LimitOptions {
  perTrade?: string;
  daily?: string;
  symbolPercent?: string;
  dailyLoss?: string;
  goodFaith?: string;
  email?: string;
}

export function addRisk(program: Command, context: CliContext): void {
  const command = program
    .command('risk')
    .description('show your limits, what is used and what is left')
    .addHelpText('after', RISK_HELP);
  command.action(async () => {
    const { json } = await context.api().get('/risk');
    print(context, command, json, () => riskText(riskShape.parse(json), context.paint));
  });
}

export function addLimits(program: Command, context: CliContext): void {
  const command = program
    .command('limits')
    .description('change your limits (`arbion risk` shows them)')
    .addHelpText('after', '\nExample:\n  $ arbion limits set --daily 10000')
    .command('set')
    .description('change your limits')
    .option('--per-trade <dollars>', 'the most that one trade may cost')
    .option('--daily <dollars>', 'the most that the trades of a day may cost')
    .option('--symbol-percent <percent>', 'the most of your equity that one symbol may have')
    .option('--daily-loss <dollars|none>', 'no new trades today after a loss of so much')
    .option('--good-faith <refuse|warn>', 'what to do with an entry above the settled cash of a cash account')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', SET_HELP);
  command.action(async ({ email, ...options }: LimitOptions) => {
    const body = limitsBody(options);
    await asPerson(context, email, async ({ api, cookie }) => {
      const { json } = await api.call('PUT', '/risk/limits', { cookie, body });
      print(context, command, json, () => riskText(riskShape.parse(json), context.paint));
    });
  });
}

function limitsBody({ perTrade, daily, symbolPercent, dailyLoss, goodFaith }: Omit<LimitOptions, 'email'>): object {
  if (goodFaith !== undefined && !['refuse', 'warn'].includes(goodFaith)) {
    throw new UsageProblem('--good-faith is refuse or warn.');
  }
  return {
    perTrade,
    daily,
    concentrationPercent: symbolPercent?.replace(/%$/, ''),
    dailyLoss: dailyLoss === 'none' ? null : dailyLoss,
    avoidGoodFaithViolations: goodFaith === undefined ? undefined : goodFaith === 'refuse',
  };
}

function riskText({ limits, usage, killSwitch }: Risk, paint: Paint): string {
  const left = Decimal.parse(limits.daily).minus(Decimal.parse(usage.daily)).max(Decimal.zero).toString();
  const rows = [
    ['a trade', limits.perTrade, '', ''],
    ['a day', limits.daily, usage.daily, left],
    ['a symbol', `${limits.concentrationPercent} % of equity`, '', ''],
    ["a day's loss", limits.dailyLoss ?? 'none', '', ''],
    ['unsettled cash', limits.avoidGoodFaithViolations ? 'refused' : 'warned of', '', ''],
  ];
  const exposures = [...usage.bySymbol, { symbol: 'all', exposure: usage.exposure }];
  return [
    entriesText(killSwitch, paint),
    table(['limit', 'value', 'used', 'left'], rows),
    table(
      ['exposure', 'dollars'],
      exposures.map(({ symbol, exposure }) => [symbol, exposure]),
    ),
  ].join('\n\n');
}

function entriesText({ user, global }: Risk['killSwitch'], paint: Paint): string {
  if (!user && !global) return 'New trades are allowed.';
  const who = global ? 'by an administrator, for everybody' : 'by your kill switch; allow them with: arbion resume';
  return paint('red', `New trades are stopped ${who}.`);
}
