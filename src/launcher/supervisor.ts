import { setTimeout as sleep } from 'node:timers/promises';
import type { PidFiles } from './pid-files.js';
import type { ServiceProcess } from './service-process.js';

/** One of the processes that make up an installation. */
export interface Service {
  name: string;
  start(): Promise<ServiceProcess>;
  graceMs: number;
  /** How to know a process that a former launcher left running; without it, `start` finds it by itself. */
  leftover?: Leftover;
}

interface Leftover {
  /** Stands in the command line of every process of this service, also of other code or settings. */
  program: string;
  /** Stands in the command line only where code and settings are those of now. */
  identity: string;
  /** Whether it does its work. */
  isHealthy(): Promise<boolean>;
}

const longestDelayMs = 30_000;
/** Who ran this long has recovered: its next death is answered at once again. */
const stableMs = 60_000;

interface Kept {
  service: Service;
  process: ServiceProcess;
  deaths: number;
  watch: Promise<void>;
}

/** Keeps services running until it is told to stop, and stops them in the reverse of the order they came up in. */
export class Supervisor {
  private readonly running: Kept[] = [];
  private readonly stopping = new AbortController();

  constructor(
    private readonly pidFiles: PidFiles,
    private readonly report: (line: string) => void,
  ) {}

  /** Takes over what a former launcher left running of this service, or starts it, and keeps it running from now on. */
  async keep(service: Service): Promise<void> {
    const process = (await this.adopt(service)) ?? (await this.start(service));
    const kept: Kept = { service, process, deaths: 0, watch: Promise.resolve() };
    kept.watch = this.watch(kept);
    this.running.push(kept);
  }

  /** How often the service has ended by itself. */
  deathsOf(name: string): number {
    return this.running.find(({ service }) => service.name === name)?.deaths ?? 0;
  }

  async stopAll(): Promise<void> {
    this.stopping.abort();
    for (const kept of this.running.reverse()) {
      await kept.watch;
      await kept.process.stop({ graceMs: kept.service.graceMs });
      this.pidFiles.remove(kept.service.name);
    }
  }

  private async adopt({ name, leftover, graceMs }: Service): Promise<ServiceProcess | undefined> {
    const found = leftover && (await this.pidFiles.find(name, leftover.program));
    if (!found) return undefined;
    if (found.command.includes(leftover.identity) && (await leftover.isHealthy())) {
      this.report(`${name} is still running from before; keeping it.`);
      return found.process;
    }
    this.report(`Ending the ${name} that was left from before …`);
    await found.process.stop({ graceMs });
    return undefined;
  }

  private async start(service: Service): Promise<ServiceProcess> {
    const process = await service.start();
    this.pidFiles.write(service.name, process.pid);
    return process;
  }

  private async watch(kept: Kept): Promise<void> {
    const { name } = kept.service;
    let delayMs = 0;
    let startedAt = Date.now();
    while (await this.pause(250)) {
      if (kept.process.isRunning()) continue;
      kept.deaths += 1;
      delayMs = Date.now() - startedAt > stableMs ? 0 : Math.min(Math.max(500, delayMs * 2), longestDelayMs);
      this.report(`${name} has ended; starting it again${delayMs ? ` in ${delayMs / 1_000} s` : ''}.`);
      if (!(await this.pause(delayMs))) return;
      startedAt = Date.now();
      try {
        kept.process = await this.start(kept.service);
      } catch (error) {
        this.report(`${name} could not be started: ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  /** Waits, and says whether to go on. */
  private pause(ms: number): Promise<boolean> {
    const { signal } = this.stopping;
    return sleep(ms, true, { signal }).catch(() => false);
  }
}
