import type { Logger } from './logger.js';

/** Work that nobody waits for. What fails is logged; what still runs can be waited for at the end of the process. */
export interface Background {
  run(what: string, work: () => Promise<void>): void;
  finished(): Promise<void>;
}

export function createBackground(logger: Logger): Background {
  const running = new Set<Promise<void>>();
  return {
    run: (what, work) => {
      const done = work()
        .catch((error: unknown) => logger.error({ err: error }, `${what} failed`))
        .finally(() => running.delete(done));
      running.add(done);
    },
    finished: async () => {
      await Promise.all(running);
    },
  };
}
