#!/usr/bin/env node
/** The `arbion` command; all of it is in src/cli. */
import { cliBundle } from '../scripts/cli-bundle.mjs';
import { setUp } from '../scripts/setup.mjs';

try {
  await setUp();
  await import(await cliBundle());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
