import { randomBytes } from 'node:crypto';
import { appendFileSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, succeeds } from './command.js';
import { freePort, isPortFree } from './ports.js';
import { hostPostgres, type PostgresHost } from './postgres-host.js';

export interface EmbeddedPostgresOptions {
  /** Where the data lives; made on the first start. */
  directory: string;
  /** The owner's password, kept from the first start on. */
  password: string;
  /** `safe` survives a power cut; `fast` is for data that a test throws away. */
  durability: 'safe' | 'fast';
}

/** A running Postgres server of our own, on a loopback port. It outlives the process that started it until `stop`. */
export interface EmbeddedPostgres {
  pid: number;
  port: number;
  /** The owner's connection to a database of this server. */
  url(database: string): string;
  /** Ends open connections, writes everything down and stops; at most 30 s. */
  stop(): Promise<void>;
}

const owner = 'arbion';

/**
 * Starts the server, or finds the one that a former run left running on this data. A port is chosen once and kept
 * unless something else has taken it meanwhile. Throws with the server's own words when it does not come up.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const host = await hostPostgres(options.directory);
  if (!existsSync(join(host.directory, 'PG_VERSION'))) await createCluster(host, options);
  if (!(await isRunning(host))) await startServer(host, options);
  const { pid, port } = readServerRecord(host);
  return {
    pid,
    port,
    url: (database) => `postgresql://${owner}:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${database}`,
    stop: () => stopServer(host),
  };
}

async function createCluster(host: PostgresHost, { password }: EmbeddedPostgresOptions): Promise<void> {
  // What an interrupted first start left behind was never used.
  rmSync(join(host.directory), { recursive: true, force: true });
  mkdirSync(host.directory, { recursive: true, mode: 0o700 });
  const passwordFile = join(tmpdir(), `arbion-${randomBytes(8).toString('hex')}`);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  giveTo(host, host.directory, passwordFile);
  try {
    await runCommand(
      host.programs.initdb,
      [
        `--pgdata=${host.directory}`,
        `--username=${owner}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The builtin provider sorts alike on every machine and needs no locale to be installed.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-sync',
      ],
      { ...host.identity, cwd: host.directory },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  appendFileSync(join(host.directory, 'postgresql.conf'), "\ninclude 'arbion.conf'\n");
}

async function startServer(host: PostgresHost, options: EmbeddedPostgresOptions): Promise<void> {
  const settings = join(host.directory, 'arbion.conf');
  const port = await choosePort(settings);
  writeFileSync(settings, serverSettings(port, options.durability));
  giveTo(host, settings);
  // After a kill the old server's children take a moment to let go of the data; only then does a start succeed.
  for (let attempt = 1; ; attempt++) {
    try {
      await pgCtl(host, ['start', '--wait', '--timeout=60', `--log=${join(host.directory, 'server.log')}`]);
      return;
    } catch (error) {
      if (attempt === 5) throw new Error(`Postgres did not start: ${lastLines(host)}`, { cause: error });
      await sleep(1_000);
    }
  }
}

async function choosePort(settings: string): Promise<number> {
  const kept = existsSync(settings) ? /^port = (\d+)$/m.exec(readFileSync(settings, 'utf8'))?.[1] : undefined;
  const port = Number(kept);
  return kept !== undefined && (await isPortFree(port)) ? port : freePort();
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

async function stopServer(host: PostgresHost): Promise<void> {
  if (!(await isRunning(host))) return;
  const stop = (mode: string) => pgCtl(host, ['stop', `--mode=${mode}`, '--wait', '--timeout=15']);
  // Immediate is a crash that the next start recovers from; it is the end of patience, not of data.
  await stop('fast').catch(() => stop('immediate'));
}

function isRunning(host: PostgresHost): Promise<boolean> {
  return succeeds(host.programs.pgCtl, [`--pgdata=${host.directory}`, 'status'], commandOptions(host));
}

async function pgCtl(host: PostgresHost, args: readonly string[]): Promise<void> {
  await runCommand(host.programs.pgCtl, [`--pgdata=${host.directory}`, ...args], commandOptions(host));
}

function commandOptions(host: PostgresHost) {
  return { ...host.identity, cwd: host.directory };
}

/** Line 1 of Postgres's own record is the process, line 4 the port. */
function readServerRecord(host: PostgresHost): { pid: number; port: number } {
  const lines = readFileSync(join(host.directory, 'postmaster.pid'), 'utf8').split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]) };
}

function giveTo({ identity: { uid, gid } }: PostgresHost, ...paths: string[]): void {
  if (uid === undefined || gid === undefined) return;
  for (const path of paths) chownSync(path, uid, gid);
}

function lastLines(host: PostgresHost): string {
  const log = join(host.directory, 'server.log');
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n') : 'it left no log.';
}
