/** Changes of a person's own account: the password, and the authenticator. */
import type { Command } from 'commander';
import { z } from 'zod';
import { type ApiAnswer, ApiClient } from '../api-client.js';
import { asPerson } from '../as-person.js';
import { type CliContext, print } from '../context.js';
import { defaultUrl } from '../credentials.js';
import { newPasswordOf, sessionCookie } from '../session.js';

const PASSWORD_HELP = `
Asks for both passwords, or reads them from ARBION_PASSWORD and ARBION_NEW_PASSWORD. All other sessions end.
Where somebody else knew the password, add --revoke-all and log in again: the token of the command line is revoked too.

Examples:
  $ arbion password --email me@example.com
  $ arbion password --email me@example.com --revoke-all`;

const RESET_HELP = `
Sends a link by e-mail and asks for it; the part after # is enough. The link works once, for 30 minutes. All sessions end,
all tokens and webhooks are revoked, and known browsers are forgotten: log in again and make what you need.

Example:
  $ arbion reset-password --email me@example.com`;

const AUTHENTICATOR_HELP = `
Shows the secret to enter in your authenticator app, asks for a code from the app, and prints recovery codes. Keep these
in a safe place. A new authenticator replaces the one in use.

Example:
  $ arbion authenticator --email me@example.com`;

export function addPassword(program: Command, context: CliContext): void {
  program
    .command('password')
    .description('change your password')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .option('--revoke-all', 'also revoke all tokens and webhooks, and forget known browsers')
    .addHelpText('after', PASSWORD_HELP)
    .action(({ email, revokeAll = false }: { email?: string; revokeAll?: boolean }) =>
      asPerson(context, email, async ({ api, cookie, password }) => {
        const newPassword = await newPasswordOf(context.env);
        const body = { currentPassword: password, newPassword, revokeAll };
        await endSession(api, await api.call('POST', '/auth/password', { cookie, body }));
        context.note('The password is changed. All other sessions have ended.');
      }),
    );
}

export function addResetPassword(program: Command, context: CliContext): void {
  program
    .command('reset-password')
    .description('set a new password if you forgot the old one')
    .requiredOption('--email <address>', 'the e-mail address of your account')
    .option('--url <url>', 'the address of Arbion')
    .addHelpText('after', RESET_HELP)
    .action(async ({ email, url }: { email: string; url?: string }) => {
      const api = new ApiClient((url ?? defaultUrl(context.env)).replace(/\/+$/, ''));
      await api.call('POST', '/auth/password-reset', { body: { email } });
      const answer = await context.ask(
        `If ${email} has an account, an e-mail with a link was sent to it. Paste the link: `,
      );
      const token = answer.trim().replace(/^.*#/, '');
      await api.call('POST', '/auth/password-reset/confirm', {
        body: { token, newPassword: await newPasswordOf(context.env) },
      });
      context.note('The password is set. You can log in with it now.');
    });
}

const secretShape = z.object({ secret: z.string(), uri: z.string() });
const codesShape = z.object({ recoveryCodes: z.array(z.string()) });

export function addAuthenticator(program: Command, context: CliContext): void {
  const command = program
    .command('authenticator')
    .description('set up an authenticator app for one-time codes')
    .option('--email <address>', 'your e-mail address (default: that of the last login)')
    .addHelpText('after', AUTHENTICATOR_HELP)
    .action(({ email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie }) => {
        const { secret, uri } = secretShape.parse((await api.call('POST', '/auth/totp', { cookie })).json);
        context.note(`Enter this in your authenticator app:\n\n  ${secret}\n  ${uri}\n`);
        const code = (await context.ask('The code that the app shows: ')).trim();
        const confirmed = await api.call('POST', '/auth/totp/confirm', { cookie, body: { code } });
        await endSession(api, confirmed);
        print(context, command, confirmed.json, () => {
          const codes = codesShape.parse(confirmed.json).recoveryCodes.map((each) => `  ${each}`);
          return [
            'The authenticator is in use. Each of these recovery codes works once, in place of a code:',
            '',
            ...codes,
          ].join('\n');
        });
      }),
    );
}

/** After such a change the API starts a new session and ends all others; the command line does not need it. */
async function endSession(api: ApiClient, answer: ApiAnswer): Promise<void> {
  await api.call('POST', '/auth/logout', { cookie: sessionCookie(answer) });
}
