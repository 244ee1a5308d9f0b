import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { typeScriptFiles } from './source-files.js';

/** The numbers that the titles of tests begin with: of bad inputs (B1 to B101) and of threats (T1 to T79). */
const titles = typeScriptFiles('tests')
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => readFileSync(file, 'utf8').match(/(?<=['"`])(?:[BT]\d{1,3} )+/g) ?? []);
const tested = new Set(titles.flatMap((title) => title.trim().split(' ')));

/** `missing`: what is not built yet; strike out what comes. */
const catalogues: [what: string, letter: string, length: number, missing: string[]][] = [
  ['bad input', 'B', 101, ['B79']],
  ['threat', 'T', 79, []],
];

describe.each(catalogues)('every %s', (_, letter, length, missing) => {
  it('has a test with its number in the title', () => {
    const numbers = Array.from({ length }, (_entry, index) => `${letter}${index + 1}`);
    expect(numbers.filter((number) => !tested.has(number))).toEqual(missing);
  });
});
