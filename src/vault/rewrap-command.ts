/** `npm run rewrap`: brings every stored secret under the first key of ENCRYPTION_KEY, so that an older key may go. */
import { loadConfig } from '../platform/config.js';
import { settingsFromHome } from '../platform/home.js';
import { assertNoProblems, cannotStart } from '../platform/start-up.js';
import { assertSchemaCurrent, createDatabase } from '../storage/database.js';
import { keyProblems } from './key-problems.js';
import { type Rewrapped, rewrap } from './rewrap.js';

async function main(): Promise<void> {
  const { databaseUrl, encryptionKeys } = loadConfig(settingsFromHome(process.env), ['databaseUrl', 'encryptionKeys']);
  const database = createDatabase(databaseUrl, { poolSize: 4 });
  try {
    await assertSchemaCurrent(database);
    assertNoProblems(await keyProblems(database, encryptionKeys));
    report(await rewrap(database.pool, encryptionKeys, print));
  } finally {
    await database.close();
  }
}

function report({ count, left, unreadable }: Rewrapped): void {
  print(`${count} secrets are under another key now than before.`);
  for (const place of unreadable) print(`Cannot be opened, and stays as it is: ${place}`);
  if (left === 0) return;
  print(
    `${left} are under an older key still: keep it. Where a process writes with it, restart that one and run this again.`,
  );
  process.exitCode = 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main().catch((error: unknown) => cannotStart('The re-wrap', error));
