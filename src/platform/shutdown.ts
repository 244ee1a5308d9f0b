import type { Logger } from './logger.js';

interface Part {
  name: string;
  close: () => Promise<unknown> | unknown;
}

/** What a process has to close before it ends. Parts close one after the other, the newest first. */
export interface Shutdown {
  add(name: string, close: Part['close']): void;
  /** Closes everything once; a second call waits for the first. */
  run(): Promise<void>;
}

/**
 * Closes the added parts at SIGINT or SIGTERM and ends the process. A part that fails is logged and does not keep the
 * others open; after `timeoutMs` in all the process ends anyway, and so it does at once at a second signal.
 */
export function shutdownOnSignal({ logger, timeoutMs }: { logger: Logger; timeoutMs: number }): Shutdown {
  const parts: Part[] = [];
  let running: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    for (const { name, close } of parts.reverse()) {
      try {
        await close();
      } catch (error) {
        logger.error({ err: error, part: name }, 'could not be closed');
      }
    }
  }

  function onSignal(signal: NodeJS.Signals): void {
    if (running !== undefined) process.exit(1);
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), timeoutMs).unref();
    void shutdown.run().then(() => process.exit(0));
  }

  const shutdown: Shutdown = {
    add: (name, close) => parts.push({ name, close }),
    run: () => {
      running ??= closeAll();
      return running;
    },
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return shutdown;
}
