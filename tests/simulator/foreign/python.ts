import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = import.meta.dirname;
const environment = join(folder, '../../../node_modules/.cache/foreign-clients');
const python = join(environment, 'bin/python');
const requirements = join(folder, 'requirements.txt');

/**
 * Installs the clients into an environment of their own, once for each change of the requirements.
 * @throws Error that says what to install when there is no Python they run on.
 */
export async function installClients(): Promise<void> {
  requirePython();
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const marker = join(environment, 'installed');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(environment, { recursive: true });
  await run('python3', ['-m', 'venv', environment]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(marker, wanted);
}

function requirePython(): void {
  const { status } = spawnSync('python3', ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 10))']);
  if (status !== 0)
    throw new Error('These tests need Python 3.10 or newer with venv: apt-get install python3 python3-venv');
}

/** Runs a script of this folder and answers the JSON that it prints last. */
export async function runWitness(
  script: string,
  settings: Record<string, string | number>,
): Promise<Record<string, unknown>> {
  const { stdout } = await run(python, [join(folder, script), JSON.stringify(settings)], { timeout: 50_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}
