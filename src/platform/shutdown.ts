/** How a process ends: the only place that listens to its signals. */
import type { Logger } from './logger.js';

const STOP_SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Calls `stop` at the first SIGINT, SIGTERM or SIGHUP. At a second one, of whatever kind, the process ends at once with
 * code 1, after `beforeLeaving`.
 */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void, beforeLeaving = () => {}): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) {
      beforeLeaving();
      process.exit(1);
    }
    isStopping = true;
    stop(signal);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
}

interface Part {
  name: string;
  close: () => Promise<unknown> | unknown;
}

/** What a process must close before it ends. Parts close one after the other, the newest first. */
export interface Shutdown {
  add(name: string, close: Part['close']): void;
  /** Closes everything once; a second call waits for the first. */
  run(): Promise<void>;
}

/**
 * Closes the added parts at a stop signal and ends the process. A part that fails to close is logged, and the others are
 * closed all the same. After `timeoutMs`, or at a second signal, the process ends with code 1 whatever is still open.
 */
export function shutdownOnSignal({ logger, timeoutMs }: { logger: Logger; timeoutMs: number }): Shutdown {
  const parts: Part[] = [];
  let running: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    for (const { name, close } of parts.reverse()) {
      try {
        await close();
      } catch (error) {
        logger.error({ err: error, part: name }, 'a part of the process could not be closed');
      }
    }
  }

  function stop(signal: NodeJS.Signals): void {
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
  onStopSignal(stop);
  return shutdown;
}
