import { KeyMissing } from '../domain/errors.js';
import type { EncryptionKey } from '../platform/settings.js';
import { type Binding, keyIdOf, openWith, sealWith } from './envelope.js';

/** Seals secrets for the database with the keys of ENCRYPTION_KEY. */
export interface Vault {
  /** The id of the first key of the ring. */
  primaryId: string;
  /** With the first key of the ring. */
  seal(plaintext: string, binding: Binding): Buffer;
  /** @throws SealBroken when the seal was changed or moved; KeyMissing when its key is not in the ring */
  open(sealed: Uint8Array, binding: Binding): string;
  /** The same secret under the first key and a new data key, or undefined when it is under the first key already. */
  reseal(sealed: Uint8Array, binding: Binding): Buffer | undefined;
}

/** @throws RangeError for an empty ring */
export function createVault(ring: readonly EncryptionKey[]): Vault {
  const [primary] = ring;
  if (!primary) throw new RangeError('the ring has no key');
  const keys = new Map(ring.map(({ id, key }) => [id, key]));

  const seal: Vault['seal'] = (plaintext, binding) =>
    sealWith(primary.id, primary.key, Buffer.from(plaintext), binding);

  const open: Vault['open'] = (bytes, binding) => {
    const sealed = Buffer.from(bytes);
    const key = keys.get(keyIdOf(sealed));
    if (!key)
      throw new KeyMissing(`${binding.table} ${binding.row} is sealed with a key that is not in ENCRYPTION_KEY`);
    return openWith(key, sealed, binding).toString();
  };

  return {
    primaryId: primary.id,
    seal,
    open,
    reseal: (sealed, binding) =>
      keyIdOf(Buffer.from(sealed)) === primary.id ? undefined : seal(open(sealed, binding), binding),
  };
}
