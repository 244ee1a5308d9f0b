import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient } from '../api-client.js';
import type { CliContext } from '../context.js';
import { defaultUrl, writeLogin } from '../credentials.js';
import { codeFrom, passwordOf, withSession } from '../session.js';

const HELP = `
Creates an API token with the scopes read and trade and stores it in ARBION_HOME/login.json. The password is not stored.
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
      const { id: tokenId, token } = await withSession(api, { email, password, askCode: codeFrom(context) }, (cookie) =>
        makeToken(api, cookie),
      );
      const path = writeLogin(context.env, { url: api.url, email, token, tokenId });
      context.say(`Logged in to ${api.url} as ${email}; the token is in ${path}.`);
    });
}

async function makeToken(api: ApiClient, cookie: string): Promise<{ id: string; token: string }> {
  const body = { name: 'Command line', scopes: ['read', 'trade'] };
  const { json } = await api.call('POST', '/tokens', { body, cookie });
  return z.object({ id: z.string(), token: z.string() }).parse(json);
}
