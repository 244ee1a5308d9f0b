/** What the API takes for JSON, and in what time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requireStrictJson } from '../../src/api/http/strict-json.js';
import { ArbionError } from '../../src/domain/errors.js';
import { HOSTILE_BODIES } from './hostile-bodies.js';

const MEBIBYTE = 2 ** 20;
const WITHIN_MS = 50;
const RUNS = 10;

function bytesOf(text: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(text)).buffer;
}

/** Whether it is taken; what is refused is refused as malformed. */
function isTaken(bytes: ArrayBuffer): boolean {
  try {
    requireStrictJson(bytes);
    return true;
  } catch (error) {
    if (error instanceof ArbionError && error.kind === 'malformed-request') return false;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What the event loop has to do, not how long it has to wait for a core: the mean of several runs, in milliseconds of CPU. */
function meanCpuMs(work: () => unknown): number {
  // Compiled by then.
  for (let count = 0; count < 3; count++) work();
  const before = process.cpuUsage();
  for (let count = 0; count < RUNS; count++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / RUNS;
}

describe('T54 a body of any bytes', () => {
  test.each(Object.entries(HOSTILE_BODIES))('of one MiB is taken or refused within 50 ms: %s', (_name, bodyOf) => {
    const bytes = bytesOf(bodyOf(MEBIBYTE));
    expect(bytes.byteLength).toBeGreaterThan(MEBIBYTE / 2);
    expect(meanCpuMs(() => isTaken(bytes))).toBeLessThan(WITHIN_MS);
  });
});

describe('strict JSON', () => {
  const pieces = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '"a"',
      '"\\u0061"',
      '"\\n"',
      '\\u12',
      '0',
      '-',
      '1.5',
      '1e',
      '01',
      '.',
    ],
    ...['true', 'false', 'nul', 'null', ' ', '\n', '\t', '\f', '\u00a0', '\ufeff', 'é', '\u0001', '\u2028', 'E+7', '/'],
  );
  const almostJson = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
  const json = fc.json({ maxDepth: 8 });
  const changed = fc
    .tuple(json, fc.nat(), pieces)
    .map(([text, at, piece]) => text.slice(0, at % (text.length + 1)) + piece + text.slice(at % (text.length + 1)));

  test.each([
    ['pieces of JSON', almostJson],
    ['JSON', json],
    ['JSON with something put in', changed],
  ])('takes nothing that JSON.parse does not take: %s', (_name, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        if (isTaken(bytesOf(text))) expect(isJson(text)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test('takes all that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(0, 1, '\t'), (value, space) => {
        expect(isTaken(bytesOf(JSON.stringify(value, null, space)))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('refuses a key that stands twice, however it is written and however many others there are', () => {
    const others = Array.from({ length: 30 }, (_, index) => `"other${index}":{"a":0}`);
    for (const many of [[], others.slice(0, 7), others.slice(0, 8), others]) {
      const object = (...keys: string[]) => `{${[...many, ...keys.map((key) => `${key}:0`)].join(',')}}`;
      expect(isTaken(bytesOf(object('"a"', '"b"')))).toBe(true);
      expect(isTaken(bytesOf(object('"a"', '"b"', '"a"')))).toBe(false);
      expect(isTaken(bytesOf(object('"a"', '"\\u0061"')))).toBe(false);
      expect(isTaken(bytesOf(object('"\\/"', '"/"')))).toBe(false);
      expect(isTaken(bytesOf(object('"é"', '"\\u00E9"')))).toBe(false);
      expect(isTaken(bytesOf(object('"__proto__"', '"constructor"')))).toBe(true);
    }
    expect(isTaken(bytesOf('[{"a":{"a":0}},{"a":0}]'))).toBe(true);
  });

  test('refuses what is deeper than 32 levels, or has more than 20,000 values', () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect([isTaken(bytesOf(deep(32))), isTaken(bytesOf(deep(33)))]).toEqual([true, false]);
    const many = (values: number) => `[${Array.from({ length: values - 1 }, () => '0').join()}]`;
    expect([isTaken(bytesOf(many(20_000))), isTaken(bytesOf(many(20_001)))]).toEqual([true, false]);
  });
});
