/** A key that is not the one of its id would read everything as nothing: no process may come up with it. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { keyProblems } from '../../src/vault/key-problems.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.prisma.keyCanary.deleteMany());

const newKey = (id: string) => ({ id, key: randomBytes(32) });
const [one, two] = [newKey('one'), newKey('two')];

it('takes the keys of the first start, whatever joins them later and in whatever order', async () => {
  for (const ring of [[one], [one], [two, one], [two]]) expect(await keyProblems(database, ring)).toEqual([]);
  expect(await database.prisma.keyCanary.count()).toBe(2);
});

it('takes one of two keys of the same id that come at once', async () => {
  const outcomes = await Promise.all([keyProblems(database, [one]), keyProblems(database, [newKey('one')])]);
  expect(outcomes.flat()).toHaveLength(1);
});

it('names every key that is another than the one of its id', async () => {
  await keyProblems(database, [one, two]);
  expect(await keyProblems(database, [newKey('one'), two])).toEqual([
    expect.stringContaining('another key under the name "one" than'),
  ]);
  expect(await keyProblems(database, [newKey('one'), newKey('two')])).toHaveLength(2);
});

it('keeps nothing of a ring that it refuses: the right key may come under that name', async () => {
  await keyProblems(database, [one]);
  expect(await keyProblems(database, [newKey('two'), newKey('one')])).toHaveLength(1);
  expect(await keyProblems(database, [two, one])).toEqual([]);
});

it('takes no key whose canary was moved, cut or changed', async () => {
  await keyProblems(database, [one, two]);
  const { sealed } = await database.prisma.keyCanary.findUniqueOrThrow({ where: { keyId: 'one' } });
  const changed = Uint8Array.from(sealed, (byte, at) => (at === sealed.length - 1 ? byte ^ 1 : byte));
  const moved = (await database.prisma.keyCanary.findUniqueOrThrow({ where: { keyId: 'two' } })).sealed;
  for (const other of [changed, sealed.slice(0, -1), new Uint8Array(), moved]) {
    await database.prisma.keyCanary.update({ where: { keyId: 'one' }, data: { sealed: other } });
    expect(await keyProblems(database, [one, two])).toEqual([expect.stringContaining('"one"')]);
  }
});
