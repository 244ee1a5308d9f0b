/** GET /trades of a database that is full, beside a bare Hono with one equal query. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { createTokens } from '../src/auth/tokens.js';
import type { UserId } from '../src/domain/ids.js';
import { freePort } from '../src/launcher/ports.js';
import { createDatabase } from '../src/storage/database.js';
import { fillDatabase, userOf } from '../tests/storage/many-rows.js';
import { percentile, type Report } from './figures.js';
import type { Servers } from './servers.js';

const TRADES = 100_000;
const REQUESTS = 2_000;
const AT_ONCE = 4;
const ROUNDS = 3;
const OWNER = userOf(5) as UserId;

export async function api(servers: Servers, report: Report): Promise<void> {
  const database = createDatabase(servers.databaseUrl, { poolSize: 4 });
  await fillDatabase(database.pool, TRADES);
  const { token } = await createTokens(database.prisma).create(OWNER, { name: 'bench', scopes: ['read'] });
  await database.close();
  const [ours, bare] = [await startApi(servers), await startBare(servers)];
  const askOurs = () => fetch(`${ours.url}/api/v1/trades?limit=50`, { headers: { authorization: `Bearer ${token}` } });
  const askBare = () => fetch(`${bare.url}/trades/${OWNER}`);
  try {
    await Promise.all([answersOf(askOurs), answersOf(askBare)]);
    for (let round = 1; round <= ROUNDS; round++) {
      const [own, other] = [await answersOf(askOurs), await answersOf(askBare)];
      for (const [name, part] of [
        ['half of them', 0.5],
        ['99 of 100', 0.99],
      ] as const) {
        report({
          ...{ name: `GET /trades, ${TRADES} trades, ${AT_ONCE} at once: ${name}`, unit: 'ms' },
          value: percentile(own, part),
          reference: { name: 'bare Hono, one equal query', value: percentile(other, part) },
        });
      }
    }
  } finally {
    for (const { child } of [ours, bare]) await end(child);
  }
}

/** How long each answer took, in milliseconds. */
async function answersOf(ask: () => Promise<Response>): Promise<number[]> {
  const took: number[] = [];
  const lane = async () => {
    for (let count = 0; count < REQUESTS / AT_ONCE; count++) {
      const began = performance.now();
      const answer = await ask();
      const { items } = (await answer.json()) as { items: unknown[] };
      took.push(performance.now() - began);
      if (items.length !== 50) throw new Error(`an answer has ${items.length} trades`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return took;
}

function startApi({ databaseUrl, temporalAddress, directory, secret, key }: Servers) {
  return start('src/api/server.ts', (answer) => answer.ok, {
    ...{ DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress, ARBION_HOME: directory },
    ...{ SESSION_SECRET: secret, ENCRYPTION_KEY: `bench:${Buffer.from(key, 'hex').toString('base64')}` },
    ...{ METRICS_TOKEN: randomBytes(32).toString('base64'), RATE_LIMIT_USER_PER_MINUTE: '100000000' },
  });
}

function startBare({ databaseUrl }: Servers) {
  return start('bench/bare-list.ts', () => true, { DATABASE_URL: databaseUrl });
}

async function start(entry: string, isReady: (answer: Response) => boolean, env: NodeJS.ProcessEnv) {
  const port = await freePort();
  const child = spawn(process.execPath, ['--import', 'tsx', entry], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, PORT: String(port), LOG_LEVEL: 'fatal', ...env },
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${entry} has ended`);
    const answer = await fetch(`${url}/health/live`).catch(() => undefined);
    if (answer && isReady(answer)) return { child, url };
    await pause(100);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
