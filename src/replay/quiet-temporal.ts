import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Temporal logs only warnings, to stderr, since a replay's stdout is its result. */
export function quietTemporal(): void {
  const logger = new DefaultLogger('ERROR', ({ message }) => process.stderr.write(`${message}\n`));
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  });
}
