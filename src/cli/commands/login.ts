import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient, ApiProblem, ApiUnreachable } from '../api-client.js';
import type { CliContext } from '../context.js';
import { defaultUrl, type Login, readLogin, writeLogin } from '../credentials.js';
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
      await withSession(api, signInAt(context, api.url, email, password), async (cookie) => {
        const replaced = lastLogin(context);
        const { id: tokenId, token } = await makeToken(api, cookie);
        const path = writeLogin(context.env, { url: api.url, email, token, tokenId });
        if (replaced) await revoke(context, replaced, { api, email, cookie });
        context.say(`Logged in to ${api.url} as ${email}; the token is in ${path}.`);
      });
    });
}

/** A file that cannot be read is replaced like any other. */
function lastLogin({ env }: CliContext): Login | undefined {
  try {
    return readLogin(env);
  } catch {
    return undefined;
  }
}

/** Revokes a token that was replaced: nobody would know of it any more. What prevents that is said; the log-in stands. */
async function revoke(
  { note }: CliContext,
  replaced: Login,
  { api, email, cookie }: { api: ApiClient; email: string; cookie: string },
): Promise<void> {
  const isOurs = replaced.url === api.url && replaced.email.toLowerCase() === email.toLowerCase();
  if (!isOurs || replaced.tokenId === undefined) {
    note(`The token of ${replaced.email} at ${replaced.url} stays valid; revoke it with \`arbion tokens\` there.`);
    return;
  }
  try {
    await api.call('DELETE', `/tokens/${replaced.tokenId}`, { cookie });
  } catch (error) {
    if (!(error instanceof ApiProblem || error instanceof ApiUnreachable)) throw error;
    const isGone = error instanceof ApiProblem && error.problem.type.endsWith(':not-found');
    note(
      isGone
        ? 'The token of the last login was no longer valid.'
        : `The token of the last login could not be revoked (${error.message}); see \`arbion tokens\`.`,
    );
  }
}

async function makeToken(api: ApiClient, cookie: string): Promise<{ id: string; token: string }> {
  const body = { name: 'Command line', scopes: ['read', 'trade'] };
  const { json } = await api.call('POST', '/tokens', { body, cookie });
  return z.object({ id: z.string(), token: z.string() }).parse(json);
}
