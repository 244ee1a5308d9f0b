/** Brings stored secrets under the first key of ENCRYPTION_KEY while everything else goes on. */
import type pg from 'pg';
import { SealBroken } from '../domain/errors.js';
import type { EncryptionKey } from '../platform/settings.js';
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

/**
 * Every seal is replaced by itself, and only where nobody else has written meanwhile. So it may be broken off and run
 * again, and a second run finds nothing to do. `report` gets the progress.
 * @throws RangeError for an empty ring
 */
export async function rewrap(
  pool: pg.Pool,
  ring: readonly EncryptionKey[],
  report: (line: string) => void,
): Promise<Rewrapped> {
  const vault = createVault(ring);
  const { primaryId: keyId } = vault;
  const result: Rewrapped = { count: 0, left: 0, unreadable: [] };
  for (const column of SEALED_COLUMNS) {
    const name = `${column.table}.${column.column}`;
    const due = await countOthers(pool, column, keyId);
    let done = 0;
    for await (const rows of sealsNotUnder(pool, column, keyId)) {
      const outcomes = await Promise.all(rows.map((row) => rewrapOne(pool, vault, column, row)));
      result.count += outcomes.filter((outcome) => outcome === 'rewrapped').length;
      const unreadable = rows.filter((_, index) => outcomes[index] === 'unreadable');
      result.unreadable.push(...unreadable.map(({ key }) => `${name} ${key}`));
      done += rows.length;
      report(`${name}: ${done} of ${due}`);
    }
    result.left += await countOthers(pool, column, keyId);
  }
  return result;
}

async function rewrapOne(
  pool: pg.Pool,
  vault: Vault,
  column: SealedColumn,
  row: SealedRow,
): Promise<'rewrapped' | 'written by somebody else' | 'unreadable'> {
  const sealed = reseal(vault, column, row);
  if (sealed === undefined) return 'unreadable';
  return (await replaceSeal(pool, column, row, sealed)) ? 'rewrapped' : 'written by somebody else';
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
