/** Why a process must not start with these keys: it would read credentials and workflows as nothing, or not at all. */
import type { EncryptionKey } from '../platform/settings.js';
import type { Database } from '../storage/database.js';
import { falseKeys, leaveCanaries } from './canaries.js';
import { SEALED_COLUMNS } from './sealed-columns.js';
import { countByKey } from './stored-seals.js';

/** Every problem with its remedy. Keys that have none are known to the database from now on. */
export async function keyProblems(
  { prisma, pool }: Pick<Database, 'prisma' | 'pool'>,
  ring: readonly EncryptionKey[],
): Promise<string[]> {
  const problems = [...(await falseKeys(prisma, ring)).map(falseKey), ...(await missingKeys(pool, ring))];
  if (problems.length > 0) return problems;
  await leaveCanaries(prisma, ring);
  // Another process may have been faster, with another key.
  return (await falseKeys(prisma, ring)).map(falseKey);
}

function falseKey(id: string): string {
  return `ENCRYPTION_KEY has another key under the name "${id}" than the one that this database was used with. Put the old key back; a new key needs a name of its own.`;
}

/** Keys that secrets are under and that are not in the ring. */
async function missingKeys(pool: Database['pool'], ring: readonly EncryptionKey[]): Promise<string[]> {
  const places = new Map<string, string[]>();
  for (const column of SEALED_COLUMNS) {
    for (const [id, count] of await countByKey(pool, column)) {
      const place = `${count} of ${column.table}.${column.column}`;
      places.set(id, [...(places.get(id) ?? []), place]);
    }
  }
  const missing = [...places].filter(([id]) => !ring.some((key) => key.id === id));
  return missing.map(
    ([id, counts]) =>
      `ENCRYPTION_KEY lacks the key "${id}", under which secrets are stored (${counts.join(', ')}). Put it back behind the others and run \`npm run rewrap\` before it goes.`,
  );
}
