/** The API and a worker in processes of their own, put together as in production. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/launcher/ports.js';
import { createDatabase } from '../../src/storage/database.js';
import { type People, peopleOf } from './people.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const START_WITHIN_MS = 90_000;
const METRICS_TOKEN = randomBytes(32).toString('base64');
const NO_LIMIT = '100000000';

/** Limits have tests of their own; here they would hide everything that lies behind them. */
const LIMITS = {
  RATE_LIMIT_LOGIN_PER_MINUTE: NO_LIMIT,
  RATE_LIMIT_REGISTER_PER_HOUR: NO_LIMIT,
  RATE_LIMIT_ANONYMOUS_PER_HOUR: NO_LIMIT,
  RATE_LIMIT_ANONYMOUS_PER_DAY: NO_LIMIT,
  RATE_LIMIT_USER_PER_MINUTE: NO_LIMIT,
  RATE_LIMIT_FAILED_SIGNALS_PER_MINUTE: NO_LIMIT,
  RATE_LIMIT_FAILURES_PER_ACCOUNT: '100',
};

export interface Servers {
  databaseUrl: string;
  temporal: { address: string; namespace: string };
}

export interface LiveApi extends Pick<People, 'token' | 'session'> {
  url: string;
  /** How many requests were answered with each status, as the API counts them. */
  answered(): Promise<Record<string, number>>;
  /** The warnings and errors of both processes. */
  said(): string;
  close(): Promise<void>;
}

export async function startLiveApi({ databaseUrl, temporal }: Servers): Promise<LiveApi> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const home = await mkdtemp(join(tmpdir(), 'arbion-fuzz-'));
  const settings = {
    ...{ PATH: process.env.PATH, ARBION_HOME: home, LOG_LEVEL: 'warn' },
    ...{ PORT: `${port}`, PUBLIC_URL: url, METRICS_TOKEN, DATABASE_URL: databaseUrl },
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
    SESSION_SECRET: randomBytes(32).toString('base64'),
    ENCRYPTION_KEY: `fuzz:${randomBytes(32).toString('base64')}`,
    ...LIMITS,
  };
  const processes = ['src/api/server.ts', 'src/worker/main.ts'].map((entry) => startProcess(entry, settings));
  await untilReady(url, processes);
  const database = createDatabase(databaseUrl);
  const people = peopleOf(database.prisma, url);
  return {
    url,
    token: people.token,
    session: people.session,
    answered: () => answeredBy(url),
    said: () => processes.flatMap(({ said }) => said).join(''),
    close: async () => {
      await people.leave();
      await Promise.all(processes.map(end));
      await database.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function answeredBy(url: string): Promise<Record<string, number>> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const text = await (await fetch(`${url}/health/metrics`, { headers })).text();
  const counts: Record<string, number> = {};
  for (const [, status = '', count] of text.matchAll(/^arbion_http_requests_total\{.*status="(\d+)"\} (\d+)$/gm)) {
    counts[status] = (counts[status] ?? 0) + Number(count);
  }
  return counts;
}

interface StartedProcess {
  child: ChildProcess;
  said: string[];
}

function startProcess(entry: string, env: NodeJS.ProcessEnv): StartedProcess {
  const child = spawn(process.execPath, ['scripts/run.mjs', entry], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk) => said.push(String(chunk)));
  return { child, said };
}

async function untilReady(url: string, processes: readonly StartedProcess[]): Promise<void> {
  const deadline = Date.now() + START_WITHIN_MS;
  for (;;) {
    const said = () => processes.flatMap((started) => started.said).join('');
    if (processes.some(({ child }) => child.exitCode !== null)) throw new Error(`a process ended: ${said()}`);
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return;
    if (Date.now() > deadline) throw new Error(`the API did not get ready: ${said()}`);
    await pause(200);
  }
}

async function end({ child }: StartedProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
