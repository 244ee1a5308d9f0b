/** `npm run migrate:create -- NAME`: writes a migration for the changes of schema.prisma, with the help of a temporary server. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMigration } from '../storage/migrate.js';
import { startEmbeddedPostgres } from './postgres.js';

const title = process.argv.slice(2).join(' ');
if (title === '') throw new Error('Usage: npm run migrate:create -- what changes');

const directory = await mkdtemp(join(tmpdir(), 'arbion-scratch-'));
const postgres = await startEmbeddedPostgres({
  directory: join(directory, 'postgres'),
  password: 'scratch',
  durability: 'fast',
});
try {
  const name = await createMigration(postgres.url('postgres'), title);
  process.stdout.write(
    name ? `Wrote prisma/migrations/${name}. Read it before you commit it.\n` : 'Nothing changed.\n',
  );
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
