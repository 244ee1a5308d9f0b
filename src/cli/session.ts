/** Sessions that are started with the password, for what a token may not do. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type ApiAnswer, type ApiClient, ApiProblem } from './api-client.js';
import { type CliContext, UsageProblem } from './context.js';

/** The password of an account, from ARBION_PASSWORD or typed at the terminal. */
export async function passwordOf(env: NodeJS.ProcessEnv, email: string): Promise<string> {
  return env.ARBION_PASSWORD ?? (await askSecretly(`Password of ${email}: `, 'ARBION_PASSWORD'));
}

/** The password to be set, from ARBION_NEW_PASSWORD or typed at the terminal. */
export async function newPasswordOf(env: NodeJS.ProcessEnv): Promise<string> {
  return env.ARBION_NEW_PASSWORD ?? (await askSecretly('New password: ', 'ARBION_NEW_PASSWORD'));
}

/** The secret of a key at a broker, from ARBION_BROKER_SECRET or typed at the terminal. */
export async function brokerSecretOf(env: NodeJS.ProcessEnv): Promise<string> {
  return env.ARBION_BROKER_SECRET ?? (await askSecretly('Secret of the key: ', 'ARBION_BROKER_SECRET'));
}

export interface SignIn {
  email: string;
  password: string;
  /** called when the account has an authenticator */
  askCode: () => Promise<string>;
}

/** Runs `work` with the cookie of a new session and then ends the session. */
export async function withSession<Result>(
  api: ApiClient,
  signIn: SignIn,
  work: (cookie: string) => Promise<Result>,
): Promise<Result> {
  const cookie = await logIn(api, signIn);
  try {
    return await work(cookie);
  } finally {
    await api.call('POST', '/auth/logout', { cookie });
  }
}

async function logIn(api: ApiClient, { email, password, askCode }: SignIn): Promise<string> {
  try {
    return sessionCookie(await api.call('POST', '/auth/login', { body: { email, password } }));
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'TOTP_REQUIRED') throw error;
    const code = (await askCode()).trim();
    return sessionCookie(await api.call('POST', '/auth/login', { body: { email, password, code } }));
  }
}

/** The Cookie header for the session that an answer starts. */
export function sessionCookie({ headers }: ApiAnswer): string {
  const set = headers.getSetCookie().find((cookie) => /^(?:__Host-)?arbion_session=/.test(cookie));
  return set?.split(';')[0] ?? '';
}

/** For `SignIn.askCode`: a code of the authenticator or a recovery code, from ARBION_CODE or typed. */
export function codeFrom({ ask, env }: CliContext): () => Promise<string> {
  return async () => env.ARBION_CODE ?? (await ask('Authenticator code, or a recovery code: '));
}

/** `variable`: where it may come from instead */
async function askSecretly(question: string, variable: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new UsageProblem(`${question}nobody can be asked without a terminal. Set ${variable}.`);
  }
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  const answer = await terminal.question('');
  terminal.close();
  process.stderr.write('\n');
  return answer;
}
