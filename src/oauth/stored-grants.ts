/** All credentials that are stored: whether our keys open them, and how they come under a new key. */
import type { PrismaClient } from '../../prisma/generated/client.js';
import { type Connection, connectionsAfter, storeResealed } from '../storage/connections.js';
import { SealBroken } from '../vault/envelope.js';
import type { Vault } from '../vault/vault.js';
import { bindingOf } from './grant.js';

/** @throws Error when one cannot be opened: better not to start than to find out with a trade open. */
export async function assertGrantsReadable(prisma: PrismaClient, vault: Vault): Promise<void> {
  for await (const { connection, sealed } of storedGrants(prisma)) {
    try {
      vault.open(sealed, bindingOf(connection));
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      const what = `The credential of connection ${connection.id} cannot be decrypted: ${error.message}.`;
      throw new Error(`${what} Add the key that it was sealed with to ENCRYPTION_KEY.`, { cause: error });
    }
  }
}

/**
 * Seals anew, under the first key of the ring, whatever is under another, and answers how many that were. May be broken
 * off and run again; a key may leave the ring after a run that found nothing.
 */
export async function resealGrants(prisma: PrismaClient, vault: Vault): Promise<number> {
  let count = 0;
  for await (const { connection, sealed } of storedGrants(prisma)) {
    const resealed = vault.reseal(sealed, bindingOf(connection));
    if (resealed && (await storeResealed(prisma, connection, Buffer.from(resealed)))) count++;
  }
  return count;
}

async function* storedGrants(prisma: PrismaClient): AsyncGenerator<{ connection: Connection; sealed: Uint8Array }> {
  let page: Connection[];
  let after: string | undefined;
  do {
    page = await connectionsAfter(prisma, after);
    for (const connection of page) {
      if (connection.sealed !== null) yield { connection, sealed: connection.sealed };
    }
    after = page.at(-1)?.id;
  } while (page.length > 0);
}
