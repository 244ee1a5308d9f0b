/** How soon `npm start` is ready when everything was set up before, beside its two servers alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { freePort } from '../src/launcher/ports.js';
import type { Report } from './figures.js';
import { type Servers, startServers } from './servers.js';

const READY = 'Arbion is ready';

export async function start(_servers: Servers, report: Report, rounds: number): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'arbion-bench-start-'));
  try {
    await secondsToReady(home);
    for (let round = 1; round <= rounds; round++) {
      report({
        ...{ name: 'a start after the first one', unit: 's', value: await secondsToReady(home), goal: { atMost: 5 } },
        reference: { name: 'new Postgres and Temporal alone', value: await secondsOfServers() },
      });
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function secondsToReady(home: string): Promise<number> {
  const began = performance.now();
  const launcher = spawn(process.execPath, ['scripts/run.mjs', 'src/launcher/start.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ARBION_HOME: home, PORT: String(await freePort()) },
  });
  await said(launcher.stdout, READY);
  const seconds = (performance.now() - began) / 1_000;
  const exited = once(launcher, 'exit');
  launcher.kill('SIGTERM');
  await exited;
  return seconds;
}

/** Goes on reading afterwards: a launcher that nobody reads any more would end. */
function said(output: Readable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let all = '';
    output.on('data', (part: Buffer) => {
      all += part;
      if (all.includes(text)) resolve();
    });
    output.once('end', () => reject(new Error(`the start ended: ${all}`)));
  });
}

async function secondsOfServers(): Promise<number> {
  const began = performance.now();
  const servers = await startServers();
  const seconds = (performance.now() - began) / 1_000;
  await servers.stop();
  return seconds;
}
