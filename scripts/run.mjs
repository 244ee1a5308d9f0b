/**
 * `node scripts/run.mjs src/api/server.ts …` runs a TypeScript entry point in this very process, so that signals and
 * exit codes need no forwarding, after making sure that the checkout is ready for it.
 */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setUp } from './setup.mjs';

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) throw new Error('Usage: node scripts/run.mjs ENTRY.ts [arguments]');

try {
  await setUp();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

// Imported only now: on a fresh clone it has just been installed.
const { register } = await import('tsx/esm/api');
register();
const entryPath = resolve(entry);
process.argv = [process.execPath, entryPath, ...args];
await import(pathToFileURL(entryPath).href);
