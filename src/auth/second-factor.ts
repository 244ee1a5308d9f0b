/**
 * One-time codes of an authenticator (TOTP, RFC 6238: six digits, 30 seconds, HMAC-SHA-1, which is what all
 * authenticators take) and the recovery codes that stand in for it.
 */
import { Secret, TOTP } from 'otpauth';
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { UserId } from '../domain/ids.js';
import { ofAuthenticator } from '../vault/bindings.js';
import type { Vault } from '../vault/vault.js';
import { claimCredentials, type ReadUser } from './credential-version.js';
import { hashOf, RECOVERY_CODE, randomCode } from './one-time-secrets.js';
import { endSessions } from './sessions.js';

const ISSUER = 'Arbion';
const PERIOD_S = 30;
/** How many periods a clock may be off, either way. */
const TOLERATED_PERIODS = 1;
const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
/** A secret that is not confirmed expires after this time. */
const PENDING_MS = 10 * 60_000;

/** Each change throws Refused `conflict` when the user was changed since it was read. */
export interface SecondFactor {
  isOn(userId: UserId): Promise<boolean>;
  /** A new secret for the authenticator; it takes effect once `confirm` has received a code of it. */
  begin(user: ReadUser & { email: string }, now: Date): Promise<{ secret: string; uri: string }>;
  /**
   * Activates the new secret in place of an old one and ends every session, including any that is being started without a
   * code. Returns new recovery codes, or undefined for a wrong code.
   */
  confirm(user: ReadUser, code: string, now: Date): Promise<string[] | undefined>;
  /** Which kind of code it is, if it is right. That uses up the code, from the authenticator or a recovery code. */
  take(userId: UserId, code: string, now: Date): Promise<'totp' | 'recovery-code' | undefined>;
  /** Replaces the recovery codes; the old ones are invalid afterwards. */
  renewRecoveryCodes(user: ReadUser): Promise<string[]>;
  countRecoveryCodes(userId: UserId): Promise<number>;
  turnOff(user: ReadUser): Promise<void>;
}

export function createSecondFactor(prisma: PrismaClient, vault: Vault): SecondFactor {
  const find = (userId: UserId) => prisma.totpSecret.findUnique({ where: { userId } });

  async function takeTotp(userId: UserId, code: string, now: Date): Promise<boolean> {
    const stored = await find(userId);
    if (!stored?.sealed) return false;
    const step = stepOf(vault.open(stored.sealed, ofAuthenticator(userId)), code, now);
    if (step === undefined) return false;
    const where = { userId, lastStep: { lt: step } };
    return (await prisma.totpSecret.updateMany({ where, data: { lastStep: step } })).count === 1;
  }

  return {
    isOn: async (userId) => Boolean((await find(userId))?.sealed),

    begin: async (user, now) => {
      const userId = user.id as UserId;
      const secret = new Secret({ size: SECRET_BYTES });
      const pending = Buffer.from(vault.seal(secret.base32, ofAuthenticator(userId)));
      const next = { pending, pendingAt: now };
      await prisma.$transaction(async (database) => {
        await claimCredentials(database, user);
        await database.totpSecret.upsert({ where: { userId }, create: { userId, ...next }, update: next });
      });
      return { secret: secret.base32, uri: totpOf(secret.base32, user.email).toString() };
    },

    confirm: async (user, code, now) => {
      const userId = user.id as UserId;
      const stored = await find(userId);
      if (!stored?.pending || !stored.pendingAt || now.getTime() - stored.pendingAt.getTime() > PENDING_MS) {
        return undefined;
      }
      const step = stepOf(vault.open(stored.pending, ofAuthenticator(userId)), code, now);
      if (step === undefined) return undefined;
      const codes = newCodes();
      await prisma.$transaction(async (database) => {
        await claimCredentials(database, user);
        const data = { sealed: stored.pending, pending: null, pendingAt: null, lastStep: step };
        await database.totpSecret.update({ where: { userId }, data });
        await storeCodes(database, userId, codes);
        await endSessions(database, userId);
      });
      return codes;
    },

    take: async (userId, code, now) => {
      if (!RECOVERY_CODE.test(code)) return (await takeTotp(userId, code, now)) ? 'totp' : undefined;
      const { count } = await prisma.recoveryCode.deleteMany({ where: { codeHash: hashOf(code), userId } });
      return count === 1 ? 'recovery-code' : undefined;
    },

    renewRecoveryCodes: async (user) => {
      const codes = newCodes();
      await prisma.$transaction(async (database) => {
        await claimCredentials(database, user);
        await storeCodes(database, user.id, codes);
      });
      return codes;
    },

    countRecoveryCodes: (userId) => prisma.recoveryCode.count({ where: { userId } }),

    turnOff: async (user) => {
      await prisma.$transaction(async (database) => {
        await claimCredentials(database, user);
        await database.totpSecret.deleteMany({ where: { userId: user.id } });
        await database.recoveryCode.deleteMany({ where: { userId: user.id } });
      });
    },
  };
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), digits: 6, period: PERIOD_S });
}

/** The time step of the code, if it is right at about this time. */
function stepOf(secret: string, code: string, now: Date): number | undefined {
  const totp = totpOf(secret, '');
  const timestamp = now.getTime();
  const delta = totp.validate({ token: code, timestamp, window: TOLERATED_PERIODS });
  return delta === null ? undefined : totp.counter({ timestamp }) + delta;
}

function newCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, randomCode);
}

async function storeCodes(
  database: Pick<PrismaClient, 'recoveryCode'>,
  userId: string,
  codes: readonly string[],
): Promise<void> {
  await database.recoveryCode.deleteMany({ where: { userId } });
  await database.recoveryCode.createMany({ data: codes.map((code) => ({ userId, codeHash: hashOf(code) })) });
}
