import type { Command } from 'commander';
import { ApiClient, ApiProblem, ApiUnreachable } from '../api-client.js';
import { type CliContext, UsageProblem } from '../context.js';
import { type Login, readLogin, removeLogin } from '../credentials.js';
import { passwordOf, signInAt, withSession } from '../session.js';

const HELP = `
Revokes the token that \`arbion login\` stored and removes ARBION_HOME/login.json. Revoking asks for your password, or
reads it from ARBION_PASSWORD. Without a password, or when Arbion does not answer, only the file is removed.

Example:
  $ arbion logout`;

export function addLogout(program: Command, context: CliContext): void {
  program
    .command('logout')
    .description('log out; the other commands no longer act for you')
    .addHelpText('after', HELP)
    .action(async () => {
      const login = readLogin(context.env);
      if (login === undefined) throw new UsageProblem('You are not logged in.');
      const revoked = await revoke(context, login);
      removeLogin(context.env);
      const token = login.tokenId ?? '"Command line"';
      context.say(
        revoked
          ? `Logged out from ${login.url}; the token is revoked.`
          : `Logged out here. The token ${token} stays valid until you revoke it: see \`arbion tokens\`.`,
      );
    });
}

/** Whether it is certain that nobody can use the token any more. */
async function revoke(context: CliContext, { url, email, tokenId }: Login): Promise<boolean> {
  if (tokenId === undefined) return false;
  try {
    const api = new ApiClient(url);
    const password = await passwordOf(context.env, email);
    await withSession(api, signInAt(context, url, email, password), (cookie) =>
      api.call('DELETE', `/tokens/${tokenId}`, { cookie }),
    );
    return true;
  } catch (error) {
    if (error instanceof UsageProblem || error instanceof ApiUnreachable) return false;
    if (error instanceof ApiProblem && error.problem.type.endsWith(':not-found')) return true;
    throw error;
  }
}
