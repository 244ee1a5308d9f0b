import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient } from '../api-client.js';
import type { CliContext } from '../context.js';
import { UsageProblem } from '../context.js';
import { defaultUrl, writeLogin } from '../credentials.js';

const HELP = `
Makes a token with the scopes read and trade and keeps it in ARBION_HOME/login.json.
The password is asked for, or read from ARBION_PASSWORD; it is not kept.

Examples:
  $ arbion login --email trader@arbion.example
  $ arbion login --url https://arbion.example --email me@example.com`;

export function addLogin(program: Command, context: CliContext): void {
  program
    .command('login')
    .description('log in, so that the other commands may act for you')
    .requiredOption('--email <address>', 'the e-mail address of your account')
    .option('--url <url>', 'where Arbion is')
    .addHelpText('after', HELP)
    .action(async ({ email, url }: { email: string; url?: string }) => {
      const api = new ApiClient((url ?? defaultUrl(context.env)).replace(/\/+$/, ''));
      const password = context.env.ARBION_PASSWORD ?? (await askSecretly(`Password of ${email}: `));
      const token = await makeToken(api, email, password);
      const path = writeLogin(context.env, { url: api.url, email, token });
      context.say(`Logged in to ${api.url} as ${email}; the token is in ${path}.`);
    });
}

/** A session just long enough to make the token. */
async function makeToken(api: ApiClient, email: string, password: string): Promise<string> {
  const { headers } = await api.call('POST', '/auth/login', { body: { email, password } });
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const body = { name: 'Command line', scopes: ['read', 'trade'] };
  const { json } = await api.call('POST', '/tokens', { body, cookie });
  await api.call('POST', '/auth/logout', { cookie });
  return z.object({ token: z.string() }).parse(json).token;
}

async function askSecretly(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new UsageProblem('There is no terminal to ask for the password: set ARBION_PASSWORD.');
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  const answer = await terminal.question('');
  terminal.close();
  process.stderr.write('\n');
  return answer;
}
