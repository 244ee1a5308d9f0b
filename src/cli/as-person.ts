import type { Command } from 'commander';
import { ApiClient } from './api-client.js';
import { type CliContext, UsageProblem } from './context.js';
import { findPerson } from './credentials.js';
import { passwordOf, signInAt, withSession } from './session.js';

export interface PersonAtWork {
  api: ApiClient;
  /** of the session that was started for this */
  cookie: string;
  email: string;
  password: string;
}

/** --email of a command below one that has this option as well: commander gives it to the upper one. */
export function emailOf(command: Command): string | undefined {
  return command.optsWithGlobals<{ email?: string }>().email;
}

/** Does what a token may not do, because a stolen token must not be enough to take the account over: logs in for it. */
export async function asPerson(
  context: CliContext,
  email: string | undefined,
  work: (person: PersonAtWork) => Promise<void>,
): Promise<void> {
  const known = findPerson(context.env);
  const address = email ?? known.email;
  if (address === undefined) throw new UsageProblem('Give your e-mail address: --email <address>.');
  const password =
    address === known.email && known.password !== undefined ? known.password : await passwordOf(context.env, address);
  const api = new ApiClient(known.url);
  await withSession(api, signInAt(context, api.url, address, password), (cookie) =>
    work({ api, cookie, email: address, password }),
  );
}
