import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../platform/config.js';
import { addressOf, type Credentials, consoleUrlOf, type HomePaths, type Secrets } from '../platform/home.js';
import { secretsOf } from './first-run.js';
import { bringUpDatabase, prepareDatabase } from './installation-database.js';
import type { PidFiles } from './pid-files.js';
import { arbionService, temporalService } from './services.js';
import { allOrProblems } from './start-problems.js';
import type { Supervisor } from './supervisor.js';
import { answers } from './temporal.js';
import { resolveTemporalCli } from './temporal-cli.js';
import { temporalPlaces } from './temporal-places.js';

export interface InstallationOptions {
  env: NodeJS.ProcessEnv;
  config: Config;
  paths: HomePaths;
  supervisor: Supervisor;
  pidFiles: PidFiles;
  report: (line: string) => void;
}

/** What is running, and how to use it. */
export interface Installation {
  url: string;
  /** Absent when TEMPORAL_ADDRESS names another server, and nothing where its console is. */
  temporalUrl?: string;
  /** Absent when the database has users already, made by another installation. */
  credentials?: Credentials & { isNew: boolean };
}

const readyLimitMs = 90_000;

/** Starts everything, in the order in which the parts depend on each other. @throws Error that lists every problem */
export async function bringUp(options: InstallationOptions): Promise<Installation> {
  const { config, paths, supervisor, report } = options;
  const secrets = secretsOf(paths);
  const [databases, temporal] = await allOrProblems(bringUpDatabase(options, secrets), bringUpTemporal(options));
  const { databaseUrl } = databases;
  const addresses = { url: config.publicUrl, databaseUrl, temporalAddress: temporal.address };
  const credentials = await prepareDatabase(options, databases, addresses);
  const env = serviceEnvironment(options, secrets, { databaseUrl, temporal });
  report('Starting the worker and the API …');
  await supervisor.keep(workerService(env, paths));
  await supervisor.keep(apiService(env, paths, config));
  await untilReady(options);
  return {
    url: config.publicUrl,
    ...(credentials && { credentials }),
    ...(temporal.uiUrl !== undefined && { temporalUrl: `${config.publicUrl}/temporal/` }),
  };
}

interface Temporal {
  address: string;
  /** Where the API finds its console. */
  uiUrl?: string | undefined;
}

/** The server that TEMPORAL_ADDRESS names, else one of our own. */
async function bringUpTemporal({ env, config, paths, ...options }: InstallationOptions): Promise<Temporal> {
  const { temporal, temporalUiUrl: uiUrl } = config;
  if (env.TEMPORAL_ADDRESS) {
    if (await answers(temporal.address)) return { address: temporal.address, uiUrl };
    throw new Error(
      `No Temporal server answers at ${temporal.address}. Start it, or leave TEMPORAL_ADDRESS unset to use the embedded one.`,
    );
  }
  const cli = await resolveTemporalCli(env, { home: paths.root, report: options.report });
  options.report('Starting Temporal …');
  const places = await temporalPlaces(paths, options.pidFiles);
  const service = temporalService({
    cli,
    ...places,
    namespaces: [temporal.namespace],
    databaseFile: paths.temporalDatabase,
    logFile: join(paths.logs, 'temporal.log'),
  });
  await options.supervisor.keep(service);
  return { address: addressOf(places), uiUrl: uiUrl ?? consoleUrlOf(places) };
}

function serviceEnvironment(
  { env, config, paths }: InstallationOptions,
  secrets: Secrets,
  { databaseUrl, temporal }: { databaseUrl: string; temporal: Temporal },
): NodeJS.ProcessEnv {
  // Only the launcher changes tables; its child processes must not connect as the owner.
  const { DATABASE_MIGRATE_URL: _, ...inherited } = env;
  return {
    ...inherited,
    ARBION_HOME: paths.root,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    ...(temporal.uiUrl !== undefined && { TEMPORAL_UI_URL: temporal.uiUrl }),
    SESSION_SECRET: env.SESSION_SECRET || secrets.sessionSecret,
    ENCRYPTION_KEY: env.ENCRYPTION_KEY || secrets.encryptionKey,
    PORT: String(config.port),
  };
}

function workerService(env: NodeJS.ProcessEnv, paths: HomePaths) {
  return arbionService({
    name: 'worker',
    entry: 'src/worker/main.ts',
    env,
    paths,
    // It has no port to check: a running process counts as healthy.
    isHealthy: async () => true,
    // A little longer than orders that are being sent may take.
    graceMs: 30_000,
  });
}

function apiService(env: NodeJS.ProcessEnv, paths: HomePaths, config: Config) {
  return arbionService({
    name: 'api',
    entry: 'src/api/server.ts',
    env,
    paths,
    isHealthy: async () => (await readiness(config)).ready,
    graceMs: 20_000,
  });
}

async function untilReady({ config, paths, supervisor }: InstallationOptions): Promise<void> {
  const until = Date.now() + readyLimitMs;
  for (;;) {
    const { ready, answer } = await readiness(config);
    if (ready) return;
    const failing = ['worker', 'api'].find((name) => supervisor.exitsOf(name) >= 3);
    if (failing) throw new Error(`the ${failing} process exits right after its start. ${lastLogLines(paths, failing)}`);
    if (Date.now() > until) throw new Error(`the API is not ready (${answer}). ${lastLogLines(paths, 'api')}`);
    await sleep(200);
  }
}

async function readiness({ port }: Config): Promise<{ ready: boolean; answer: string }> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(5_000) });
    return { ready: response.ok, answer: (await response.text()).slice(0, 500) };
  } catch {
    return { ready: false, answer: 'no answer' };
  }
}

function lastLogLines({ logs }: HomePaths, name: string): string {
  const file = join(logs, `${name}.log`);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n') : '(empty)';
  return `The last lines of ${file}:\n${lines}`;
}
