import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findsIn, findWords, patterns } from './words.js';

const page = readFileSync('docs/glossary.md', 'utf8');

describe('words that the glossary rules out', () => {
  it('are those of its table', () => {
    const [, section = ''] = page.split('## Do not use');
    const [table = ''] = section.split('## Names that stay');
    const listed = [...table.matchAll(/^\| ([^|]+) \| [^|]+ \|$/gm)].map(([, word = '']) => word.trim()).slice(1);
    expect(listed).toEqual(Object.keys(patterns));
  });

  it('are used nowhere', () => {
    expect(findWords().map(({ file, line, word }) => `${file}:${line}: ${word}`)).toEqual([]);
  });

  it('are found in camel case, and not where the name is contract', () => {
    expect(findsIn('x.ts', 'const standDownOf = 1;')).toHaveLength(1);
    expect(findsIn('x.ts', 'settleWindowMs: 75_000, settle(state)')).toHaveLength(1);
    expect(findsIn('x.ts', 'the exchange simulator; settlement; indeed; settleWindowMs')).toEqual([]);
    expect(findsIn('src/happenings.ts', '')).toHaveLength(1);
  });
});
