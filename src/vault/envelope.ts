/**
 * Envelope encryption of one secret with AES-256-GCM (NIST SP 800-38D). Every seal has a data key and nonces of its own;
 * the data key is wrapped by a key of the ring.
 *
 *     version 1 (1) ‖ length of the key's id (1) ‖ key's id ‖ nonce (12) ‖ wrapped data key (32) ‖ tag (16)
 *                   ‖ nonce (12) ‖ ciphertext ‖ tag (16)
 *
 * 1. A seal opens only where it was made for: both encryptions authenticate the version, the key's id and the binding.
 * 2. A tag has 16 bytes. Node would accept one of 4 bytes by default.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SealBroken } from '../domain/errors.js';

/** Where a secret belongs. Moved anywhere else it does not open. */
export interface Binding {
  table: string;
  row: string;
  user: string;
  broker: string;
  field: string;
}

const VERSION = 1;
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 2;

/** The parts of a message that is encrypted under one key. */
const OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;

export function sealWith(keyId: string, key: Buffer, plaintext: Buffer, binding: Binding): Buffer {
  const dataKey = randomBytes(KEY_BYTES);
  const wrapped = encrypt(key, dataKey, authenticated('key', keyId, binding));
  const content = encrypt(dataKey, plaintext, authenticated('content', keyId, binding));
  dataKey.fill(0);
  return Buffer.concat([headerOf(keyId), wrapped, content]);
}

/** @throws SealBroken */
export function openWith(key: Buffer, sealed: Buffer, binding: Binding): Buffer {
  const keyId = keyIdOf(sealed);
  const body = sealed.subarray(HEADER_BYTES + Buffer.byteLength(keyId));
  const split = KEY_BYTES + OVERHEAD_BYTES;
  try {
    const dataKey = decrypt(key, body.subarray(0, split), authenticated('key', keyId, binding));
    return decrypt(dataKey, body.subarray(split), authenticated('content', keyId, binding));
  } catch (error) {
    throw new SealBroken(`the seal of ${binding.table} ${binding.row} cannot be opened`, { cause: error });
  }
}

/** The key that a seal was made with. @throws SealBroken when it is no seal of a version that is known. */
export function keyIdOf(sealed: Buffer): string {
  const [, length = 0] = sealed;
  const keyId = idInHeader(sealed);
  if (keyId === undefined || sealed.length < HEADER_BYTES + length + KEY_BYTES + 2 * OVERHEAD_BYTES) {
    throw new SealBroken('this is no sealed secret');
  }
  return keyId;
}

/** How every seal under this key begins. */
export function headerOf(keyId: string): Buffer {
  const id = Buffer.from(keyId);
  return Buffer.concat([Buffer.from([VERSION, id.length]), id]);
}

/** The key that the first bytes name, or undefined when no seal begins like that. */
export function idInHeader(bytes: Buffer): string | undefined {
  const [version, length = 0] = bytes;
  if (version !== VERSION || length === 0 || bytes.length < HEADER_BYTES + length) return undefined;
  return bytes.toString('utf8', HEADER_BYTES, HEADER_BYTES + length);
}

function encrypt(key: Buffer, plaintext: Buffer, associated: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, message: Buffer, associated: Buffer): Buffer {
  const nonce = message.subarray(0, NONCE_BYTES);
  const ciphertext = message.subarray(NONCE_BYTES, -TAG_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(associated)
    .setAuthTag(message.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

/** JSON of an array, so that no two bindings are the same text. */
function authenticated(purpose: 'key' | 'content', keyId: string, binding: Binding): Buffer {
  const { table, row, user, broker, field } = binding;
  return Buffer.from(JSON.stringify([VERSION, purpose, keyId, table, row, user, broker, field]));
}
