import type { Logger } from './logger.js';

/** Work in the background: failures are logged, and the process waits for what is still running before it ends. */
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
