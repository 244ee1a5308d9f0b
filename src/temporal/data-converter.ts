import type { DataConverter } from '@temporalio/common';
import type { EncryptionKey } from '../platform/settings.js';
import { legiblePayloads } from './legible-payloads.js';
import { payloadEncryption } from './payload-encryption.js';

/** How every client and every worker reads and writes payloads; `ring` is ENCRYPTION_KEY. */
export function createDataConverter(ring: readonly EncryptionKey[]): DataConverter {
  // Payloads come in through the last one first.
  return { payloadCodecs: [legiblePayloads, payloadEncryption(ring)] };
}
