import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settingNames } from '../platform/config.js';
import type { HomePaths } from '../platform/home.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './postgres.js';
import { startProcess } from './service-process.js';
import type { Service } from './supervisor.js';
import { answers, serverArguments, startTemporal, type TemporalOptions } from './temporal.js';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** The embedded database. Starting it is also how a server that still runs is found. */
export function postgresService(options: {
  paths: HomePaths;
  password: string;
  onStart: (postgres: EmbeddedPostgres) => void;
}): Service {
  return {
    name: 'postgres',
    graceMs: 30_000,
    start: async () => {
      const postgres = await startEmbeddedPostgres({
        directory: options.paths.postgres,
        password: options.password,
        durability: 'safe',
      });
      options.onStart(postgres);
      return postgres;
    },
  };
}

/** The embedded Temporal server with its console. */
export function temporalService(options: TemporalOptions & { databaseFile: string }): Service {
  return {
    name: 'temporal',
    graceMs: 10_000,
    leftover: {
      program: options.databaseFile,
      identity: serverArguments(options).join(' '),
      isHealthy: () => answers(`127.0.0.1:${options.port}`),
    },
    start: async () => (await startTemporal(options)).process,
  };
}

/** A process of Arbion itself, such as the API. */
export function arbionService(options: {
  name: string;
  entry: string;
  env: NodeJS.ProcessEnv;
  paths: HomePaths;
  isHealthy: () => Promise<boolean>;
  graceMs: number;
}): Service {
  const entry = join(checkout, options.entry);
  const home = `--home=${options.paths.root}`;
  const identity = `--version=${versionOf(options.env)}`;
  return {
    name: options.name,
    graceMs: options.graceMs,
    // Another checkout or home on this machine runs the same programs: only both together are ours.
    leftover: { program: `${entry} ${home}`, identity, isHealthy: options.isHealthy },
    start: () =>
      startProcess({
        file: process.execPath,
        args: ['--import', 'tsx', entry, home, identity],
        env: options.env,
        cwd: checkout,
        logFile: join(options.paths.logs, `${options.name}.log`),
      }),
  };
}

/** A hash of the code and the settings that a process runs with: a leftover of another version is not kept. */
function versionOf(env: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256');
  for (const name of settingNames) hash.update(`${name}=${env[name] ?? ''}\n`);
  for (const folder of ['src', 'workflows', 'activities', 'prisma']) {
    const files = readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' }).filter(isCode).sort();
    for (const file of files) hash.update(file).update(readFileSync(join(checkout, folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

function isCode(file: string): boolean {
  return /\.(ts|mjs|prisma|sql)$/.test(file);
}
