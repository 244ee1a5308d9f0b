import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../src/launcher/ports.js';
import { existingProcess } from '../../src/launcher/service-process.js';
import { answers } from '../../src/launcher/temporal.js';
import {
  homePaths,
  ownerSettingsFromHome,
  readCredentials,
  readSecrets,
  readTemporalPlaces,
  type Secrets,
  writeSecrets,
} from '../../src/platform/home.js';
import { withConnection } from '../../src/storage/roles.js';
import { emptyDatabase } from '../support/database.js';
import { devServer } from '../support/temporal.js';

const home = mkdtempSync(join(tmpdir(), 'arbion-start-'));
const paths = homePaths({ ARBION_HOME: home });
let env: NodeJS.ProcessEnv;
const launchers: ChildProcess[] = [];

beforeAll(async () => {
  env = { ...process.env, ARBION_HOME: home, PORT: String(await freePort()) };
});

afterAll(async () => {
  for (const launcher of launchers) await end(launcher, 'SIGTERM');
  rmSync(realpathSync(paths.postgres), { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

function launch(overrides: NodeJS.ProcessEnv = {}) {
  const launcher = spawn(process.execPath, ['scripts/run.mjs', 'src/launcher/start.ts'], {
    env: { ...env, ...overrides },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  launchers.push(launcher);
  let output = '';
  launcher.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const says = (text: string) => vi.waitFor(() => expect(output).toContain(text), { timeout: 60_000, interval: 100 });
  return { launcher, says, output: () => output };
}

async function end(launcher: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (launcher.exitCode !== null || launcher.signalCode !== null) return launcher.exitCode;
  const exit = once(launcher, 'exit');
  launcher.kill(signal);
  await exit;
  return launcher.exitCode;
}

const pidOf = (name: string) => Number(readFileSync(join(paths.run, `${name}.pid`), 'utf8'));
const isReady = async () => (await fetch(`http://127.0.0.1:${env.PORT}/health/ready`)).ok;

describe('npm start', () => {
  it('makes everything ready, with a log-in and a guarded sample trade', async () => {
    const { says, output } = launch();
    await says('stop resting at the broker');
    expect(await isReady()).toBe(true);
    const credentials = readCredentials(paths);
    expect(output()).toContain(credentials?.email);
    expect(output()).toContain(credentials?.password);
    expect(output()).not.toContain(credentials?.token);
    expect(statSync(paths.credentials).mode & 0o777).toBe(0o600);
    for (const line of ['risk checked', 'order placed', 'filled', 'watching']) expect(output()).toContain(line);
  }, 90_000);

  it('T67 T68 shows the console of Temporal by way of the API, and has all of it on ports that were drawn', async () => {
    const { temporalAddress } = readCredentials(paths) ?? {};
    const places = readTemporalPlaces(paths);
    expect(temporalAddress).toBe(`127.0.0.1:${places?.port}`);
    expect(await answers(temporalAddress ?? '')).toBe(true);
    const shown = await fetch(`http://localhost:${env.PORT}/temporal/`);
    expect(shown.status).toBe(401);
    const direct = await fetch(`http://${places?.ui.address}:${places?.ui.port}/temporal/`);
    expect(await direct.text()).toContain('/temporal/_app/');
  });

  it('T71 gives the API and the worker a database that they do not own, and migrations the owner', async () => {
    const { databaseUrl = '' } = readCredentials(paths) ?? {};
    const { DATABASE_URL, DATABASE_MIGRATE_URL } = ownerSettingsFromHome({ ARBION_HOME: home });
    expect(DATABASE_URL).toBe(databaseUrl);
    await withConnection(databaseUrl, async (application) => {
      const { rows } = await application.query('SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = $1', [
        'arbion',
      ]);
      expect(rows).toEqual([{ usename: 'arbion_application' }]);
      await expect(application.query('DELETE FROM audit_events')).rejects.toThrow('permission denied');
      await expect(application.query('CREATE TABLE mine ()')).rejects.toThrow('permission denied');
    });
    await withConnection(DATABASE_MIGRATE_URL ?? '', (owner) =>
      owner.query('CREATE TABLE ours (); DROP TABLE ours').then(),
    );
  });

  it('starts a killed worker again', async () => {
    const worker = pidOf('worker');
    process.kill(worker, 'SIGKILL');
    await vi.waitFor(() => expect(pidOf('worker')).not.toBe(worker), { timeout: 20_000 });
  });

  it('refuses to run twice', async () => {
    const { launcher, says } = launch();
    await says('Arbion is already running');
    expect(await end(launcher, 'SIGTERM')).toBe(1);
  });

  it('takes over what a killed launcher left', async () => {
    const names = ['postgres', 'temporal', 'worker', 'api'];
    const before = names.map(pidOf);
    process.kill(pidOf('launcher'), 'SIGKILL');
    const { says } = launch();
    await says('Arbion is ready');
    expect(names.map(pidOf)).toEqual(before);
  }, 90_000);

  it('stops everything in order when asked, within its bounds', async () => {
    const processes = ['postgres', 'temporal', 'worker', 'api'].map((name) => existingProcess(pidOf(name)));
    const launcher = launchers.at(-1);
    expect(launcher && (await end(launcher, 'SIGINT'))).toBe(0);
    expect(processes.filter((process) => process.isRunning())).toEqual([]);
    expect(readdirSync(paths.run)).toEqual([]);
  }, 90_000);

  it('T60 comes back with the same log-in, whose password it no longer shows, and without another sample trade', async () => {
    const before = readCredentials(paths);
    // As an earlier version left it, whose processes connected as the owner.
    const { applicationPassword: _, databaseMigrateUrl: __, ...earlier } = readSecrets(paths) ?? {};
    writeSecrets(paths, earlier as Secrets);
    const { launcher, says, output } = launch();
    await says('Ctrl-C stops everything');
    const { databaseUrl, ...lasting } = readCredentials(paths) ?? {};
    expect(before).toMatchObject(lasting);
    expect(databaseUrl).toMatch(/^postgresql:\/\/arbion_application:/);
    expect(databaseUrl).not.toBe(before?.databaseUrl);
    expect(output()).toContain(before?.email);
    expect(output()).not.toContain(before?.password);
    expect(output()).not.toContain('Sample paper trade');
    expect(await end(launcher, 'SIGTERM')).toBe(0);
  }, 90_000);

  it('uses a database and a Temporal server that are there already, and leaves them alone', async () => {
    const databaseUrl = await emptyDatabase();
    const { address, namespace } = await devServer();
    const elsewhere = mkdtempSync(join(tmpdir(), 'arbion-start-'));
    const { launcher, says, output } = launch({
      ARBION_HOME: elsewhere,
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
    });
    await says('stop resting at the broker');
    expect(output()).not.toMatch(/Starting (Postgres|Temporal)/);
    expect(readdirSync(join(elsewhere, 'run')).sort()).toEqual(['api.pid', 'launcher.pid', 'worker.pid']);
    expect(await end(launcher, 'SIGTERM')).toBe(0);
    expect(await answers(address)).toBe(true);
    rmSync(elsewhere, { recursive: true, force: true });
  }, 90_000);

  it('names all servers that do not answer, at once and without passwords', async () => {
    const { launcher, says, output } = launch({
      ARBION_HOME: mkdtempSync(join(tmpdir(), 'arbion-start-')),
      DATABASE_URL: `postgresql://arbion:hidden@127.0.0.1:${await freePort()}/arbion`,
      TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
    });
    await says('No Temporal server answers');
    await says('Cannot connect to the database of DATABASE_URL');
    expect(output()).not.toContain('hidden');
    expect(await end(launcher, 'SIGTERM')).toBe(1);
  });

  it('names the port that something else has taken', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    const { launcher, says } = launch({ PORT: String(port) });
    await says(`Port ${port}, for the API and console, is in use by another program`);
    expect(await end(launcher, 'SIGTERM')).toBe(1);
    server.close();
  });
});
