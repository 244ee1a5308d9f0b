import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settingNames } from '../../src/platform/config.js';

it('.env.example names every setting and no other', () => {
  const documented = readFileSync('.env.example', 'utf8').matchAll(/^#?([A-Z_]+)=/gm);
  // These two are read before, and beside, the configuration.
  const others = ['ARBION_HOME', 'TEMPORAL_CLI_PATH'];
  expect(new Set([...documented].map(([, name]) => name))).toEqual(new Set([...settingNames, ...others]));
});
