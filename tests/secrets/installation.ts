/** The API and a worker as processes of their own, on a simulated exchange, and everything that they leave behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Redis } from 'ioredis';
import { freePort } from '../../src/launcher/ports.js';
import { ManualClock, temporaryDirectory } from '../simulator/exchange-fixture.js';
import { TestSimulator } from '../simulator/simulator-fixture.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { requireProgram } from '../support/programs.js';
import { devServer } from '../support/temporal.js';

const random = () => randomBytes(32).toString('base64');

/** What the installation is configured with, and must keep to itself. */
export interface InstallationSecrets {
  sessionSecret: string;
  encryptionKey: string;
  metricsToken: string;
  coinbaseClientSecret: string;
}

export class Installation {
  /** bodies of answers, but for those that hand a secret to its owner */
  readonly answers: string[] = [];

  private constructor(
    readonly url: string,
    readonly secrets: InstallationSecrets,
    readonly database: TestDatabase,
    readonly simulator: TestSimulator,
    readonly client: Client,
    private readonly home: string,
    private readonly children: ChildProcess[],
    readonly redis: Redis,
  ) {}

  static async open(): Promise<Installation> {
    requireProgram('redis-server');
    const home = await mkdtemp(join(tmpdir(), 'arbion-leaks-'));
    const database = await freshDatabase();
    const simulator = await TestSimulator.start(temporaryDirectory(), new ManualClock(Date.now()));
    const { address, namespace } = await devServer();
    const port = await freePort();
    const secrets = {
      sessionSecret: random(),
      encryptionKey: random(),
      metricsToken: random(),
      coinbaseClientSecret: `client-${randomUUID()}`,
    };
    const url = `http://localhost:${port}`;
    const redisPort = await freePort();
    const env = {
      ...{ PATH: process.env.PATH ?? '', ARBION_HOME: home, PORT: String(port), HOST: 'localhost', LOG_LEVEL: 'trace' },
      ...{ DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, PUBLIC_URL: url },
      ...{ REDIS_URL: `redis://127.0.0.1:${redisPort}` },
      ...{ SESSION_SECRET: secrets.sessionSecret, ENCRYPTION_KEY: `k1:${secrets.encryptionKey}` },
      ...{ METRICS_TOKEN: secrets.metricsToken, MONITOR_INTERVAL: '1s' },
      ...{ COINBASE_BASE_URL: `${simulator.url}/coinbase`, ALPACA_BASE_URL: `${simulator.url}/alpaca` },
      ...{ COINBASE_CLIENT_ID: 'arbion', COINBASE_CLIENT_SECRET: secrets.coinbaseClientSecret },
    };
    const connection = await Connection.connect({ address });
    const client = new Client({ connection, namespace });
    const processes = ['src/api/server.ts', 'src/worker/main.ts'].map((entry) => start(entry, env, home));
    const children = [startRedis(redisPort), ...processes];
    const redis = new Redis(redisPort, '127.0.0.1', { lazyConnect: true });
    const installation = new Installation(url, secrets, database, simulator, client, home, children, redis);
    await eventually(() => installation.isReady(), 'the API and the worker are ready', 60_000);
    return installation;
  }

  private async isReady(): Promise<boolean> {
    const logs = await this.logs();
    return logs.includes('"listening"') && logs.includes('"worker ready"');
  }

  /** A request; its answer is kept for the scan unless it is `handsOver`. */
  async call(method: string, path: string, call: Call = {}): Promise<{ status: number; json: Json; headers: Headers }> {
    const { body, cookie, token, handsOver = false } = call;
    const response = await fetch(`${this.url}${path.startsWith('/health') ? '' : '/api/v1'}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(cookie === undefined ? {} : { cookie, origin: this.url }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!handsOver) this.answers.push(text);
    return { status: response.status, json: parsed(text), headers: response.headers };
  }

  async logs(): Promise<string> {
    const files = (await readdir(this.home)).filter((name) => name.endsWith('.log'));
    return (await Promise.all(files.map((name) => readFile(join(this.home, name), 'utf8')))).join('\n');
  }

  async mails(): Promise<string[]> {
    const outbox = join(this.home, 'outbox');
    const files = await readdir(outbox).catch(() => []);
    return Promise.all(files.sort().map((name) => readFile(join(outbox, name), 'utf8')));
  }

  /** All that may be read by somebody who has no business with secrets, by the name of where it stands. */
  async sinks(): Promise<Record<string, unknown>> {
    return {
      logs: await this.logs(),
      histories: await this.histories(),
      database: await this.dump(),
      answers: this.answers,
      metrics: (await this.call('GET', '/health/metrics', { token: this.secrets.metricsToken })).json,
      'process arguments': await this.commandLines(),
      redis: await this.redisContent(),
    };
  }

  private async histories(): Promise<unknown[]> {
    const histories: unknown[] = [];
    for await (const { workflowId, runId, memo, searchAttributes } of this.client.workflow.list()) {
      const { events } = await this.client.workflow.getHandle(workflowId, runId).fetchHistory();
      histories.push({ workflowId, memo, searchAttributes, events });
    }
    return histories;
  }

  /** Bytes are dumped in hex, which is searched as it is and decoded. */
  private async dump(): Promise<unknown[]> {
    const { pool } = this.database;
    const tables = await pool.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'",
    );
    const rows: unknown[] = [];
    for (const { name } of tables.rows) {
      const { rows: found } = await pool.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
      for (const { text } of found) {
        rows.push(text, ...[...text.matchAll(/\\x([0-9a-f]+)/g)].map(([, hex = '']) => Buffer.from(hex, 'hex')));
      }
    }
    return rows;
  }

  private async redisContent(): Promise<unknown[]> {
    const keys = await this.redis.keys('*');
    return [keys, ...(await Promise.all(keys.map((key) => this.redis.dumpBuffer(key))))];
  }

  private async commandLines(): Promise<string[]> {
    const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
    return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  }

  async close(): Promise<void> {
    for (const child of this.children.toReversed()) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    this.redis.disconnect();
    await this.client.connection.close();
    await this.simulator.close();
    await this.database.close();
    await rm(this.home, { recursive: true, force: true });
  }
}

interface Call {
  body?: unknown;
  cookie?: string;
  token?: string;
  headers?: Record<string, string>;
  handsOver?: boolean;
}
type Json = Record<string, unknown>;

function start(entry: string, env: NodeJS.ProcessEnv, home: string): ChildProcess {
  const log = openSync(join(home, `${entry.replaceAll('/', '-')}.log`), 'a');
  const child = spawn(process.execPath, ['--import', 'tsx', entry], { env, stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

function startRedis(port: number): ChildProcess {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--rdbcompression', 'no'];
  return spawn('redis-server', options, { stdio: 'ignore' });
}

/** Texts that are not JSON are searched as they are. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { text };
  }
}
