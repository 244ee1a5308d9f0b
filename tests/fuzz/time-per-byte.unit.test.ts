import { expect, test } from 'vitest';
import { pumpsOf } from './pumps.js';
import { isSuperLinear, tableOf } from './time-per-byte.js';

const growth = (...ms: number[]) => ({ route: 'POST /x', where: 'body', text: 'quotes|', bytes: 65_536, ms });

test('T54 what took the time of the square of its length is found, and what took its own is not', () => {
  // Quotes behind backslashes, as they were once read.
  expect(isSuperLinear(growth(60, 252, 1_072, 4_777))).toBe(true);
  expect(isSuperLinear(growth(2, 4, 16, 64))).toBe(true);
  expect(isSuperLinear(growth(10, 20, 40, 80))).toBe(false);
  expect(isSuperLinear(growth(40, 42, 46, 54))).toBe(false);
  expect(isSuperLinear(growth(5, 5, 5, 12))).toBe(false);
  expect(tableOf([growth(1, 2, 4, 8)])).toContain(
    '| POST /x | body | quotes¦ | 65536 | 1.0 2.0 4.0 8.0 | 122 122 122 122 |',
  );
});

test('texts by chance are the same for the same seed', () => {
  const namesOf = (seed: number) => [...pumpsOf(seed, 5, 'body').keys()];
  expect(namesOf(7)).toEqual(namesOf(7));
  expect(namesOf(7)).not.toEqual(namesOf(8));
  for (const pump of pumpsOf(7, 5, 'head').values()) expect(pump(1_000)).toMatch(/^[\x20-\x7e]{900,1100}$/);
});
