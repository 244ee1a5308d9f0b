/** Sessions that are started with the password, for what a token may not do. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type ApiAnswer, type ApiClient, ApiProblem } from './api-client.js';
import { type CliContext, UsageProblem } from './context.js';
import { type Device, deviceOf } from './devices.js';

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
  device: Device;
}

/** What is needed to sign in at `url` from here. */
export function signInAt(context: CliContext, url: string, email: string, password: string): SignIn {
  return { email, password, askCode: codeFrom(context), device: deviceOf(context, url, email) };
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

async function logIn(api: ApiClient, { email, password, askCode, device }: SignIn): Promise<string> {
  const known = device.cookie === undefined ? {} : { cookie: device.cookie };
  const send = async (code?: string) => {
    const answer = await api.call('POST', '/auth/login', { body: { email, password, code }, ...known });
    const made = cookieNamed('arbion_device', answer);
    // A device that is known keeps its cookie.
    if (made !== undefined) device.keep(made);
    return sessionCookie(answer);
  };
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'TOTP_REQUIRED') throw error;
    return send((await askCode()).trim());
  }
}

/** The Cookie header for the session that an answer starts. */
export function sessionCookie(answer: ApiAnswer): string {
  return cookieNamed('arbion_session', answer) ?? '';
}

function cookieNamed(name: string, { headers }: ApiAnswer): string | undefined {
  const set = headers.getSetCookie().find((cookie) => cookie.replace(/^__Host-/, '').startsWith(`${name}=`));
  return set?.split(';')[0];
}

/** For `SignIn.askCode`: a code of the authenticator or a recovery code, from ARBION_CODE or typed. */
function codeFrom({ ask, env }: CliContext): () => Promise<string> {
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
