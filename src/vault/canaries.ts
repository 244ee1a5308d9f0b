/** Whether the keys of ENCRYPTION_KEY are those that this database has been used with. */
import type { PrismaClient } from '../../prisma/generated/client.js';
import type { EncryptionKey } from '../platform/settings.js';
import { type Binding, openWith, SealBroken, sealWith } from './envelope.js';

const CANARY = Buffer.from('sings');

/**
 * A key that is new here leaves a canary, which it must open at every start from then on. Another key of the same id would
 * read every credential and every workflow as nothing.
 * @throws Error naming every key that is not the one of its id
 */
export async function assertKeysGenuine(prisma: PrismaClient, ring: readonly EncryptionKey[]): Promise<void> {
  const data = ring.map(({ id, key }) => ({
    keyId: id,
    sealed: new Uint8Array(sealWith(id, key, CANARY, bindingOf(id))),
  }));
  await prisma.keyCanary.createMany({ data, skipDuplicates: true });
  const canaries = await prisma.keyCanary.findMany({ where: { keyId: { in: ring.map(({ id }) => id) } } });
  const wrong = canaries.filter(({ keyId, sealed }) => !ring.some((key) => key.id === keyId && opens(key, sealed)));
  if (wrong.length === 0) return;
  const names = wrong.map(({ keyId }) => `"${keyId}"`).join(', ');
  throw new Error(
    `ENCRYPTION_KEY has another key under the name ${names} than the one that this database was used with. Put the old key back; a new key needs a name of its own.`,
  );
}

function opens({ id, key }: EncryptionKey, sealed: Uint8Array): boolean {
  try {
    return openWith(key, Buffer.from(sealed), bindingOf(id)).equals(CANARY);
  } catch (error) {
    if (error instanceof SealBroken) return false;
    throw error;
  }
}

function bindingOf(keyId: string): Binding {
  return { table: 'key_canaries', row: keyId, user: '', broker: '', field: 'sealed' };
}
