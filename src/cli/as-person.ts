import { ApiClient } from './api-client.js';
import { type CliContext, UsageProblem } from './context.js';
import { findPerson } from './credentials.js';
import { codeFrom, passwordOf, withSession } from './session.js';

export interface PersonAtWork {
  api: ApiClient;
  /** of the session that was begun for this */
  cookie: string;
  email: string;
  password: string;
}

/** Does with a log-in what a token cannot: whoever found one could take the account over. */
export async function asPerson(
  context: CliContext,
  email: string | undefined,
  work: (person: PersonAtWork) => Promise<void>,
): Promise<void> {
  const known = findPerson(context.env);
  const address = email ?? known.email;
  if (address === undefined) throw new UsageProblem('Say who you are: --email <address>.');
  const password =
    address === known.email && known.password !== undefined ? known.password : await passwordOf(context.env, address);
  const api = new ApiClient(known.url);
  const signIn = { email: address, password, askCode: codeFrom(context) };
  await withSession(api, signIn, (cookie) => work({ api, cookie, email: address, password }));
}
