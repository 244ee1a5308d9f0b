/** What a person does to the own account: the password, and the authenticator. */
import type { Command } from 'commander';
import { z } from 'zod';
import { type ApiAnswer, ApiClient } from '../api-client.js';
import { asPerson } from '../as-person.js';
import { type CliContext, print } from '../context.js';
import { defaultUrl } from '../credentials.js';
import { newPasswordOf, sessionCookie } from '../session.js';

const PASSWORD_HELP = `
Ends all other sessions. Both passwords are asked for, or read from ARBION_PASSWORD and ARBION_NEW_PASSWORD.

Example:
  $ arbion password --email me@example.com`;

const RESET_HELP = `
Mails you a link, and asks for what stands behind its #. It is good once, for half an hour. All sessions end.

Example:
  $ arbion reset-password --email me@example.com`;

const AUTHENTICATOR_HELP = `
Shows the secret that an authenticator app takes, asks for a code of it, and prints recovery codes: keep them elsewhere.
With an authenticator in use, another one takes its place.

Example:
  $ arbion authenticator --email me@example.com`;

export function addPassword(program: Command, context: CliContext): void {
  program
    .command('password')
    .description('change your password')
    .option('--email <address>', 'your address; else that of the last log-in')
    .addHelpText('after', PASSWORD_HELP)
    .action(({ email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie, password }) => {
        const newPassword = await newPasswordOf(context.env);
        const body = { currentPassword: password, newPassword };
        await endSession(api, await api.call('POST', '/auth/password', { cookie, body }));
        context.note('The password is changed; all other sessions have ended.');
      }),
    );
}

export function addResetPassword(program: Command, context: CliContext): void {
  program
    .command('reset-password')
    .description('set a new password when the old one is forgotten')
    .requiredOption('--email <address>', 'the address of your account')
    .option('--url <url>', 'where Arbion is')
    .addHelpText('after', RESET_HELP)
    .action(async ({ email, url }: { email: string; url?: string }) => {
      const api = new ApiClient((url ?? defaultUrl(context.env)).replace(/\/+$/, ''));
      await api.call('POST', '/auth/password-reset', { body: { email } });
      const answer = await context.ask(`If ${email} has an account, a mail is on its way. What stands behind the #: `);
      const token = answer.trim().replace(/^.*#/, '');
      await api.call('POST', '/auth/password-reset/confirm', {
        body: { token, newPassword: await newPasswordOf(context.env) },
      });
      context.note('The password is set; log in with it.');
    });
}

const secretShape = z.object({ secret: z.string(), uri: z.string() });
const codesShape = z.object({ recoveryCodes: z.array(z.string()) });

export function addAuthenticator(program: Command, context: CliContext): void {
  const command = program
    .command('authenticator')
    .description('set up an authenticator app for one-time codes')
    .option('--email <address>', 'your address; else that of the last log-in')
    .addHelpText('after', AUTHENTICATOR_HELP)
    .action(({ email }: { email?: string }) =>
      asPerson(context, email, async ({ api, cookie }) => {
        const { secret, uri } = secretShape.parse((await api.call('POST', '/auth/totp', { cookie })).json);
        context.note(`Give this to your authenticator:\n\n  ${secret}\n  ${uri}\n`);
        const code = (await context.ask('The code that it shows: ')).trim();
        const confirmed = await api.call('POST', '/auth/totp/confirm', { cookie, body: { code } });
        await endSession(api, confirmed);
        print(context, command, confirmed.json, () => {
          const codes = codesShape.parse(confirmed.json).recoveryCodes.map((each) => `  ${each}`);
          return ['It is in use. Each of these stands in for one code:', '', ...codes].join('\n');
        });
      }),
    );
}

/** What changes how one logs in begins a session in place of all others; here nobody goes on with it. */
async function endSession(api: ApiClient, answer: ApiAnswer): Promise<void> {
  await api.call('POST', '/auth/logout', { cookie: sessionCookie(answer) });
}
