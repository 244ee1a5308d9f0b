import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Only warnings, and on the error stream: what a replay prints is its result. */
export function quietTemporal(): void {
  const logger = new DefaultLogger('ERROR', ({ message }) => process.stderr.write(`${message}\n`));
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  });
}
