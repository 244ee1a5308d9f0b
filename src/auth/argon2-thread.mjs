/**
 * One thread that hashes passwords, one after the other. Plain JavaScript, so that it starts without the loader of
 * TypeScript.
 */
import { readlinkSync } from 'node:fs';
import os from 'node:os';
import { parentPort } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';

/** Steps below the rest of the process: with a busy event loop on the same core, a tenth of it is left to a hash. */
const LOWER_BY = 10;
const LOWEST = 19;

lowerPriority();
parentPort?.on('message', ({ kind, password, hash, options }) => {
  try {
    const result = kind === 'hash' ? hashSync(password, options) : verifySync(hash, password);
    parentPort?.postMessage({ result });
  } catch (error) {
    parentPort?.postMessage({ error: String(error) });
  }
});

/** Linux has a priority for each thread; elsewhere it would be that of the whole process. */
function lowerPriority() {
  if (process.platform !== 'linux') return;
  const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  os.setPriority(thread, Math.min(LOWEST, os.getPriority(thread) + LOWER_BY));
}
