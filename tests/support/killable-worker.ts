import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { KillOrder } from './kill-points.js';

export interface WorkerSettings {
  databaseUrl: string;
  address: string;
  namespace: string;
  /** the market's files */
  directory: string;
  sessionSecret: string;
  guardianPauseMs: number;
}

export type FromParent = { kind: 'arm'; order: KillOrder } | { kind: 'run' };
export interface ToParent {
  kind: 'done';
}

/** A worker process. It is prepared at once and works from `run` on. */
export interface KillableWorker {
  run(): Promise<void>;
  /** Makes it exit or freeze at a point of a trade. */
  arm(order: KillOrder): Promise<void>;
  /** resolved when it has reached the point: it is dying, or frozen */
  hit: Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** by which signal it ended */
  ended: Promise<NodeJS.Signals | null>;
  /** its error output */
  output(): string;
  end(): Promise<void>;
}

const program = fileURLToPath(new URL('worker-process.ts', import.meta.url));

export async function startKillableWorker(settings: WorkerSettings): Promise<KillableWorker> {
  const child = fork(program, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, TEST_WORKER: JSON.stringify(settings) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output: string[] = [];
  const hit = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data) => {
        output.push(String(data));
        if (/^SIG(KILL|STOP) at /m.test(String(data))) resolve();
      });
    }
  });
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  const answer = () => Promise.race([once(child, 'message'), ended.then(() => died(output))]);
  await answer();
  const ask = async (message: FromParent) => {
    const answered = answer();
    child.send(message);
    await answered;
  };
  return {
    run: () => ask({ kind: 'run' }),
    arm: (order) => ask({ kind: 'arm', order }),
    hit,
    signal: (signal) => void child.kill(signal),
    ended,
    output: () => output.join(''),
    end: () => end(child, ended),
  };
}

function died(output: string[]): never {
  throw new Error(`the worker process ended by itself: ${output.join('')}`);
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}
