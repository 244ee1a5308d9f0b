import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/launcher/postgres.js';
import { existingProcess } from '../../src/launcher/service-process.js';

// Only its owner may enter a folder made like this; where root runs the test, Postgres's own account can't.
const privateFolder = mkdtempSync(join(tmpdir(), 'arbion-postgres-'));
const start = () =>
  startEmbeddedPostgres({ directory: join(privateFolder, 'data'), password: 'p@ss/word', durability: 'safe' });

let postgres: EmbeddedPostgres;
afterAll(async () => {
  await postgres.stop();
  rmSync(realpathSync(join(privateFolder, 'data')), { recursive: true, force: true });
  rmSync(privateFolder, { recursive: true, force: true });
});

async function query(sql: string): Promise<Array<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  // Cut connections are part of these tests.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

it('keeps its data and its port over a stop', async () => {
  postgres = await start();
  const { port } = postgres;
  await query('CREATE TABLE kept AS SELECT 1 AS number');
  await postgres.stop();
  expect(existingProcess(postgres.pid).isRunning()).toBe(false);
  postgres = await start();
  expect(postgres.port).toBe(port);
  expect(await query('SELECT * FROM kept')).toEqual([{ number: 1 }]);
});

it('is found, not started a second time, while it runs', async () => {
  expect((await start()).pid).toBe(postgres.pid);
});

it('comes back with all that was committed after it was killed', async () => {
  await query('INSERT INTO kept VALUES (2)');
  process.kill(postgres.pid, 'SIGKILL');
  postgres = await start();
  expect(await query('SELECT * FROM kept ORDER BY 1')).toEqual([{ number: 1 }, { number: 2 }]);
});

it('waits for a busy child of a killed server to leave the data alone', async () => {
  const busy = query('SELECT sum(sqrt(number)) FROM generate_series(1, 6000000) AS number').catch(() => 'cut off');
  await sleep(200);
  process.kill(postgres.pid, 'SIGKILL');
  postgres = await start();
  await busy;
  expect(await query('SELECT count(*)::int AS rows FROM kept')).toEqual([{ rows: 2 }]);
  expect(readFileSync(join(realpathSync(join(privateFolder, 'data')), 'server.log'), 'utf8')).not.toContain('PANIC');
});

it('starts although an unrelated process got the id in its record', async () => {
  await postgres.stop();
  const record = join(realpathSync(join(privateFolder, 'data')), 'postmaster.pid');
  writeFileSync(record, `${process.pid}\n/nowhere\n0\n1\n\n\n\n`);
  postgres = await start();
  expect(postgres.pid).not.toBe(process.pid);
});

it('T62 writes to nothing else when links, other names and pipes stand in its folder', async () => {
  await postgres.stop();
  const data = realpathSync(join(privateFolder, 'data'));
  const victims = ['arbion.conf', 'postmaster.pid', 'server.log'].map((name) => join(privateFolder, `foreign-${name}`));
  const [settings = '', record = '', log = ''] = victims;
  for (const victim of victims) writeFileSync(victim, `${process.pid}\n`, { mode: 0o644 });
  const plant = (put: (from: string, to: string) => void, from: string, name: string) => {
    rmSync(join(data, name), { force: true });
    put(from, join(data, name));
  };
  const unharmed = () => {
    const { uid } = statSync(privateFolder);
    for (const victim of victims) {
      expect(readFileSync(victim, 'utf8')).toBe(`${process.pid}\n`);
      expect(statSync(victim).uid).toBe(uid);
    }
  };
  for (const put of [symlinkSync, linkSync]) {
    plant(put, settings, 'arbion.conf');
    await expect(start()).rejects.toThrow(/arbion\.conf/);
    rmSync(join(data, 'arbion.conf'));
    plant(put, record, 'postmaster.pid');
    await expect(start()).rejects.toThrow(/postmaster\.pid/);
    rmSync(join(data, 'postmaster.pid'));
    plant(put, log, 'server.log');
    await expect(start()).rejects.toThrow(/server\.log/);
    rmSync(join(data, 'server.log'));
    unharmed();
  }
  execFileSync('mkfifo', [join(data, 'server.log')]);
  await expect(start()).rejects.toThrow(/server\.log|ENXIO/);
  rmSync(join(data, 'server.log'));
  postgres = await start();
  expect(await query('SELECT count(*)::int AS rows FROM kept')).toEqual([{ rows: 2 }]);
  unharmed();
});

it('writes everything down at once, in UTF-8, and listens on this machine only', async () => {
  const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'server_encoding', 'listen_addresses'];
  const rows = await query(`SELECT name, setting FROM pg_settings WHERE name IN ('${names.join("','")}')`);
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    server_encoding: 'UTF8',
    listen_addresses: '127.0.0.1',
  });
});
