import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { runCommand } from './command.js';
import { appendText, readPlain, removeFolder, replaceFile } from './foreign-folders.js';
import { freePort, isPortFree } from './ports.js';
import { hostPostgres, type PostgresHost } from './postgres-host.js';
import { commandOf, existingProcess, type ServiceProcess, startProcess } from './service-process.js';

export interface EmbeddedPostgresOptions {
  /** Where the data lives; made on the first start. */
  directory: string;
  /** The owner's password, kept from the first start on. */
  password: string;
  /** `safe` survives a power cut; `fast` is for data that is thrown away: `stop` removes it. */
  durability: 'safe' | 'fast';
}

/** A running Postgres server of our own, on a loopback port. It outlives the process that started it until `stop`. */
export interface EmbeddedPostgres {
  pid: number;
  port: number;
  /** The owner's connection to a database of this server. */
  url(database: string): string;
  isRunning(): boolean;
  /** Closes open connections, writes all data to disk and stops; takes at most 30 s. */
  stop(): Promise<void>;
}

const owner = 'arbion';
/** Closes connections at once. With SIGTERM, Postgres waits until all clients have disconnected. */
const stopSignal = 'SIGINT';
const startLimitMs = 60_000;

/**
 * Starts the server, or finds the one that a former run left running on this data. A port is chosen once and kept
 * unless something else uses it. @throws with the end of the server's log when it does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const host = await hostPostgres(options.directory);
  if (!existsSync(join(host.directory, 'PG_VERSION'))) await createCluster(host, options);
  const server = (await findRunning(host)) ?? (await startServer(host, options));
  const port = keptPort(host);
  const url = (database: string) => urlOf({ port, database, password: options.password });
  await untilItAnswers(server, url('postgres'), host);
  return {
    pid: server.pid,
    port,
    url,
    isRunning: () => server.isRunning(),
    stop: async () => {
      await server.stop({ graceMs: 30_000 });
      if (options.durability === 'fast') await removeFolder(host.directory, host.identity);
    },
  };
}

/** Made beside its place and then moved there: a first start that was interrupted leaves nothing that looks complete. */
async function createCluster(host: PostgresHost, options: EmbeddedPostgresOptions): Promise<void> {
  const building = `${host.directory}.new`;
  await removeFolder(building, host.identity);
  mkdirSync(building, { recursive: true, mode: 0o700 });
  const passwordFile = join(tmpdir(), `arbion-${randomBytes(8).toString('hex')}`);
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600, flag: 'wx' });
  giveTo(host, building, passwordFile);
  try {
    await runCommand(host.programs.initdb, initArguments({ ...options, directory: building, passwordFile }), {
      ...host.identity,
      cwd: building,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  appendText(join(building, 'postgresql.conf'), "\ninclude 'arbion.conf'\n");
  await removeFolder(host.directory, host.identity);
  renameSync(building, host.directory);
}

function initArguments(options: { directory: string; passwordFile: string; durability: 'safe' | 'fast' }): string[] {
  return [
    `--pgdata=${options.directory}`,
    `--username=${owner}`,
    `--pwfile=${options.passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The builtin provider sorts alike on every machine and needs no locale to be installed.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(options.durability === 'fast' ? ['--no-sync'] : []),
  ];
}

/** The process in Postgres's own record, if it is alive and works on this data. */
async function findRunning(host: PostgresHost): Promise<ServiceProcess | undefined> {
  const record = join(host.directory, 'postmaster.pid');
  const recorded = readPlain(record);
  if (recorded === undefined) return undefined;
  const process = existingProcess(Number(recorded.split('\n')[0]), stopSignal);
  if (process.isRunning() && (await commandOf(process.pid)).includes(host.directory)) return process;
  disownRecord(host, record, recorded);
  return undefined;
}

/**
 * Postgres takes any process with the recorded id for a running server, even if it is unrelated, or has ended and nobody
 * collected. So the id becomes one that no process has; the rest stays, by which Postgres makes sure that no child of
 * the old server still works on the data.
 */
function disownRecord(host: PostgresHost, record: string, recorded: string): void {
  const [, ...rest] = recorded.split('\n');
  replaceFile(record, [2 ** 31 - 1, ...rest].join('\n'), host.identity);
}

async function startServer(host: PostgresHost, options: EmbeddedPostgresOptions): Promise<ServiceProcess> {
  const port = await choosePort(host);
  replaceFile(settingsFile(host), serverSettings(port, options.durability), host.identity);
  const start = () =>
    startProcess({
      file: host.programs.postgres,
      args: ['-D', host.directory],
      cwd: host.directory,
      identity: host.identity,
      logFile: logFile(host),
      stopSignal,
    });
  // After a kill the old server's children take a moment to exit; until then a new server exits at once.
  let server = await start();
  for (let attempt = 1; attempt < 30 && (await endsSoon(server)); attempt++) server = await start();
  return server;
}

async function endsSoon(server: ServiceProcess): Promise<boolean> {
  await sleep(300);
  if (server.isRunning()) return false;
  await sleep(700);
  return true;
}

/** A server that recovers from a kill refuses connections with a code of its own. */
async function untilItAnswers(server: ServiceProcess, url: string, host: PostgresHost): Promise<void> {
  const until = Date.now() + startLimitMs;
  for (;;) {
    const refusal = await connectionRefusal(url);
    if (refusal === undefined) return;
    if (!server.isRunning()) throw new Error(`Postgres did not start: ${lastLines(host)}`);
    if (Date.now() > until || !['ECONNREFUSED', 'ECONNRESET', cannotConnectNow].includes(refusal.code))
      throw new Error(`Cannot connect to Postgres: ${refusal.message}`);
    await sleep(50);
  }
}

const cannotConnectNow = '57P03';

async function connectionRefusal(connectionString: string): Promise<{ code: string; message: string } | undefined> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { code: 'code' in error ? String(error.code) : '', message: error.message };
  } finally {
    await client.end();
  }
}

function urlOf({ port, database, password }: { port: number; database: string; password: string }): string {
  return `postgresql://${owner}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

function settingsFile(host: PostgresHost): string {
  return join(host.directory, 'arbion.conf');
}

function logFile(host: PostgresHost): string {
  return join(host.directory, 'server.log');
}

function keptPort(host: PostgresHost): number {
  const kept = /^port = (\d+)$/m.exec(readPlain(settingsFile(host)) ?? '')?.[1];
  return Number(kept ?? 0);
}

async function choosePort(host: PostgresHost): Promise<number> {
  const port = keptPort(host);
  return port > 0 && (await isPortFree(port)) ? port : freePort();
}

function serverSettings(port: number, durability: EmbeddedPostgresOptions['durability']): string {
  const durable = durability === 'safe' ? 'on' : 'off';
  return [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    'max_connections = 200',
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    `fsync = ${durable}`,
    `synchronous_commit = ${durable}`,
    `full_page_writes = ${durable}`,
    '',
  ].join('\n');
}

function giveTo({ identity: { uid, gid } }: PostgresHost, ...paths: string[]): void {
  if (uid === undefined || gid === undefined) return;
  for (const path of paths) chownSync(path, uid, gid);
}

function lastLines(host: PostgresHost): string {
  return readPlain(logFile(host))?.trimEnd().split('\n').slice(-5).join('\n') ?? 'it wrote no log.';
}
