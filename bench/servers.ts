import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../src/launcher/ports.js';
import { startEmbeddedPostgres } from '../src/launcher/postgres.js';
import { startTemporal } from '../src/launcher/temporal.js';
import { resolveTemporalCli } from '../src/launcher/temporal-cli.js';
import { applyMigrations } from '../src/storage/migrate.js';

/** The servers of a run, set up as `npm start` sets them up: file-backed, crash-safe. */
export async function startServers() {
  const directory = await mkdtemp(join(tmpdir(), 'arbion-bench-'));
  const cli = await resolveTemporalCli(process.env, {
    home: directory,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const password = randomBytes(16).toString('hex');
  const postgres = await startEmbeddedPostgres({
    directory: join(directory, 'postgres'),
    password,
    durability: 'safe',
  });
  const files = { databaseFile: join(directory, 'temporal.db'), logFile: join(directory, 'temporal.log') };
  const temporal = await startTemporal({ cli, port: await freePort(), ...files });
  const databaseUrl = postgres.url('postgres');
  await applyMigrations(databaseUrl);
  return {
    directory,
    databaseUrl,
    temporalAddress: temporal.address,
    /** of all processes of the run: signs tickets, and encrypts payloads (hex) */
    secret: randomBytes(32).toString('hex'),
    key: randomBytes(32).toString('hex'),
    pids: { temporal: temporal.process.pid, postgres: postgres.pid },
    stop: async () => {
      await temporal.process.stop({ graceMs: 5_000 });
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type Servers = Omit<Awaited<ReturnType<typeof startServers>>, 'stop'>;
