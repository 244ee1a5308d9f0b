/** A log-in with the password, for what a token may not do. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { ApiClient } from './api-client.js';
import { UsageProblem } from './context.js';

/** The password of an account: what ARBION_PASSWORD says, or a person at the terminal. */
export async function passwordOf(env: NodeJS.ProcessEnv, email: string): Promise<string> {
  return env.ARBION_PASSWORD ?? (await askSecretly(`Password of ${email}: `));
}

/** Runs `work` with the cookie of a new session, which ends with it. */
export async function withSession<Result>(
  api: ApiClient,
  { email, password }: { email: string; password: string },
  work: (cookie: string) => Promise<Result>,
): Promise<Result> {
  const { headers } = await api.call('POST', '/auth/login', { body: { email, password } });
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
  try {
    return await work(cookie);
  } finally {
    await api.call('POST', '/auth/logout', { cookie });
  }
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
