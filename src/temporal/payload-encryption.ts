/**
 * Encrypts what workflows carry: Temporal's database, its console and whoever reads either see nothing but noise.
 *
 *     metadata   encoding: binary/encrypted, encryption-key-id, workflow-id, place
 *     data       salt (32) ‖ ciphertext of the payload's protobuf message ‖ tag (16)
 *
 * 1. AES-256-GCM (NIST SP 800-38D). The key and the nonce of each payload are derived (HKDF-SHA256, RFC 5869) from a key of
 *    ENCRYPTION_KEY and the salt: there are far more payloads than random nonces under one key are good for, and nothing
 *    that the vault sealed is ever under the same key.
 * 2. A payload opens only in the workflow that it was made for: moved into another it is as good as changed. One that names
 *    no workflow opens only where nobody asks for one.
 * 3. It opens only at its place there: what an activity was given or answered is nothing as a message of the workflow, or in
 *    another activity. What was encrypted before 2026-12 names no place, and opens anywhere in its workflow.
 * 4. What is not encrypted is taken as it is. What was is marked, and only that counts where it matters (src/domain/sealed.ts).
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { EncryptionKey } from '../platform/settings.js';

/**
 * This process lacks a key of this installation, which another process has encrypted with. Waiting is right: to go on without
 * what the payload says would not be. A key that was never ours is not waited for.
 */
export class UnknownKey extends Error {
  override readonly name = 'UnknownKey';
}

const { Payload: message } = proto.temporal.api.common.v1;

const ENCODING = 'binary/encrypted';
/** Marks what was encrypted with a key of ours (workflows/payload-converter.cjs). */
const SEALED = 'arbion-sealed';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const SALT_BYTES = 32;
const TAG_BYTES = 16;

/** Whether a key of this name was ever used in this installation. */
export type KnownKeys = (keyId: string) => Promise<boolean>;

/** Where the ring has every key that was ever used. */
const noOther: KnownKeys = async () => false;

/** `isOurs`: whether a key that is not in the ring was ever used here. @throws RangeError for an empty ring */
export function payloadEncryption(ring: readonly EncryptionKey[], isOurs: KnownKeys = noOther): PayloadCodec {
  // A key object is derived from in half the time of its bytes.
  const keys = new Map(ring.map(({ id, key }) => [id, createSecretKey(key)]));
  const [primary] = keys;
  if (!primary) throw new RangeError('the ring has no key');

  return {
    encode: async (payloads, context) =>
      payloads.map((payload) =>
        encrypt(payload, primary, { workflowId: context?.workflowId ?? '', place: placeOf(context) }),
      ),
    decode: (payloads, context) => Promise.all(payloads.map((payload) => decrypt(payload, context))),
  };

  /** What was changed, moved or never ours stays as it came, for whoever reads it to refuse. @throws UnknownKey */
  async function decrypt(payload: Payload, context: SerializationContext | undefined): Promise<Payload> {
    if (!isEncrypted(payload)) return unmarked(payload);
    const keyId = fact(payload, 'encryption-key-id');
    const home = { workflowId: fact(payload, 'workflow-id'), place: fact(payload, 'place') };
    if (context && !isAtHome(home, context)) return payload;
    const key = keys.get(keyId);
    if (key) return opened(payload, key, authenticated(keyId, home)) ?? payload;
    if (!(await isOurs(keyId))) return payload;
    throw new UnknownKey(`a payload is encrypted with the key "${keyId}", which is not in ENCRYPTION_KEY`);
  }
}

export function isEncrypted(payload: Payload): boolean {
  return fact(payload, 'encoding') === ENCODING;
}

/** Where a payload belongs. `place` is empty in what was encrypted before places were. */
interface Home {
  workflowId: string;
  place: string;
}

/** The workflow's own, or one of its activities'. A person who only reads gives no context. */
function placeOf(context: SerializationContext | undefined): string {
  return context?.type === 'activity' ? `activity ${context.activityId ?? ''}` : 'workflow';
}

function isAtHome({ workflowId, place }: Home, context: SerializationContext): boolean {
  return workflowId === context.workflowId && (place === '' || place === placeOf(context));
}

function encrypt(payload: Payload, [id, key]: [string, KeyObject], home: Home): Payload {
  const salt = randomBytes(SALT_BYTES);
  const derived = derive(key, salt);
  const cipher = createCipheriv(ALGORITHM, derived.key, derived.nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticated(id, home));
  const ciphertext = cipher.update(message.encode(payload).finish());
  return {
    metadata: {
      encoding: Buffer.from(ENCODING),
      'encryption-key-id': Buffer.from(id),
      'workflow-id': Buffer.from(home.workflowId),
      place: Buffer.from(home.place),
    },
    data: Buffer.concat([salt, ciphertext, cipher.final(), cipher.getAuthTag()]),
  };
}

function opened({ data }: Payload, key: KeyObject, associated: Buffer): Payload | undefined {
  const bytes = Buffer.from(data ?? []);
  if (bytes.length < SALT_BYTES + TAG_BYTES) return undefined;
  const derived = derive(key, bytes.subarray(0, SALT_BYTES));
  const decipher = createDecipheriv(ALGORITHM, derived.key, derived.nonce, { authTagLength: TAG_BYTES })
    .setAAD(associated)
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const plaintext = [decipher.update(bytes.subarray(SALT_BYTES, -TAG_BYTES)), decipher.final()];
    const { metadata, data: content } = message.decode(Buffer.concat(plaintext));
    return { metadata: { ...metadata, [SEALED]: Buffer.from('yes') }, data: content };
  } catch {
    return undefined;
  }
}

function derive(key: KeyObject, salt: Buffer): { key: Buffer; nonce: Buffer } {
  const bytes = Buffer.from(hkdfSync('sha256', key, salt, 'arbion workflow payload', KEY_BYTES + NONCE_BYTES));
  return { key: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES) };
}

/** Nobody else may mark a payload. */
function unmarked(payload: Payload): Payload {
  if (payload.metadata?.[SEALED] === undefined) return payload;
  const { [SEALED]: _, ...metadata } = payload.metadata;
  return { ...payload, metadata };
}

/** JSON of an array, so that no two are the same text. */
function authenticated(keyId: string, { workflowId, place }: Home): Buffer {
  return Buffer.from(JSON.stringify(place === '' ? [1, keyId, workflowId] : [2, keyId, workflowId, place]));
}

function fact({ metadata }: Payload, name: string): string {
  return Buffer.from(metadata?.[name] ?? []).toString();
}
