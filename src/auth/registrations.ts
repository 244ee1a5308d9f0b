/**
 * Registrations. There is no account before its address is confirmed, by the link in a mail or by an administrator: nobody
 * can use, or prepare for later, an account in the name of somebody else's address. Each registration keeps the password that
 * it came with, so that a link makes the account of the person who asked for it, whoever else registered the same address.
 */
import { randomUUID } from 'node:crypto';
import type { Prisma, PrismaClient, Registration } from '../../prisma/generated/client.js';
import { type Origin, recordAudit } from '../storage/audit.js';
import { normalizedEmail } from './accounts.js';
import type { Role } from './caller.js';
import { hashOf, randomToken } from './one-time-secrets.js';
import type { Passwords } from './passwords.js';

const LIFETIME_MS = 7 * 86_400_000;

export interface Registrations {
  /**
   * Neither the answer nor its time shows whether the address has an account already. Returns the token for the link;
   * undefined if there is an account.
   */
  begin(email: string, password: string, by: { now: Date; from: Origin }): Promise<string | undefined>;
  /** Makes the account. Returns false if the token was used, has expired, or the address has an account by now. */
  confirm(token: string, by: { now: Date; from: Origin }): Promise<boolean>;
  /** The same for an administrator. */
  confirmById(id: string, by: { now: Date; from: Origin; actor: string }): Promise<boolean>;
  /** Those that wait, the newest first. */
  list(now: Date, most: number): Promise<Registration[]>;
  deleteExpired(now: Date): Promise<void>;
}

export function createRegistrations(prisma: PrismaClient, passwords: Passwords): Registrations {
  return {
    begin: async (address, password, { now, from }) => {
      const email = normalizedEmail(address);
      // Hashed before the address is looked up, and the same row either way, so that the time shows nothing.
      const passwordHash = await passwords.hash(password);
      const token = randomToken();
      const id = randomUUID();
      return prisma.$transaction(async (database) => {
        const isTaken = (await database.user.count({ where: { email } })) > 0;
        const expiresAt = new Date(now.getTime() + (isTaken ? 0 : LIFETIME_MS));
        const data = { id, email, passwordHash, tokenHash: hashOf(token), address: from.address, expiresAt };
        await database.registration.create({ data });
        const action = isTaken ? 'user_registration_repeated' : 'user_registration_requested';
        await recordAudit(database, { actor: 'unknown', action, subject: id, from });
        return isTaken ? undefined : token;
      });
    },
    confirm: (token, { now, from }) =>
      prisma.$transaction((database) => {
        return makeAccount(database, { tokenHash: hashOf(token), expiresAt: { gt: now } }, { actor: 'unknown', from });
      }),
    confirmById: (id, { now, ...by }) =>
      prisma.$transaction((database) => makeAccount(database, { id, expiresAt: { gt: now } }, by)),
    list: (now, most) =>
      prisma.registration.findMany({ where: { expiresAt: { gt: now } }, orderBy: { createdAt: 'desc' }, take: most }),
    deleteExpired: async (now) => {
      await prisma.registration.deleteMany({ where: { expiresAt: { lte: now } } });
    },
  };
}

async function makeAccount(
  database: Prisma.TransactionClient,
  where: Prisma.RegistrationWhereInput,
  by: { actor: string; from: Origin },
): Promise<boolean> {
  const registration = await database.registration.findFirst({ where });
  if (!registration) return false;
  const { id: registered, email, passwordHash } = registration;
  const id = randomUUID();
  const user = { id, email, passwordHash, role: 'standard' satisfies Role };
  // Of two at once, the database accepts one.
  const { count } = await database.user.createMany({ data: user, skipDuplicates: true });
  await database.registration.deleteMany({ where: { email } });
  if (count === 0) return false;
  await recordAudit(database, { ...by, action: 'user_created', subject: id, detail: { registration: registered } });
  return true;
}
