import { defineConfig } from 'vitest/config';

const unit = ['domain', 'matching', 'platform', 'repository'].map((area) => `tests/${area}/**/*.test.ts`);
const recorded = ['tests/recorded/**/*.test.ts'];

// Every service test file may start servers and workers of its own, so only a few run side by side.
const services = {
  globalSetup: 'tests/support/global-setup.ts',
  maxWorkers: 2,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // After the unit tests: projects with different numbers of workers can't run at the same time.
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    // The Temporal SDK's native part has crashed under worker threads.
    pool: 'forks',
    projects: [
      { test: { name: 'unit', include: unit } },
      { test: { name: 'services', include: ['tests/**/*.test.ts'], exclude: [...unit, ...recorded], ...services } },
      { test: { name: 'recorded', include: recorded, ...services, testTimeout: 900_000 } },
    ],
  },
});
