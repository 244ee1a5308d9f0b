/** The API as a process of its own, and all that it needs behind doors that a test can shut. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../src/launcher/ports.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { requireProgram } from '../support/programs.js';
import { devServer } from '../support/temporal.js';
import { type TcpProxy, tcpProxy } from './tcp-proxy.js';
import { TransactionCounter } from './transaction-counter.js';

export const METRICS_TOKEN = randomBytes(32).toString('base64');

const STARTS_WITHIN_MS = 60_000;

export class ApiProcess {
  private constructor(
    readonly url: string,
    readonly database: TestDatabase,
    readonly doors: { postgres: TcpProxy; temporal: TcpProxy; redis: TcpProxy },
    /** of the API at Postgres */
    readonly transactions: TransactionCounter,
    private readonly children: ChildProcess[],
    private readonly home: string,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<ApiProcess> {
    requireProgram('redis-server');
    const home = await mkdtemp(join(tmpdir(), 'arbion-api-'));
    const database = await freshDatabase();
    const databaseUrl = new URL(database.url);
    const { address, namespace } = await devServer();
    const [host = '', temporalPort] = address.split(':');
    const redisPort = await freePort();
    const transactions = new TransactionCounter();
    const postgres = { host: databaseUrl.hostname, port: Number(databaseUrl.port) };
    const doors = {
      postgres: await tcpProxy(postgres, (upstream) => transactions.watch(upstream)),
      temporal: await tcpProxy({ host, port: Number(temporalPort) }),
      redis: await tcpProxy({ host: '127.0.0.1', port: redisPort }),
    };
    databaseUrl.host = `127.0.0.1:${doors.postgres.port}`;
    const port = await freePort();
    const redisOptions = ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const redis = spawn('redis-server', redisOptions, { stdio: 'ignore' });
    const api = spawn(process.execPath, ['--import', 'tsx', 'src/api/server.ts'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...{ PATH: process.env.PATH ?? '', ARBION_HOME: home, PORT: String(port), LOG_LEVEL: 'fatal' },
        ...{ DATABASE_URL: databaseUrl.href, REDIS_URL: `redis://127.0.0.1:${doors.redis.port}` },
        ...{ TEMPORAL_ADDRESS: `127.0.0.1:${doors.temporal.port}`, TEMPORAL_NAMESPACE: namespace },
        ...{ ENCRYPTION_KEY: `test:${randomBytes(32).toString('base64')}`, METRICS_TOKEN },
        SESSION_SECRET: randomBytes(32).toString('base64'),
        ...settings,
      },
    });
    const process_ = new ApiProcess(`http://127.0.0.1:${port}`, database, doors, transactions, [api, redis], home);
    await process_.until('/health/live', () => true, STARTS_WITHIN_MS);
    return process_;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { headers });
  }

  /** How long it took until a path was answered so, in milliseconds. */
  async until(path: string, isSo: (answer: Response) => boolean, withinMs: number): Promise<number> {
    const startedAt = performance.now();
    while (performance.now() - startedAt < withinMs) {
      const answer = await this.get(path).catch(() => undefined);
      await answer?.text();
      if (answer && isSo(answer)) return performance.now() - startedAt;
      await pause(50);
    }
    throw new Error(`${path} was not answered so within ${withinMs} ms`);
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    await Promise.all(Object.values(this.doors).map((door) => door.shut()));
    await this.database.close();
    await rm(this.home, { recursive: true, force: true });
  }
}
