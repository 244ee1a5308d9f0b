import { inject } from 'vitest';
import type { KillOrder } from '../support/kill-points.js';
import { type KillableWorker, startKillableWorker, type WorkerSettings } from '../support/killable-worker.js';
import { steadyRows } from '../support/market-files.js';
import { openTrading, SESSION_SECRET, type Trading } from '../support/trading.js';

/**
 * A namespace and a database of their own, in which one worker process works and the next stands ready: what is killed
 * is taken over at once, as by the other workers of a real deployment.
 */
export interface Lane {
  trading: Trading;
  /** Arms the working process. */
  arm(order: KillOrder): Promise<Attack>;
  close(): Promise<void>;
}

interface Attack {
  victim: KillableWorker;
  /** The successor goes to work; from now on it is the working process. */
  succeed(): Promise<void>;
}

/** So many lanes, each used by one test at a time. */
export class Lanes {
  private readonly free: Lane[] = [];
  private readonly waiting: ((lane: Lane) => void)[] = [];

  private constructor(private readonly all: readonly Lane[]) {
    this.free.push(...all);
  }

  static async open(count: number, settings?: Partial<WorkerSettings>): Promise<Lanes> {
    return new Lanes(await Promise.all(Array.from({ length: count }, () => openLane(settings))));
  }

  async use(work: (lane: Lane) => Promise<void>): Promise<void> {
    const lane = this.free.pop() ?? (await new Promise<Lane>((resolve) => this.waiting.push(resolve)));
    try {
      await work(lane);
    } finally {
      const next = this.waiting.shift();
      if (next) next(lane);
      else this.free.push(lane);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((lane) => lane.close()));
  }
}

/** The minute from which on AAPL costs 148 instead of 150. */
export const CHEAPER = '2013-10-08T14:00';

async function openLane(changed: Partial<WorkerSettings> = {}): Promise<Lane> {
  const trading = await openTrading({
    prices: {
      'equity/AAPL': [
        ...steadyRows('2013-10-08T13:30', 30, { bid: '149.99', ask: '150', last: '150' }),
        ...steadyRows(CHEAPER, 30, { bid: '147.99', ask: '148', last: '148' }),
      ],
    },
    limits: { perTrade: '2000', daily: '1000000' },
  });
  await trading.goTo('2013-10-08T13:31');
  await trading.stopWorker();
  const settings: WorkerSettings = {
    databaseUrl: trading.database.url,
    address: inject('temporalAddress'),
    namespace: trading.namespace,
    directory: trading.directory,
    sessionSecret: SESSION_SECRET,
    guardianPauseMs: 30_000,
    ...changed,
  };
  const ready = () => startKillableWorker(settings);
  let working = await ready();
  let next = ready();
  const started = [working];
  await working.run();

  return {
    trading,
    arm: async (order) => {
      // How long a process needs to start is no part of what is tested.
      await next;
      await working.arm(order);
      return {
        victim: working,
        succeed: async () => {
          working = await next;
          started.push(working);
          await working.run();
          next = ready();
        },
      };
    },
    close: async () => {
      await Promise.all([...started, await next].map((worker) => worker.end()));
      await trading.close();
    },
  };
}
