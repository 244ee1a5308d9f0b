/** Starts once per run what the service tests share: one Postgres with a migrated template, one Temporal dev server. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../src/launcher/ports.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/launcher/postgres.js';
import { startTemporal } from '../../src/launcher/temporal.js';
import { resolveTemporalCli } from '../../src/launcher/temporal-cli.js';
import { applyMigrations } from '../../src/storage/migrate.js';
import { APPLICATION_ROLE, asRole, ensureRole, grantToApplication } from '../../src/storage/roles.js';
import { applicationPassword, namespaceCount, namespaceName, templateDatabase } from './names.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The owner's connection to the server's own database. */
    postgresUrl: string;
    temporalAddress: string;
  }
}

export default async function startServices(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'arbion-tests-'));
  const [postgres, temporal] = await Promise.all([startTestPostgres(directory), startTestTemporal(directory)]);
  project.provide('postgresUrl', postgres.url('postgres'));
  project.provide('temporalAddress', temporal.address);
  return async () => {
    await Promise.all([temporal.process.stop({ graceMs: 5_000 }), postgres.stop()]);
    await rm(directory, { recursive: true, force: true });
  };
}

async function startTestPostgres(directory: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({
    directory: join(directory, 'postgres'),
    password: 'test',
    durability: 'fast',
  });
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  await client.query(`CREATE DATABASE ${templateDatabase}`);
  await client.query('CREATE SEQUENCE namespaces');
  await client.end();
  const template = postgres.url(templateDatabase);
  await applyMigrations(template);
  const application = asRole(template, APPLICATION_ROLE, applicationPassword);
  await ensureRole(template, application);
  await grantToApplication(template, application);
  return postgres;
}

async function startTestTemporal(directory: string) {
  const cli = await resolveTemporalCli(process.env, { home: '.arbion', report: console.log });
  return startTemporal({
    cli,
    port: await freePort(),
    logFile: join(directory, 'temporal.log'),
    namespaces: Array.from({ length: namespaceCount }, (_, index) => namespaceName(index + 1)),
  });
}
