import { defineConfig } from 'vitest/config';

/** A test file is named for what it needs: `*.unit.test.ts` and so on, wherever its subject is. */
function filesOf(project: string): string[] {
  return [`tests/**/*.${project}.test.ts`];
}

// Every service test file may start servers and workers of its own, so only a few run side by side.
const services = {
  globalSetup: 'tests/support/global-setup.ts',
  maxWorkers: 2,
  // Most waits are for a broker or a timer; on a busy machine they all take longer.
  maxConcurrency: 4,
  testTimeout: 180_000,
  // A poll waits for a condition; how long that takes says nothing about it.
  expect: { poll: { timeout: 30_000 } },
  hookTimeout: 120_000,
  // After the unit tests: projects with different numbers of workers can't run at the same time.
  sequence: { groupOrder: 1 },
};
const testTimeout = 900_000;

export default defineConfig({
  test: {
    // The Temporal SDK's native part has crashed under worker threads.
    pool: 'forks',
    projects: [
      // No servers.
      { test: { name: 'unit', include: filesOf('unit'), isolate: false, maxWorkers: 2, testTimeout: 60_000 } },
      // Real servers, a few minutes altogether.
      { test: { name: 'services', include: filesOf('services'), ...services } },
      // Recorded market days.
      { test: { name: 'recorded', include: filesOf('recorded'), ...services, testTimeout } },
      // The long ones: every broker's whole deck, clients that others wrote, random requests.
      { test: { name: 'soak', include: filesOf('soak'), ...services, testTimeout } },
      // Workers killed at every step. How soon a trade is covered again is bounded, so nothing runs beside it.
      { test: { name: 'crashes', include: filesOf('crashes'), ...services, testTimeout, maxWorkers: 1 } },
      // Trades under faults at every broker.
      { test: { name: 'chaos', include: filesOf('chaos'), ...services, testTimeout } },
    ],
  },
});
