import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { EncryptionKey } from '../platform/settings.js';
import { legiblePayloads } from './legible-payloads.js';
import { payloadEncryption } from './payload-encryption.js';

/** Bundled with the workflows as well (src/worker/workflow-bundle.ts). */
const failureConverterPath = fileURLToPath(new URL('../../workflows/failure-converter.cjs', import.meta.url));

/** How every client and every worker reads and writes payloads and failures; `ring` is ENCRYPTION_KEY. */
export function createDataConverter(ring: readonly EncryptionKey[]): DataConverter {
  // Payloads come in through the last one first.
  return { payloadCodecs: [legiblePayloads, payloadEncryption(ring)], failureConverterPath };
}
