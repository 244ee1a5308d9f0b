/** GET /trades beside a bare server that sends the same rows. `ROWS=1000000` for more trades. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTokens } from '../../src/auth/tokens.js';
import type { UserId } from '../../src/domain/ids.js';
import { freePort } from '../../src/launcher/ports.js';
import { createDatabase } from '../../src/storage/database.js';
import { fillDatabase, userOf } from '../storage/many-rows.js';
import { ApiProcess, percentile } from './api-process.js';

const ROWS = Number(process.env.ROWS ?? 100_000);
const REQUESTS = 1_000;
const AT_ONCE = 4;

interface Server {
  name: string;
  ask(): Promise<Response>;
}

/** How long each answer took, in milliseconds. */
async function measure({ ask }: Server): Promise<number[]> {
  const took: number[] = [];
  const worker = async () => {
    for (let count = 0; count < REQUESTS / AT_ONCE; count += 1) {
      const startedAt = performance.now();
      const answer = await ask();
      const { items } = (await answer.json()) as { items: unknown[] };
      took.push(performance.now() - startedAt);
      expect([answer.status, items.length]).toEqual([200, 50]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return took;
}

test('the list of trades is answered, and how soon is shown', async () => {
  const api = await ApiProcess.start({ RATE_LIMIT_USER_PER_MINUTE: '1000000' });
  const owner = createDatabase(api.database.ownerUrl);
  await fillDatabase(owner.pool, ROWS);
  await owner.close();
  const userId = userOf(5) as UserId;
  const { token } = await createTokens(api.database.prisma).create(userId, { name: 'test', scopes: ['read'] });
  const port = await freePort();
  // By the same way as ours: through the door.
  const databaseUrl = new URL(api.database.url);
  databaseUrl.host = `127.0.0.1:${api.doors.postgres.port}`;
  const bare = spawn(process.execPath, ['--import', 'tsx', 'tests/api/bare-list.ts'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH ?? '', DATABASE_URL: databaseUrl.href, PORT: String(port) },
  });
  const ofBare = () => fetch(`http://127.0.0.1:${port}/trades/${userId}`);
  while (!(await ofBare().catch(() => undefined))) await pause(100);
  const servers: Server[] = [
    { name: 'bare', ask: ofBare },
    { name: 'ours', ask: () => api.get('/api/v1/trades?limit=50', { authorization: `Bearer ${token}` }) },
  ];
  // The first round warms both up.
  for (const round of ['warming up', 'first', 'second']) {
    for (const server of servers) {
      const took = await measure(server);
      const [half, most] = [0.5, 0.99].map((part) => percentile(took, part).toFixed(1));
      console.log(`${ROWS} trades, ${round}, ${server.name}: p50 ${half} ms, p99 ${most} ms`);
    }
  }
  const exited = once(bare, 'exit');
  bare.kill('SIGKILL');
  await exited;
  await api.close();
});
