/** A key that is not the one of its id would read everything as nothing: no process may come up with it. */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/launcher/ports.js';
import { assertKeysGenuine } from '../../src/vault/canaries.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.prisma.keyCanary.deleteMany());

const newKey = (id: string) => ({ id, key: randomBytes(32) });
const [one, two] = [newKey('one'), newKey('two')];

describe('the keys of ENCRYPTION_KEY', () => {
  it('are those of the first start, whatever joins them later and in whatever order', async () => {
    await Promise.all([assertKeysGenuine(database.prisma, [one]), assertKeysGenuine(database.prisma, [one])]);
    await assertKeysGenuine(database.prisma, [two, one]);
    await assertKeysGenuine(database.prisma, [two]);
    expect(await database.prisma.keyCanary.count()).toBe(2);
  });

  it('are refused by name when another one has the same id', async () => {
    await assertKeysGenuine(database.prisma, [one, two]);
    const changed = assertKeysGenuine(database.prisma, [newKey('one'), two]);
    await expect(changed).rejects.toThrow('another key under the name "one" than');
    await expect(assertKeysGenuine(database.prisma, [newKey('one'), newKey('two')])).rejects.toThrow('"one", "two"');
  });

  it('are refused when a canary was moved to another key, cut or changed', async () => {
    await assertKeysGenuine(database.prisma, [one, two]);
    const { sealed } = await database.prisma.keyCanary.findUniqueOrThrow({ where: { keyId: 'one' } });
    const changed = Uint8Array.from(sealed, (byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte));
    for (const other of [changed, sealed.slice(0, -1), new Uint8Array()]) {
      await database.prisma.keyCanary.update({ where: { keyId: 'one' }, data: { sealed: other } });
      await expect(assertKeysGenuine(database.prisma, [one, two])).rejects.toThrow('"one"');
    }
  });
});

describe.each(['src/api/server.ts', 'src/worker/main.ts'])('%s', (entry) => {
  it('does not come up with another key of the same id', async () => {
    await assertKeysGenuine(database.prisma, [one]);
    const port = await freePort();
    const child = spawn(process.execPath, ['scripts/run.mjs', entry], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: {
        ...{ PATH: process.env.PATH, PORT: `${port}`, DATABASE_URL: database.url },
        ...{ SESSION_SECRET: randomBytes(32).toString('base64'), TEMPORAL_ADDRESS: '127.0.0.1:1' },
        ENCRYPTION_KEY: `one:${randomBytes(32).toString('base64')}`,
      },
    });
    let told = '';
    for (const output of [child.stdout, child.stderr]) output.on('data', (chunk) => (told += String(chunk)));
    const [code] = await once(child, 'exit');
    expect(code).toBeGreaterThan(0);
    expect(told).toContain('another key under the name');
    expect(told).not.toContain(one.key.toString('base64'));
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
  });
});
