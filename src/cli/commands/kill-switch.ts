import type { Command } from 'commander';
import { z } from 'zod';
import { asPerson } from '../as-person.js';
import { type CliContext, print } from '../context.js';

const answerShape = z.object({ engaged: z.boolean(), flattening: z.number() });

const HALT_HELP = `
Engages your kill switch: nothing is entered any more. Open trades go on behind their stops; --close-all closes them too.
--everyone is for administrators, and asks for the password.

Examples:
  $ arbion halt --reason "Going on holiday"
  $ arbion halt --close-all`;

const RESUME_HELP = `
Releases your kill switch. Asks for your password, or reads it from ARBION_PASSWORD.

Example:
  $ arbion resume`;

interface HaltOptions {
  reason?: string;
  closeAll?: boolean;
  yes?: boolean;
  everyone?: boolean;
  email?: string;
}

export function addHalt(program: Command, context: CliContext): void {
  const command = program
    .command('halt')
    .description('stop new trades at once')
    .option('--reason <text>', 'why, for the record')
    .option('--close-all', 'also close all open trades')
    .option('--yes', 'do not ask before closing all')
    .option('--everyone', 'for all users, as an administrator')
    .option('--email <address>', 'with --everyone: your e-mail address (default: that of the last login)')
    .addHelpText('after', HALT_HELP);
  command.action(async ({ reason, closeAll = false, yes = false, everyone = false, email }: HaltOptions) => {
    const whose = everyone ? 'all open trades of everybody' : 'all your open trades';
    if (closeAll && !yes) await context.confirm(`Stop new trades, and close ${whose}?`);
    const body = { engaged: true, reason, flatten: closeAll, scope: everyone ? 'global' : 'user' };
    const path = '/risk/kill-switch';
    if (!everyone) return say(context, command, (await context.api().call('POST', path, { body })).json);
    await asPerson(context, email, async ({ api, cookie }) => {
      say(context, command, (await api.call('POST', path, { cookie, body })).json);
    });
  });
}

export function addResume(program: Command, context: CliContext): void {
  const command = program
    .command('resume')
    .description('allow new trades again')
    .option('--everyone', 'for all users, as an administrator')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', RESUME_HELP);
  command.action(({ everyone = false, email }: Pick<HaltOptions, 'everyone' | 'email'>) =>
    asPerson(context, email, async ({ api, cookie }) => {
      const body = { engaged: false, scope: everyone ? 'global' : 'user' };
      say(context, command, (await api.call('POST', '/risk/kill-switch', { cookie, body })).json);
    }),
  );
}

function say(context: CliContext, command: Command, json: unknown): void {
  print(context, command, json, () => {
    const { engaged, flattening } = answerShape.parse(json);
    const closing = flattening === 0 ? '' : ` ${flattening} open trades are being closed.`;
    return engaged ? `New trades are stopped.${closing}` : 'New trades are allowed.';
  });
}
