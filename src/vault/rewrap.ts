/** Brings stored secrets under the first key of ENCRYPTION_KEY while everything else goes on. */
import type pg from 'pg';
import type { EncryptionKey } from '../platform/settings.js';
import { SealBroken } from './envelope.js';
import { SEALED_COLUMNS, type SealedColumn, type SealedRow } from './sealed-columns.js';
import { countByKey, replaceSeal, sealsNotUnder } from './stored-seals.js';
import { createVault, type Vault } from './vault.js';

export interface Rewrapped {
  /** seals that are now under the first key */
  count: number;
  /** seals that are under another key still: written meanwhile, or not to be opened */
  left: number;
  /** `table.column key` of those that do not open: changed, moved, or under a key that is not in the ring */
  unreadable: string[];
}

const TELL_EVERY = 1_000;

/**
 * Every seal is replaced by itself, and only where nobody else has written meanwhile. So it may be broken off and run
 * again, and a second run finds nothing to do. `tell` hears how far it is.
 * @throws RangeError for an empty ring
 */
export async function rewrap(
  pool: pg.Pool,
  ring: readonly EncryptionKey[],
  tell: (line: string) => void,
): Promise<Rewrapped> {
  const vault = createVault(ring);
  const { primaryId: keyId } = vault;
  const result: Rewrapped = { count: 0, left: 0, unreadable: [] };
  for (const column of SEALED_COLUMNS) {
    const name = `${column.table}.${column.column}`;
    const due = await countOthers(pool, column, keyId);
    let done = 0;
    for await (const row of sealsNotUnder(pool, column, keyId)) {
      const sealed = reseal(vault, column, row);
      if (sealed === undefined) result.unreadable.push(`${name} ${row.key}`);
      else if (await replaceSeal(pool, column, row, sealed)) result.count++;
      done++;
      if (done % TELL_EVERY === 0) tell(`${name}: ${done} of ${due}`);
    }
    result.left += await countOthers(pool, column, keyId);
    tell(`${name}: done`);
  }
  return result;
}

function reseal(vault: Vault, column: SealedColumn, row: SealedRow): Buffer | undefined {
  try {
    return vault.reseal(row.sealed, column.bindingOf(row));
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}

async function countOthers(pool: pg.Pool, column: SealedColumn, keyId: string): Promise<number> {
  const counts = [...(await countByKey(pool, column))];
  return counts.filter(([id]) => id !== keyId).reduce((sum, [, count]) => sum + count, 0);
}
