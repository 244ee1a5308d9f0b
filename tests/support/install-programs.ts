/**
 * Installs the programs that the tests need and npm does not bring: with apt-get where this process may use it, else by
 * a download where there is one. What is still missing is named in one line, and the tests that need it fail.
 */
import { spawnSync } from 'node:child_process';
import { findChromium } from './chromium.js';
import { DEBIAN_PACKAGES, howToInstall, type ProgramName, runs } from './programs.js';
import { comesWithoutJava, isTimeSkippingServerKept, timeSkippingServer } from './time-skipping-server.js';

interface Program {
  isThere(): Promise<boolean>;
  /** for where apt-get does not help */
  download?(): void;
}

const programs: Record<ProgramName, Program> = {
  'redis-server': { isThere: async () => runs('redis-server') },
  chromium: {
    isThere: async () => findChromium() !== undefined,
    download: () => run('node', ['node_modules/playwright-core/cli.js', 'install', '--no-shell', 'chromium']),
  },
  // Only for Temporal's time-skipping test server, and only where that cannot be downloaded ready to run.
  java: { isThere: async () => (runs('java') && runs('mvn')) || comesWithoutJava() },
};

const missing: ProgramName[] = [];
for (const [name, program] of Object.entries(programs) as [ProgramName, Program][]) {
  if (!(await program.isThere()) && !(await install(name, program))) missing.push(name);
}
if (missing.length > 0) say(`The tests need ${missing.join(', ')}. ${howToInstall(...missing)}`);
if (!missing.includes('java') && !isTimeSkippingServerKept()) await fetchTimeSkippingServer();

async function install(name: ProgramName, { isThere, download }: Program): Promise<boolean> {
  const apt = aptGet();
  if (apt) {
    say(`Installing ${name} with apt-get (up to a few minutes) …`);
    run(...apt('update'));
    run(...apt('install', '--yes', '--no-install-recommends', ...DEBIAN_PACKAGES[name]));
    if (await isThere()) return true;
  }
  if (download === undefined) return false;
  say(`Downloading ${name} …`);
  download();
  return isThere();
}

/** How to call apt-get, or undefined where there is none or this process may not use it. */
function aptGet(): ((...args: string[]) => [file: string, args: string[]]) | undefined {
  if (!runs('apt-get')) return undefined;
  const withOptions = (args: string[]) => ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet=2', ...args];
  if (process.getuid?.() === 0) return (...args) => ['env', withOptions(args)];
  const mayBecomeRoot = spawnSync('sudo', ['--non-interactive', 'true']).status === 0;
  return mayBecomeRoot ? (...args) => ['sudo', ['--non-interactive', 'env', ...withOptions(args)]] : undefined;
}

async function fetchTimeSkippingServer(): Promise<void> {
  say("Preparing Temporal's time-skipping test server …");
  await timeSkippingServer().catch((error: unknown) => say(error instanceof Error ? error.message : String(error)));
}

/** What it prints is progress. Its failure shows in what is still missing afterwards. */
function run(file: string, args: string[]): void {
  spawnSync(file, args, { stdio: ['ignore', process.stderr, process.stderr] });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
