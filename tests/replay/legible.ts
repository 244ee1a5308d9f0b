import type { Payload } from '@temporalio/common';
import { isEncrypted } from '../../src/temporal/payload-encryption.js';
import { dataConverter } from '../support/encryption.js';
import type { Run } from '../support/runs.js';

/** The run with its payloads as they were before they were encrypted: who replays a recording needs no key. */
export async function legible(run: Run): Promise<Run> {
  return (await decrypted(run)) as Run;
}

async function decrypted(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(decrypted));
  // Bytes and the wire's 64-bit integers are values, not containers.
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || 'unsigned' in value) return value;
  if ('metadata' in value && isEncrypted(value as Payload)) return decoded(value as Payload);
  const entries = await Promise.all(Object.entries(value).map(async ([key, part]) => [key, await decrypted(part)]));
  return Object.fromEntries(entries);
}

async function decoded(payload: Payload): Promise<Payload | undefined> {
  let payloads = [payload];
  for (const codec of [...(dataConverter.payloadCodecs ?? [])].reverse()) payloads = await codec.decode(payloads);
  return payloads[0];
}
