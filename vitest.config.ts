import { defineConfig } from 'vitest/config';

const unit = ['audit', 'domain', 'matching', 'platform', 'replay', 'repository', 'oauth', 'vault', 'worker'].map(
  (area) => `tests/${area}/**/*.test.ts`,
);
const recorded = ['tests/recorded/**/*.test.ts'];
/** Trades under faults at every broker. */
const chaos = ['tests/chaos/**/*.test.ts'];
/** The long ones: workers killed at every step, thousands of monitor ticks, hundreds of expiries, every broker's whole deck, clients that others wrote, random requests. */
const soak = [
  'crashes',
  'long-trades',
  'long-connections',
  'long-api',
  'conformance',
  'simulator/foreign',
  'live-events',
  'long-secrets',
  'fuzz',
].map((area) => `tests/${area}/**/*.test.ts`);
/** By name, in both: at the paper broker in the services project, at the live brokers in the soak. */
const scenarios = ['tests/scenarios/**/*.test.ts'];

// Every service test file may start servers and workers of its own, so only a few run side by side.
const services = {
  globalSetup: 'tests/support/global-setup.ts',
  maxWorkers: 2,
  // Most waits are for a broker or a timer; on a busy machine they all take longer.
  maxConcurrency: 4,
  // A second try tells a busy machine from a broken trade; the report names every test that needed one.
  retry: 1,
  testTimeout: 180_000,
  hookTimeout: 120_000,
  // After the unit tests: projects with different numbers of workers can't run at the same time.
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    // The Temporal SDK's native part has crashed under worker threads.
    pool: 'forks',
    projects: [
      { test: { name: 'unit', include: unit, isolate: false, maxWorkers: 2, testTimeout: 60_000 } },
      {
        test: {
          name: 'services',
          include: ['tests/**/*.test.ts'],
          exclude: [...unit, ...recorded, ...soak, ...chaos],
          ...services,
          provide: { scenarioVenues: 'paper' },
        },
      },
      { test: { name: 'recorded', include: recorded, ...services, testTimeout: 900_000 } },
      {
        test: {
          name: 'soak',
          include: [...soak, ...scenarios],
          ...services,
          testTimeout: 900_000,
          provide: { scenarioVenues: 'live' },
        },
      },
      { test: { name: 'chaos', include: chaos, ...services, retry: 0, testTimeout: 900_000 } },
    ],
  },
});
