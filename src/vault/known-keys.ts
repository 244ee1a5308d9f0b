import type { PrismaClient } from '../../prisma/generated/client.js';

/** Made-up names, however many, cost one look at the database a second. */
const REST_MS = 1_000;

/** Whether a key of a name was ever used here: each key leaves a canary before anything is under it. */
export function knownKeys(prisma: PrismaClient): (keyId: string) => Promise<boolean> {
  let known = new Set<string>();
  let reading: Promise<void> | undefined;

  async function readSoon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    reading = undefined;
    known = new Set((await prisma.keyCanary.findMany({ select: { keyId: true } })).map(({ keyId }) => keyId));
  }

  return async (keyId) => {
    if (known.has(keyId)) return true;
    // Read after the question was asked: the key may be a new one of another process.
    reading ??= readSoon();
    await reading;
    return known.has(keyId);
  };
}
