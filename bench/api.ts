/** GET /trades of a database that is full, beside a bare Hono with one equal query. */
import { createTokens } from '../src/auth/tokens.js';
import type { UserId } from '../src/domain/ids.js';
import { createDatabase } from '../src/storage/database.js';
import { fillDatabase, userOf } from '../tests/storage/many-rows.js';
import { percentile } from '../tests/support/percentile.js';
import type { Report } from './figures.js';
import { startApi, startServer } from './server-process.js';
import type { Servers } from './servers.js';

const TRADES = 100_000;
const REQUESTS = 2_000;
const AT_ONCE = 4;
const OWNER = userOf(5) as UserId;

export async function api(servers: Servers, report: Report, rounds: number): Promise<void> {
  const database = createDatabase(servers.databaseUrl, { poolSize: 4 });
  await fillDatabase(database.pool, TRADES);
  const { token } = await createTokens(database.prisma).create(OWNER, { name: 'bench', scopes: ['read'] });
  await database.close();
  const [ours, bare] = [
    await startApi(servers),
    await startServer(new URL('bare-list.ts', import.meta.url), { DATABASE_URL: servers.databaseUrl }),
  ];
  const askOurs = () => fetch(`${ours.url}/api/v1/trades?limit=50`, { headers: { authorization: `Bearer ${token}` } });
  const askBare = () => fetch(`${bare.url}/trades/${OWNER}`);
  try {
    await Promise.all([answersOf(askOurs), answersOf(askBare)]);
    for (let round = 1; round <= rounds; round++) {
      const [own, other] = [await answersOf(askOurs), await answersOf(askBare)];
      for (const [name, part] of [
        ['half of them', 0.5],
        ['99 of 100', 0.99],
      ] as const) {
        report({
          ...{ name: `GET /trades, ${TRADES} trades, ${AT_ONCE} at once: ${name}`, unit: 'ms' },
          value: percentile(own, part),
          reference: { name: 'bare Hono, one equal query', value: percentile(other, part) },
        });
      }
    }
  } finally {
    await Promise.all([ours.end(), bare.end()]);
  }
}

/** How long each answer took, in milliseconds. */
async function answersOf(ask: () => Promise<Response>): Promise<number[]> {
  const took: number[] = [];
  const lane = async () => {
    for (let count = 0; count < REQUESTS / AT_ONCE; count++) {
      const began = performance.now();
      const answer = await ask();
      const { items } = (await answer.json()) as { items: unknown[] };
      took.push(performance.now() - began);
      if (items.length !== 50) throw new Error(`an answer has ${items.length} trades`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return took;
}
