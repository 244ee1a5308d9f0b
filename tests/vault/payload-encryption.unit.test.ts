import { randomBytes } from 'node:crypto';
import type { Payload, SerializationContext } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDataConverter } from '../../src/temporal/data-converter.js';
import { payloadEncryption, UnknownKey } from '../../src/temporal/payload-encryption.js';

const key = (id: string) => ({ id, key: randomBytes(32) });
const [k1, k2] = [key('k1'), key('k2')];
const codec = payloadEncryption([k1]);
const trade = workflow('trade-1');

function workflow(workflowId: string): SerializationContext {
  return { type: 'workflow', namespace: 'default', workflowId };
}

function json(value: unknown): Payload {
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(value)) };
}

async function encoded(payload: Payload, ring = [k1], context: SerializationContext | undefined = trade) {
  const [result] = await payloadEncryption(ring).encode([payload], context);
  if (!result) throw new Error('a payload was lost');
  return result;
}

/** What a worker with this ring reads, or null where it believes nothing. */
async function read(payload: Payload, ring = [k1], context: SerializationContext | undefined = trade) {
  let payloads = [payload];
  for (const part of [...(createDataConverter(ring).payloadCodecs ?? [])].reverse()) {
    payloads = await part.decode(payloads, context);
  }
  const { metadata, data } = payloads[0] ?? {};
  if (Buffer.from(metadata?.encoding ?? []).toString() === 'binary/null') return null;
  return JSON.parse(Buffer.from(data ?? []).toString()) as unknown;
}

describe('an encrypted payload', () => {
  it('is read as what it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        expect(await read(await encoded(json({ value })))).toEqual(JSON.parse(JSON.stringify({ value })));
      }),
    );
  });

  it('shows nothing of what it holds but its key and its workflow, and is another each time', async () => {
    const payloads = await Promise.all(Array.from({ length: 1_000 }, () => encoded(json('canary-0123456789'))));
    const texts = payloads.map(({ data }) => Buffer.from(data ?? []).toString('latin1'));
    expect(texts.some((text) => text.includes('canary') || text.includes('json'))).toBe(false);
    expect(new Set(texts.map((text) => text.slice(0, 32))).size).toBe(1_000);
    expect(new Set(texts.map((text) => text.slice(32, 48))).size).toBe(1_000);
    const [{ metadata } = {}] = payloads;
    const facts = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString()]);
    expect(Object.fromEntries(facts)).toEqual({
      encoding: 'binary/encrypted',
      'encryption-key-id': 'k1',
      'workflow-id': 'trade-1',
      place: 'workflow',
    });
  });

  it('T20 T29 is nothing in another workflow, nor when it says that it belongs there', async () => {
    const payload = await encoded(json('close'));
    expect(await read(payload, [k1], workflow('trade-2'))).toBeNull();
    const relabelled = { ...payload, metadata: { ...payload.metadata, 'workflow-id': Buffer.from('trade-2') } };
    expect(await read(relabelled, [k1], workflow('trade-2'))).toBeNull();
    const [forNone = {}] = await codec.encode([json('close')]);
    expect(await read(forNone)).toBeNull();
    const unbound = { ...payload, metadata: { ...payload.metadata, 'workflow-id': Buffer.from('') } };
    expect(await read(unbound, [k1], workflow('trade-2'))).toBeNull();
  });

  it('T77 is nothing at another place of its workflow', async () => {
    const activity = (activityId: string): SerializationContext => ({
      ...{ type: 'activity', namespace: 'default', workflowId: 'trade-1', activityId, isLocal: false },
    });
    const answer = await encoded(json('filled'), [k1], activity('7'));
    expect(await read(answer, [k1], activity('7'))).toBe('filled');
    expect(await read(answer, [k1], activity('8'))).toBeNull();
    expect(await read(answer, [k1], trade)).toBeNull();
    expect(await read(await encoded(json('close')), [k1], activity('7'))).toBeNull();
  });

  it('T77 is marked, and nothing else is', async () => {
    const [ours = {}] = await codec.decode([await encoded(json({ a: 1 }))], trade);
    expect(Object.keys(ours.metadata ?? {})).toContain('arbion-sealed');
    const { metadata } = json({ a: 1 });
    const forged = { ...json({ a: 1 }), metadata: { ...metadata, 'arbion-sealed': Buffer.from('yes') } };
    const [theirs = {}] = await codec.decode([forged], trade);
    expect(Object.keys(theirs.metadata ?? {})).toEqual(['encoding']);
  });

  it('T19 is nothing after any of 10,000 changes, or cut', async () => {
    const payload = await encoded(json({ symbol: 'AAPL', quantity: '10' }));
    const bytes = Buffer.from(payload.data ?? []);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ change;
        expect(await read({ ...payload, data: changed })).toBeNull();
      }),
      { numRuns: 10_000 },
    );
    for (let length = 0; length < bytes.length; length++) {
      expect(await read({ ...payload, data: bytes.subarray(0, length) })).toBeNull();
    }
  });

  it('is nothing under another key of the same name', async () => {
    expect(await read(await encoded(json(1)), [key('k1')])).toBeNull();
  });
});

describe('a ring', () => {
  it('reads with every key, and writes with the first', async () => {
    const old = await encoded(json('old'));
    expect(await read(old, [k2, k1])).toBe('old');
    expect(await read(await encoded(json('new'), [k2, k1]), [k2])).toBe('new');
  });

  it('that lacks a key of this installation does not read on as if nothing were there', async () => {
    const isOurs = async (id: string) => id === 'k2';
    const reading = payloadEncryption([k1], isOurs).decode([await encoded(json('new'), [k2])], trade);
    await expect(reading).rejects.toThrow(UnknownKey);
  });

  it('T29 waits for no key that was never here', async () => {
    expect(await read(await encoded(json('forged'), [k2]))).toBeNull();
  });

  it('has a key', () => {
    expect(() => payloadEncryption([])).toThrow(RangeError);
  });
});

it('reads what was written before payloads were encrypted, and what clients without a key send', async () => {
  expect(await read(json({ quantity: '10' }))).toEqual({ quantity: '10' });
  expect(await codec.decode([{}], trade)).toEqual([{}]);
});
