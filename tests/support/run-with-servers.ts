import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs a file that is no test with everything tests have: the servers of a test run, for this run alone. Given names, it
 * runs only these of its parts.
 */
export async function runWithServers(file: string, timeoutMs: number, names: readonly string[] = []): Promise<void> {
  const run = await startVitest('test', [], {
    config: false,
    root,
    watch: false,
    include: [file],
    ...(names.length > 0 && { testNamePattern: new RegExp(`^(${names.join('|')})$`) }),
    globalSetup: 'tests/support/global-setup.ts',
    pool: 'forks',
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    disableConsoleIntercept: true,
  });
  await run.close();
}
