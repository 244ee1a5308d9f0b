import { setTimeout as sleep } from 'node:timers/promises';
import type { PidFiles } from './pid-files.js';
import type { ServiceProcess } from './service-process.js';

/** One of the processes that make up an installation. */
export interface Service {
  name: string;
  start(): Promise<ServiceProcess>;
  graceMs: number;
  /** How to recognise a process that an earlier launcher left running; without it, `start` finds it by itself. */
  leftover?: Leftover;
}

interface Leftover {
  /** Part of the command line of every process of this service, also with other code or settings. */
  program: string;
  /** Part of the command line only when the process has the current code and settings. */
  identity: string;
  /** Whether it does its work. */
  isHealthy(): Promise<boolean>;
}

const longestDelayMs = 30_000;
/** A service that ran this long is started again without delay when it exits. */
const stableMs = 60_000;

interface Kept {
  service: Service;
  process: ServiceProcess;
  exits: number;
  watch: Promise<void>;
}

/** Keeps services running until `stopAll`, which stops them in the reverse order of their start. */
export class Supervisor {
  private readonly running: Kept[] = [];
  private readonly stopping = new AbortController();

  constructor(
    private readonly pidFiles: PidFiles,
    private readonly report: (line: string) => void,
  ) {}

  /** Takes over the process that an earlier launcher left running, or starts one, and keeps the service running. */
  async keep(service: Service): Promise<void> {
    const process = (await this.adopt(service)) ?? (await this.start(service));
    const kept: Kept = { service, process, exits: 0, watch: Promise.resolve() };
    kept.watch = this.watch(kept);
    this.running.push(kept);
  }

  /** How often the service has exited by itself. */
  exitsOf(name: string): number {
    return this.running.find(({ service }) => service.name === name)?.exits ?? 0;
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
      this.report(`${name} is still running from the last start; using it.`);
      return found.process;
    }
    this.report(`Stopping the ${name} process of the last start …`);
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
      kept.exits += 1;
      delayMs = Date.now() - startedAt > stableMs ? 0 : Math.min(Math.max(500, delayMs * 2), longestDelayMs);
      this.report(`${name} has exited; restarting it${delayMs ? ` in ${delayMs / 1_000} s` : ''}.`);
      if (!(await this.pause(delayMs))) return;
      startedAt = Date.now();
      try {
        kept.process = await this.start(kept.service);
      } catch (error) {
        this.report(`Cannot start ${name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  /** Waits; false when everything is being stopped. */
  private pause(ms: number): Promise<boolean> {
    const { signal } = this.stopping;
    return sleep(ms, true, { signal }).catch(() => false);
  }
}
