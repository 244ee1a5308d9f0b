import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../launcher/ports.js';
import { startEmbeddedPostgres } from '../launcher/postgres.js';
import { startTemporal } from '../launcher/temporal.js';
import { resolveTemporalCli } from '../launcher/temporal-cli.js';
import { applyMigrations } from '../storage/migrate.js';

/** The servers that a replay runs on. */
export interface ReplayServers {
  databaseUrl: string;
  temporalAddress: string;
  namespace: string;
}

/** Starts servers for this replay only, so that it does not touch the trader's data. */
export interface ReplayStack extends ReplayServers {
  stop(): Promise<void>;
}

export async function startReplayStack(home: string, report: (line: string) => void): Promise<ReplayStack> {
  const directory = await mkdtemp(join(tmpdir(), 'arbion-replay-stack-'));
  const cli = await resolveTemporalCli(process.env, { home, report });
  const password = randomBytes(16).toString('hex');
  const postgres = await startEmbeddedPostgres({
    directory: join(directory, 'postgres'),
    password,
    durability: 'fast',
  });
  const temporal = await startTemporal({ cli, port: await freePort(), logFile: join(directory, 'temporal.log') });
  const databaseUrl = postgres.url('postgres');
  await applyMigrations(databaseUrl);
  return {
    databaseUrl,
    temporalAddress: temporal.address,
    namespace: 'default',
    stop: async () => {
      await temporal.process.stop({ graceMs: 5_000 });
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
