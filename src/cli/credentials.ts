/** The address of Arbion, and the user that the command line acts for. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { homePaths, readCredentials } from '../platform/home.js';

const loginShape = z.object({
  url: z.string(),
  email: z.string(),
  token: z.string(),
  /** absent from older files */
  tokenId: z.string().optional(),
});
/** What `arbion login` stores; readable by its owner only. */
export type Login = z.infer<typeof loginShape>;

export interface Access {
  url: string;
  token: string | undefined;
}

/**
 * From ARBION_URL and ARBION_TOKEN, else from the last `arbion login`, else from the trader that `npm start` created.
 * ARBION_URL is never combined with a stored token, which would belong to another installation.
 */
export function findAccess(env: NodeJS.ProcessEnv): Access {
  if (env.ARBION_URL || env.ARBION_TOKEN) {
    return { url: trimmed(env.ARBION_URL ?? defaultUrl(env)), token: env.ARBION_TOKEN || undefined };
  }
  const login = readLogin(env);
  if (login) return login;
  const credentials = readCredentials(homePaths(env));
  return credentials ?? { url: defaultUrl(env), token: undefined };
}

export interface Person {
  url: string;
  email?: string;
  /** of the trader that `npm start` created */
  password?: string;
}

/** The person at the command line, as far as known. The address is that of `findAccess`. */
export function findPerson(env: NodeJS.ProcessEnv): Person {
  const { url } = findAccess(env);
  const login = readLogin(env);
  if (login?.url === url) return { url, email: login.email };
  const credentials = readCredentials(homePaths(env));
  return credentials?.url === url ? { url, email: credentials.email, password: credentials.password } : { url };
}

export function defaultUrl(env: NodeJS.ProcessEnv): string {
  return trimmed(env.ARBION_URL || readCredentials(homePaths(env))?.url || 'http://localhost:8000');
}

export function writeLogin(env: NodeJS.ProcessEnv, login: Login): string {
  const path = loginPath(env);
  mkdirSync(homePaths(env).root, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  return path;
}

export function removeLogin(env: NodeJS.ProcessEnv): void {
  rmSync(loginPath(env), { force: true });
}

export function readLogin(env: NodeJS.ProcessEnv): Login | undefined {
  const path = loginPath(env);
  if (!existsSync(path)) return undefined;
  const parsed = loginShape.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success ? parsed.data : undefined;
}

function loginPath(env: NodeJS.ProcessEnv): string {
  return join(homePaths(env).root, 'login.json');
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
