import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient, ApiProblem } from '../api-client.js';
import type { CliContext } from '../context.js';
import { defaultUrl, readLogin, writeLogin } from '../credentials.js';
import { passwordOf, signInAt, withSession } from '../session.js';

const HELP = `
Creates an API token with the scopes read and trade and stores it in ARBION_HOME/login.json, in place of that of the last
login, which is revoked. The password is not stored.
Asks for the password, and for the authenticator code if the account has one; ARBION_PASSWORD and ARBION_CODE replace
the questions.

Examples:
  $ arbion login --email trader@arbion.example
  $ arbion login --url https://arbion.example --email me@example.com`;

export function addLogin(program: Command, context: CliContext): void {
  program
    .command('login')
    .description('log in; the other commands then act for you')
    .requiredOption('--email <address>', 'the e-mail address of your account')
    .option('--url <url>', 'the address of Arbion')
    .addHelpText('after', HELP)
    .action(async ({ email, url }: { email: string; url?: string }) => {
      const api = new ApiClient((url ?? defaultUrl(context.env)).replace(/\/+$/, ''));
      const password = await passwordOf(context.env, email);
      const { id: tokenId, token } = await withSession(
        api,
        signInAt(context, api.url, email, password),
        async (cookie) => {
          await revokeReplaced(context, api, email, cookie);
          return makeToken(api, cookie);
        },
      );
      const path = writeLogin(context.env, { url: api.url, email, token, tokenId });
      context.say(`Logged in to ${api.url} as ${email}; the token is in ${path}.`);
    });
}

/** The token in the file that is about to be replaced: nobody would know of it any more. */
async function revokeReplaced(context: CliContext, api: ApiClient, email: string, cookie: string): Promise<void> {
  const replaced = readLogin(context.env);
  if (replaced?.tokenId === undefined) return;
  if (replaced.url !== api.url || replaced.email !== email) {
    context.note(
      `The token of ${replaced.email} at ${replaced.url} stays valid; revoke it with \`arbion tokens\` there.`,
    );
    return;
  }
  await api.call('DELETE', `/tokens/${replaced.tokenId}`, { cookie }).catch((error: unknown) => {
    if (!(error instanceof ApiProblem) || !error.problem.type.endsWith(':not-found')) throw error;
  });
}

async function makeToken(api: ApiClient, cookie: string): Promise<{ id: string; token: string }> {
  const body = { name: 'Command line', scopes: ['read', 'trade'] };
  const { json } = await api.call('POST', '/tokens', { body, cookie });
  return z.object({ id: z.string(), token: z.string() }).parse(json);
}
