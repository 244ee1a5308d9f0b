/** An HTTP server in a process of its own. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../src/launcher/ports.js';
import type { Servers } from './servers.js';

export interface ServerProcess {
  url: string;
  end(): Promise<void>;
}

export function startApi({ databaseUrl, temporalAddress, directory, secret, key }: Servers): Promise<ServerProcess> {
  return startServer(new URL('../src/api/server.ts', import.meta.url), {
    ...{ DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress, ARBION_HOME: directory },
    ...{ SESSION_SECRET: secret, ENCRYPTION_KEY: `bench:${Buffer.from(key, 'hex').toString('base64')}` },
    ...{ METRICS_TOKEN: randomBytes(32).toString('base64'), RATE_LIMIT_USER_PER_MINUTE: '100000000' },
    // So that many clients of one machine can say that they are at many.
    TRUSTED_HOPS: '1',
  });
}

/** Waits until it answers. */
export async function startServer(entry: URL, env: NodeJS.ProcessEnv): Promise<ServerProcess> {
  const port = await freePort();
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(entry)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, PORT: String(port), LOG_LEVEL: 'fatal', ...env },
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/health/live`).catch(() => undefined))) {
    if (child.exitCode !== null) throw new Error(`${entry.pathname} has ended`);
    await pause(100);
  }
  return {
    url,
    end: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
