import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPython } from '../../support/python.js';

const run = promisify(execFile);
const folder = import.meta.dirname;

/** Two, as the clients do not all live with the same packages. */
const REQUIREMENTS = { early: 'requirements.txt', late: 'requirements-late.txt' };
export type Packages = keyof typeof REQUIREMENTS;

/** @throws Error that says what to install when there is no Python they run on. */
export function installClients(packages: Packages): Promise<string> {
  return installPython(`foreign-clients-${packages}`, join(folder, REQUIREMENTS[packages]));
}

/** Runs a script of this folder and answers the JSON that it prints last. */
export async function runWitness(
  script: string,
  settings: Record<string, string | number>,
  { packages = 'early', environment = {} }: { packages?: Packages; environment?: Record<string, string> } = {},
): Promise<Record<string, unknown>> {
  const python = join(await installClients(packages), 'python');
  const options = { timeout: 50_000, env: { ...process.env, ...environment } };
  const { stdout } = await run(python, [join(folder, script), JSON.stringify(settings)], options);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}
