import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this machine keeps what every checkout can use and anybody can make again: built programs, bundles. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const directory = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'arbion');
  mkdirSync(directory, { recursive: true });
  return directory;
}
