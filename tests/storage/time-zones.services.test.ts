/** B90: time is UTC throughout, whatever time zone a server or a process was given. */
import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { createDatabase } from '../../src/storage/database.js';
import { freshDatabase } from '../support/database.js';

const { TZ } = process.env;
afterEach(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

it.each([
  ['Asia/Kolkata', 'UTC'],
  ['America/New_York', 'Pacific/Kiritimati'],
  ['UTC', 'America/New_York'],
])('B90 a time is read as it was written: database %s, process %s', async (databaseZone, processZone) => {
  const owner = await freshDatabase({ asOwner: true });
  await owner.pool.query(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), '${databaseZone}'); END $$`,
  );
  process.env.TZ = processZone;
  const { prisma, pool, close } = createDatabase(owner.url);
  try {
    const at = new Date('2026-07-01T23:30:00.123Z');
    const id = randomUUID();
    const day = new Date('2026-07-01');
    await prisma.user.create({ data: { id, email: 'a@example.test', passwordHash: '', createdAt: at } });
    expect((await prisma.user.findUniqueOrThrow({ where: { id } })).createdAt).toEqual(at);
    expect(await prisma.user.count({ where: { createdAt: at } })).toBe(1);
    const { rows } = await pool.query('SELECT created_at, created_at::date::text AS day FROM users');
    expect(rows).toEqual([{ created_at: at, day: '2026-07-01' }]);
    const [row] = await prisma.$queryRaw<
      [{ day: Date; at: Date }]
    >`SELECT ${day}::date AS day, created_at AS at FROM users`;
    expect(row).toEqual({ day, at });
  } finally {
    await close();
    await owner.close();
  }
});
