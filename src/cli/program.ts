import { Command, CommanderError } from 'commander';
import { ApiProblem, ApiUnreachable, type Problem } from './api-client.js';
import { addAuthenticator, addPassword, addResetPassword } from './commands/account.js';
import { addAlerts } from './commands/alerts.js';
import { addAudit } from './commands/audit.js';
import { addAuditTrail } from './commands/audit-trail.js';
import { addBalance } from './commands/balance.js';
import { addBrokers } from './commands/brokers.js';
import { addAdjust, addReplace } from './commands/change.js';
import { addCancel, addClose } from './commands/close.js';
import { addCompletion } from './commands/completion.js';
import { addExport } from './commands/export.js';
import { addKeys } from './commands/keys.js';
import { addHalt, addResume } from './commands/kill-switch.js';
import { addLogin } from './commands/login.js';
import { addLogout } from './commands/logout.js';
import { addPositions } from './commands/positions.js';
import { addPreview } from './commands/preview.js';
import { addQuote } from './commands/quote.js';
import { addRegister } from './commands/register.js';
import { addReplay } from './commands/replay.js';
import { addLimits, addRisk } from './commands/risk.js';
import { addSessions } from './commands/sessions.js';
import { addShow } from './commands/show.js';
import { addTokens } from './commands/tokens.js';
import { addBuy, addSell } from './commands/trade.js';
import { addTrades } from './commands/trades.js';
import { addWatch } from './commands/watch.js';
import { addWebhooks } from './commands/webhooks.js';
import { type CliContext, type CliStreams, createContext, UsageProblem } from './context.js';

type AddCommand = (program: Command, context: CliContext) => void;

/** By the headings of the help. For a new command add a file and a name here. */
const COMMANDS: Readonly<Record<string, readonly AddCommand[]>> = {
  'Trading:': [addBuy, addSell, addPreview, addTrades, addShow, addWatch, addAdjust, addReplace, addCancel, addClose],
  'Your money:': [addQuote, addBalance, addPositions, addAlerts, addExport],
  'Risk:': [addRisk, addLimits, addHalt, addResume],
  'Brokers and strategies:': [addBrokers, addKeys, addWebhooks],
  'Your account:': [
    addRegister,
    addLogin,
    addLogout,
    addPassword,
    addResetPassword,
    addAuthenticator,
    addSessions,
    addTokens,
  ],
  'Checks:': [addReplay, addAudit, addAuditTrail],
  'Your shell:': [addCompletion],
};

const HELP = `
A trade id may be shortened to its first digits, at least 4, as long as they fit one trade only.

Commands act for the last \`arbion login\`, or else for the trader that \`npm start\` created in ARBION_HOME. ARBION_URL
and ARBION_TOKEN override both. Colours appear only at a terminal, and not with NO_COLOR.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a risk limit, 4 Arbion does not answer.`;

const EXIT = { done: 0, failed: 1, usage: 2, riskDenied: 3, unreachable: 4 } as const;

/** Runs one command line and returns its exit code. */
export async function runCli(args: readonly string[], env: NodeJS.ProcessEnv, streams: CliStreams): Promise<number> {
  const program = createProgram(env, streams);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return report(error, streams);
  }
}

function createProgram(env: NodeJS.ProcessEnv, streams: CliStreams): Command {
  const program = new Command('arbion')
    .description('Place trades that keep a protective stop from their first fill, and manage them.')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', HELP)
    .showHelpAfterError('(run with --help for usage)');
  const settings = { writeOut: streams.out, writeErr: streams.error };
  program.configureOutput(settings).exitOverride();
  const context = createContext(env, streams);
  for (const [heading, adds] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading);
    for (const add of adds) add(program, context);
  }
  for (const command of program.commands) command.configureOutput(settings).exitOverride();
  return program;
}

function report(error: unknown, { error: say }: CliStreams): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof ApiProblem) {
    say(`${problemText(error.problem)}\n`);
    return error.problem.type === 'urn:arbion:problem:risk-denied' ? EXIT.riskDenied : EXIT.failed;
  }
  if (error instanceof ApiUnreachable) {
    say(`${error.message} Is it running? Start it with \`npm start\`, or set ARBION_URL.\n`);
    return EXIT.unreachable;
  }
  say(`${error instanceof Error ? error.message : error}\n`);
  return error instanceof UsageProblem ? EXIT.usage : EXIT.failed;
}

/** What is wrong, by how much, and what to do about it; or each wrong field on a line of its own. */
function problemText({ detail, code, limit, value, attempted, whatToDo, instance, errors = [] }: Problem): string {
  const request = instance && `(request ${instance})`;
  if (errors.length > 0) {
    const lines = errors.map(({ field, message }) => `${field.replace(/^\//, '') || 'request'}: ${message}`);
    return [...lines, request].filter(Boolean).join('\n');
  }
  const figures = [
    code && `code ${code}`,
    limit && `limit ${limit}`,
    value && `used ${value}`,
    attempted && `attempted ${attempted}`,
  ].filter((figure) => figure !== undefined && figure !== '');
  const lines = [detail, figures.join(', '), whatToDo, request];
  return lines.filter((line) => line !== undefined && line !== '').join('\n');
}
