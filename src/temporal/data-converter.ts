import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { EncryptionKey } from '../platform/settings.js';
import { legiblePayloads } from './legible-payloads.js';
import { type KnownKeys, payloadEncryption } from './payload-encryption.js';

/** Bundled with the workflows as well (src/worker/workflow-bundle.ts). */
const failureConverterPath = fileURLToPath(new URL('../../workflows/failure-converter.cjs', import.meta.url));
const payloadConverterPath = fileURLToPath(new URL('../../workflows/payload-converter.cjs', import.meta.url));

/**
 * How every client and every worker reads and writes payloads and failures. `ring` is ENCRYPTION_KEY; a key that is not in it
 * is waited for when it `isOurs`.
 */
export function createDataConverter(ring: readonly EncryptionKey[], isOurs?: KnownKeys): DataConverter {
  // Payloads come in through the last one first.
  return {
    payloadCodecs: [legiblePayloads, payloadEncryption(ring, isOurs)],
    payloadConverterPath,
    failureConverterPath,
  };
}
