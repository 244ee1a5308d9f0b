import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../platform/cache.js';
import { succeeds } from './command.js';

// Newer tags can't be built with `go install`.
const version = '1.5.1';
const program = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/**
 * The path of a Temporal development server, from the first place that has one: TEMPORAL_CLI_PATH, PATH, ARBION_HOME,
 * the cache of this machine, the SDK's download, and a build from source, which takes minutes and is then kept.
 * `report` gets progress of slow steps. @throws Error that says what to do when there is none
 */
export async function resolveTemporalCli(
  env: NodeJS.ProcessEnv,
  { home, report }: { home: string; report: (line: string) => void },
): Promise<string> {
  if (env.TEMPORAL_CLI_PATH) return requireWorking(env.TEMPORAL_CLI_PATH);
  const cache = join(cacheDirectory(env), `temporal-${version}`);
  const built = join(cache, program);
  for (const candidate of ['temporal', join(home, 'bin', program), built, downloadedIn(cache)]) {
    if (candidate !== undefined && (await isTemporal(candidate))) return candidate;
  }
  mkdirSync(cache, { recursive: true });
  if (await download(cache)) return downloadedIn(cache) ?? built;
  await build(cache, env, report);
  return built;
}

async function requireWorking(path: string): Promise<string> {
  if (await isTemporal(path)) return path;
  throw new Error('TEMPORAL_CLI_PATH does not name a working Temporal program.');
}

function isTemporal(path: string): Promise<boolean> {
  return succeeds(path, ['--version'], { timeoutMs: 20_000 });
}

/** The SDK puts its own name and version into the name of the file. */
function downloadedIn(cache: string): string | undefined {
  const name = existsSync(cache) ? readdirSync(cache).find((entry) => entry.startsWith('temporal-sdk-')) : undefined;
  return name && join(cache, name);
}

/** The SDK downloads only when it starts a server, so one is started for a moment. */
async function download(cache: string): Promise<boolean> {
  try {
    const { TestWorkflowEnvironment } = await import('@temporalio/testing');
    const environment = await TestWorkflowEnvironment.createLocal({
      server: { executable: { type: 'cached-download', downloadDir: cache } },
    });
    await environment.teardown();
    return true;
  } catch {
    return false;
  }
}

async function build(cache: string, env: NodeJS.ProcessEnv, report: (line: string) => void): Promise<void> {
  if (!(await succeeds('go', ['version'])))
    throw new Error(
      'Found no Temporal server: the `temporal` program is not installed, its download failed, and there is no Go to ' +
        'build it. Install `temporal`, or set TEMPORAL_CLI_PATH to it, or TEMPORAL_ADDRESS to a running server.',
    );
  report('Building the Temporal server from source (about 4 minutes, once on this machine) …');
  const started = Date.now();
  const progress = setInterval(() => {
    report(`… still building Temporal (${Math.round((Date.now() - started) / 1_000)} s)`);
  }, 15_000);
  try {
    await runInstall(cache, env);
  } finally {
    clearInterval(progress);
  }
}

function runInstall(cache: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', ['install', `github.com/temporalio/cli/cmd/temporal@v${version}`], {
      env: { ...env, GOBIN: cache },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors = `${errors}${chunk.toString()}`.slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`Building Temporal failed: ${errors.trim()}`)),
    );
  });
}
