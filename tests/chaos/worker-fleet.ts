/** Worker processes that are killed while they work, each replaced by another. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BrokerAccount } from '../../src/broker-port/access.js';
import type { LiveBroker } from '../../src/domain/broker-login.js';
import type { Dice } from './dice.js';

export interface WorkerSettings {
  databaseUrl: string;
  temporal: { address: string; namespace: string };
  ticketSecret: string;
  broker: LiveBroker;
  simulatorUrl: string;
  /** the exchange's time minus the machine's */
  offsetMs: number;
  accounts: Record<string, BrokerAccount>;
  settleWindowMs: number;
  /** whether request budgets are enforced as in production */
  budget: boolean;
  monitorIntervalMs: number;
}

const program = fileURLToPath(new URL('worker-process.ts', import.meta.url));
const AT_WORK = 2;
const KILL_PAUSE_MS = [8_000, 20_000] as const;

export class WorkerFleet {
  kills = 0;
  private readonly stopping = new AbortController();
  private readonly workers: ChildProcess[] = [];
  private killing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly settings: WorkerSettings,
    private readonly report: (line: string) => void,
  ) {}

  static async start(settings: WorkerSettings, report: (line: string) => void): Promise<WorkerFleet> {
    const fleet = new WorkerFleet(settings, report);
    await Promise.all(Array.from({ length: AT_WORK }, () => fleet.add()));
    return fleet;
  }

  /** Kills workers one at a time, at random times, until `spare`. */
  killNowAndThen(dice: Dice): void {
    this.killing = this.killOn(dice);
  }

  /** Stops the killing. */
  async spare(): Promise<void> {
    this.stopping.abort();
    await this.killing;
  }

  async end(): Promise<void> {
    await this.spare();
    await Promise.all(this.workers.map(kill));
  }

  private async killOn(dice: Dice): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await pause(dice.between(...KILL_PAUSE_MS), undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const victim = dice.pick(this.workers);
      this.workers.splice(this.workers.indexOf(victim), 1);
      await kill(victim);
      this.kills += 1;
      await this.add();
    }
  }

  private async add(): Promise<void> {
    const child = fork(program, {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, CHAOS_WORKER: JSON.stringify(this.settings) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data) => {
        said.push(String(data));
        this.report(String(data).trimEnd());
      });
    }
    const died = once(child, 'exit').then(() => {
      throw new Error(`a worker process ended by itself: ${said.join('')}`);
    });
    await Promise.race([once(child, 'message'), died]);
    died.catch(() => {});
    this.workers.push(child);
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
