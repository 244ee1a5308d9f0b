/** The full Temporal server on Postgres, as in production: built from its module, one process with its four services. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../src/domain/search-attributes.js';
import { freePort } from '../src/launcher/ports.js';
import { answers } from '../src/launcher/temporal.js';

const run = promisify(execFile);
const VERSION = 'v1.29.1';
const PROGRAMS = join(homedir(), '.cache', 'arbion', `temporal-server-${VERSION}`);
const STARTS_WITHIN_MS = 60_000;
const { IndexedValueType } = proto.temporal.api.enums.v1;

/** `databaseUrl`: of a user who may make databases. Needs Go, and takes minutes the first time. */
export async function startFullTemporal(directory: string, databaseUrl: string) {
  await build();
  const database = new URL(databaseUrl);
  await makeSchema(database, 'temporal', 'postgresql/v12/temporal');
  await makeSchema(database, 'temporal_visibility', 'postgresql/v12/visibility');
  const port = await freePort();
  const folder = join(directory, 'temporal-server');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'bench.yaml'), JSON.stringify(await configuration(database, port)));
  await writeFile(join(folder, 'dynamic.yaml'), '{}');
  const server = spawn(
    join(PROGRAMS, 'server'),
    ['--root', directory, '--config', 'temporal-server', '--env', 'bench', 'start'],
    {
      stdio: 'ignore',
    },
  );
  const address = `127.0.0.1:${port}`;
  await untilReady(server, address);
  return { address, pid: server.pid, stop: () => end(server) };
}

async function build(): Promise<void> {
  process.stderr.write(`building the Temporal server ${VERSION}, unless that was done before\n`);
  const packages = ['cmd/server', 'cmd/tools/sql'].map((name) => `go.temporal.io/server/${name}@${VERSION}`);
  await run('go', ['install', ...packages], { env: { ...process.env, GOBIN: PROGRAMS } });
}

async function makeSchema({ hostname, port, username, password }: URL, name: string, schema: string): Promise<void> {
  const endpoint = ['--plugin', 'postgres12', '--ep', hostname, '-p', port, '-u', username, '--db', name];
  const tool = (...args: string[]) =>
    run(join(PROGRAMS, 'sql'), [...endpoint, ...args], {
      env: { ...process.env, SQL_PASSWORD: decodeURIComponent(password) },
    });
  await tool('create-database');
  await tool('setup-schema', '--version', '0.0');
  await tool('update-schema', '--schema-name', schema);
}

/** As in temporalio/temporal, `config/development-postgres12.yaml`; JSON is YAML. */
async function configuration(database: URL, port: number) {
  const store = (databaseName: string) => ({
    sql: {
      ...{ pluginName: 'postgres12', databaseName, connectProtocol: 'tcp', connectAddr: database.host },
      ...{ user: database.username, password: decodeURIComponent(database.password) },
      ...{ maxConns: 20, maxIdleConns: 20, maxConnLifetime: '1h' },
    },
  });
  const service = async (grpcPort?: number) => ({
    rpc: { grpcPort: grpcPort ?? (await freePort()), membershipPort: await freePort(), bindOnLocalHost: true },
  });
  const off = { state: 'disabled' };
  return {
    log: { stdout: true, level: 'error' },
    persistence: {
      ...{ defaultStore: 'main', visibilityStore: 'visibility', numHistoryShards: 4 },
      datastores: { main: store('temporal'), visibility: store('temporal_visibility') },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: await service(port),
      history: await service(),
      matching: await service(),
      worker: await service(),
    },
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
      ...{ masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: `127.0.0.1:${port}` },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: off, visibility: off },
    namespaceDefaults: { archival: { history: off, visibility: off } },
    dynamicConfigClient: { filepath: 'temporal-server/dynamic.yaml', pollInterval: '60s' },
  };
}

/** With the namespace that workers use, and the search attributes of trades. */
async function untilReady(server: ChildProcess, address: string): Promise<void> {
  const until = Date.now() + STARTS_WITHIN_MS;
  while (!(await answers(address))) {
    if (server.exitCode !== null || Date.now() > until) throw new Error('the Temporal server did not start');
    await pause(200);
  }
  const connection = await Connection.connect({ address });
  const retention = { workflowExecutionRetentionPeriod: { seconds: 86_400 } as never };
  await connection.workflowService.registerNamespace({ namespace: 'default', ...retention });
  const types = SEARCH_ATTRIBUTES.map(({ name, type }) => [name, IndexedValueType[`INDEXED_VALUE_TYPE_${type}`]]);
  const request = { namespace: 'default', searchAttributes: Object.fromEntries(types) };
  // The namespace is known everywhere only after some seconds.
  while (Date.now() < until) {
    try {
      await connection.operatorService.addSearchAttributes(request);
      break;
    } catch {
      await pause(1_000);
    }
  }
  await connection.close();
}

async function end(server: ChildProcess): Promise<void> {
  const exited = once(server, 'exit');
  server.kill('SIGTERM');
  await exited;
}
