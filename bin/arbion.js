#!/usr/bin/env node
/** The `arbion` command; all of it is in src/cli. */
import { fileURLToPath } from 'node:url';

process.argv.splice(2, 0, fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)));
await import('../scripts/run.mjs');
