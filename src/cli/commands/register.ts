import type { Command } from 'commander';
import { ApiClient } from '../api-client.js';
import type { CliContext } from '../context.js';
import { defaultUrl } from '../credentials.js';
import { newPasswordOf } from '../session.js';

const HELP = `
Sends a link by e-mail, which works once, for seven days. The account is created when you open it or enter it here (the part
after # is enough), or when an administrator confirms. Asks for a password, or reads it from ARBION_NEW_PASSWORD.

Example:
  $ arbion register --email me@example.com`;

export function addRegister(program: Command, context: CliContext): void {
  program
    .command('register')
    .description('register for a new account')
    .requiredOption('--email <address>', 'your e-mail address')
    .option('--url <url>', 'the address of Arbion')
    .addHelpText('after', HELP)
    .action(async ({ email, url }: { email: string; url?: string }) => {
      const api = new ApiClient((url ?? defaultUrl(context.env)).replace(/\/+$/, ''));
      await api.call('POST', '/auth/register', { body: { email, password: await newPasswordOf(context.env) } });
      // The same for an address that has an account already: who has one must not be shown.
      context.note(`An e-mail with a link is on its way to ${email}.`);
      const answer = context.isTerminal ? await context.ask('Paste the link, or press Enter to open it later: ') : '';
      const token = answer.trim().replace(/^.*#/, '');
      if (token === '') return context.note('Once the link is opened, log in with `arbion login`.');
      await api.call('POST', '/auth/register/confirm', { body: { token } });
      context.note(`The account is created. Log in: arbion login --email ${email}`);
    });
}
