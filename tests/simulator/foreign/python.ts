import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPython } from '../../support/python.js';

const run = promisify(execFile);
const folder = import.meta.dirname;

/** @throws Error that says what to install when there is no Python they run on. */
export function installClients(): Promise<string> {
  return installPython('foreign-clients', join(folder, 'requirements.txt'));
}

/** Runs a script of this folder and answers the JSON that it prints last. */
export async function runWitness(
  script: string,
  settings: Record<string, string | number>,
): Promise<Record<string, unknown>> {
  const python = join(await installClients(), 'python');
  const { stdout } = await run(python, [join(folder, script), JSON.stringify(settings)], { timeout: 50_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}
