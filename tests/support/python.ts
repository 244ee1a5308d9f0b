/** Python programs that tests run, each set in its own environment. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));

/**
 * Installs what a requirements file names, once for each change of it, and answers the folder of its programs.
 * @throws Error that says what to install when there is no Python they run on.
 */
export async function installPython(name: string, requirements: string): Promise<string> {
  requirePython();
  const environment = join(cache, name);
  const programs = join(environment, 'bin');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const marker = join(environment, 'installed');
  await alone(`${environment}.lock`, async () => {
    if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
    rmSync(environment, { recursive: true, force: true });
    mkdirSync(environment, { recursive: true });
    await run('python3', ['-m', 'venv', environment]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(join(programs, 'python'), [...pip, '-r', requirements]);
    writeFileSync(marker, wanted);
  });
  return programs;
}

/** Test files that need the same environment run side by side: one installs it, the others wait. */
async function alone(lock: string, work: () => Promise<void>): Promise<void> {
  mkdirSync(cache, { recursive: true });
  while (!isTaken(lock)) await sleep(300);
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isTaken(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isHeld(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isHeld(lock: string): boolean {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    // who has just made the file has not written its number yet
    return holder === 0 || process.kill(holder, 0);
  } catch {
    return false;
  }
}

function requirePython(): void {
  const { status } = spawnSync('python3', ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 11))']);
  if (status !== 0)
    throw new Error('These tests need Python 3.11 or newer with venv: apt-get install python3 python3-venv');
}
