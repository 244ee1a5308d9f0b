import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SealBroken } from '../../src/domain/errors.js';
import type { Binding } from '../../src/vault/envelope.js';
import { createVault } from '../../src/vault/vault.js';

const key = (id: string) => ({ id, key: randomBytes(32) });
const [k1, k2] = [key('k1'), key('k2')];
const vault = createVault([k1]);
const binding: Binding = { table: 'connections', row: 'r1', user: 'u1', broker: 'schwab', field: 'credential' };

describe('a vault', () => {
  it('opens what it sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        expect(vault.open(vault.seal(secret, binding), binding)).toBe(secret);
      }),
    );
  });

  it('seals the same secret differently each time, and shows nothing of it', () => {
    const seals = Array.from({ length: 1_000 }, () => vault.seal('canary-0123456789', binding).toString('latin1'));
    expect(new Set(seals).size).toBe(1_000);
    expect(seals.some((seal) => seal.includes('canary'))).toBe(false);
    // version, id, then the nonce: no two seals share one, nor the wrapped data key after it
    expect(new Set(seals.map((seal) => seal.slice(4, 16))).size).toBe(1_000);
    expect(new Set(seals.map((seal) => seal.slice(16, 48))).size).toBe(1_000);
  });

  it.each(Object.keys(binding))('does not open a seal that was moved to another %s', (part) => {
    const sealed = vault.seal('secret', binding);
    expect(() => vault.open(sealed, { ...binding, [part]: 'other' })).toThrow(SealBroken);
  });

  it('does not open a seal whose binding only reads the same', () => {
    const sealed = vault.seal('secret', { ...binding, table: 'a', row: 'b,c' });
    expect(() => vault.open(sealed, { ...binding, table: 'a,b', row: 'c' })).toThrow(SealBroken);
  });

  it('T19 accepts none of 10,000 changes', () => {
    const sealed = vault.seal('a secret of some length', binding);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ change;
        expect(() => vault.open(changed, binding)).toThrow(SealBroken);
      }),
      { numRuns: 10_000 },
    );
  });

  it('T19 opens no seal that was cut or lengthened: a tag of 4 bytes is none', () => {
    const sealed = vault.seal('secret', binding);
    for (let length = 0; length < sealed.length; length++) {
      expect(() => vault.open(sealed.subarray(0, length), binding)).toThrow(SealBroken);
    }
    expect(() => vault.open(Buffer.concat([sealed, Buffer.alloc(1)]), binding)).toThrow(SealBroken);
  });
});

describe('a ring', () => {
  it('opens with every key, and seals with the first', () => {
    const old = vault.seal('secret', binding);
    const both = createVault([k2, k1]);
    expect(both.open(old, binding)).toBe('secret');
    const resealed = both.reseal(old, binding);
    if (!resealed) throw new Error('it was not sealed anew');
    expect(createVault([k2]).open(resealed, binding)).toBe('secret');
    expect(both.reseal(resealed, binding)).toBeUndefined();
  });

  it('does not open what a key outside of it sealed, even one of the same id', () => {
    const sealed = vault.seal('secret', binding);
    expect(() => createVault([k2]).open(sealed, binding)).toThrow(SealBroken);
    expect(() => createVault([key('k1')]).open(sealed, binding)).toThrow(SealBroken);
  });

  it('has a key', () => {
    expect(() => createVault([])).toThrow(RangeError);
  });
});
