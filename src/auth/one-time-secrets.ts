/** Secrets that are shown once and kept as hashes. */
import { createHash, randomBytes } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const GROUPS = 6;
const GROUP_LENGTH = 4;

/** 256 random bits for a link. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** 120 random bits in a form to write down, such as `k3fa-22xq-…`. */
export function randomCode(): string {
  const letters = [...randomBytes(GROUPS * GROUP_LENGTH)].map((byte) => BASE32[byte % BASE32.length]);
  const groups = Array.from({ length: GROUPS }, (_, index) =>
    letters.slice(index * GROUP_LENGTH, (index + 1) * GROUP_LENGTH),
  );
  return groups.map((group) => group.join('')).join('-');
}

export const RECOVERY_CODE = /^[a-z2-7]{4}(?:-[a-z2-7]{4}){5}$/;

/** A fast hash is enough: so many random bits cannot be guessed. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
