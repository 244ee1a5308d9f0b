/** Whether the keys of ENCRYPTION_KEY are those that this database has been used with. */
import type { PrismaClient } from '../../prisma/generated/client.js';
import { SealBroken } from '../domain/errors.js';
import type { EncryptionKey } from '../platform/settings.js';
import { ofCanary } from './bindings.js';
import { openWith, sealWith } from './envelope.js';

const CANARY = Buffer.from('sings');

/** A key that is new here leaves a canary, which it must open at every start from then on. */
export async function leaveCanaries(prisma: PrismaClient, ring: readonly EncryptionKey[]): Promise<void> {
  const data = ring.map(({ id, key }) => ({
    keyId: id,
    sealed: new Uint8Array(sealWith(id, key, CANARY, ofCanary(id))),
  }));
  await prisma.keyCanary.createMany({ data, skipDuplicates: true });
}

/** The ids under which the ring has another key than the one that left its canary here. */
export async function falseKeys(prisma: PrismaClient, ring: readonly EncryptionKey[]): Promise<string[]> {
  const canaries = await prisma.keyCanary.findMany({ where: { keyId: { in: ring.map(({ id }) => id) } } });
  const silent = canaries.filter(({ keyId, sealed }) => !ring.some((key) => key.id === keyId && opens(key, sealed)));
  return silent.map(({ keyId }) => keyId);
}

function opens({ id, key }: EncryptionKey, sealed: Uint8Array): boolean {
  try {
    return openWith(key, Buffer.from(sealed), ofCanary(id)).equals(CANARY);
  } catch (error) {
    if (error instanceof SealBroken) return false;
    throw error;
  }
}
