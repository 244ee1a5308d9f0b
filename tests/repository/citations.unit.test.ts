/** What comments, titles and documents cite is in docs, and nothing is cited that is not in this repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { typeScriptFiles } from './source-files.js';

const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownIn('docs')];
const code = typeScriptFiles('src', 'workflows', 'activities', 'tests', 'bench').concat('prisma/schema.prisma');
const here = 'tests/repository/citations.unit.test.ts';
const sources = [...code, ...documents].filter((file) => file !== here);
const textOf = (file: string) => readFileSync(file, 'utf8');

function markdownIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
}

/** The numbers in the first column of a page's tables. */
function numbersIn(page: string): Set<string> {
  return new Set([...textOf(page).matchAll(/^\| ([A-Z](?:-[A-Z])?\d+) \|/gm)].map(([, number = '']) => number));
}

/** `file: number` of each match that its page does not have. */
function missing(files: readonly string[], pattern: RegExp, known: ReadonlySet<string>): string[] {
  return files.flatMap((file) => {
    const cited = [...textOf(file).matchAll(pattern)].flatMap(([text]) => text.match(/[A-Z](?:-[A-Z])?\d+/g) ?? []);
    return cited.filter((number) => !known.has(number)).map((number) => `${file}: ${number}`);
  });
}

describe('numbers that are cited', () => {
  const faults = numbersIn('docs/failure-model.md');

  it.each([
    ['invariants, anywhere', /(?<![\w-])I-[A-Z]\d+\b/g, faults],
    ['rules and faults of the failure model', /failure model\W{1,20}(?:docs\S*\W{1,3})?[RF]\d+(?:, [RF]\d+)*/g, faults],
    [
      'bad inputs in titles',
      /(?<=['"`])(?:[BT]\d{1,3} )*B\d{1,3}(?= )/g,
      union('docs/bad-inputs.md', 'docs/threats.md'),
    ],
    ['threats in titles', /(?<=['"`])(?:[BT]\d{1,3} )*T\d{1,2}(?= )/g, union('docs/bad-inputs.md', 'docs/threats.md')],
    ['scenarios of recorded days', /\bS1\d\b(?=[:,)]| without| and)/g, numbersIn('docs/scenarios.md')],
  ])('are in their page: %s', (_, pattern, known) => {
    expect(missing(sources, pattern, known)).toEqual([]);
  });

  it('are complete in their pages', () => {
    const count = (page: string, letter: string) =>
      [...numbersIn(page)].filter((number) => new RegExp(`^${letter}\\d`).test(number)).length;
    expect(count('docs/failure-model.md', 'R')).toBe(12);
    expect(count('docs/failure-model.md', 'F')).toBe(66);
    expect(count('docs/failure-model.md', 'I-[A-Z]')).toBeGreaterThan(40);
    expect(count('docs/threats.md', 'T')).toBe(79);
    expect(count('docs/bad-inputs.md', 'B')).toBe(101);
    expect(count('docs/brokers/wire-forms.md', 'W')).toBe(19);
  });
});

describe('sections of wire contracts that are cited', () => {
  const pages = ['schwab', 'coinbase', 'etrade', 'alpaca'];
  const sectionsOf = (broker: string) =>
    new Set([...textOf(`docs/brokers/${broker}.md`).matchAll(/^#{2,3} (\d+(?:\.\d+)?)/gm)].map(([, number]) => number));
  const cited = code.flatMap((file) => {
    const matches = textOf(file).matchAll(
      /(?:wire contract|(?:docs\/brokers\/)?(\w+)\.md), sections? ((?:[\d.]+\d|\d)(?:(?:, | and | to )[\d.]*\d)*)/g,
    );
    return [...matches].flatMap(([, named, numbers = '']) => {
      const broker =
        named ?? pages.find((page) => file.includes(page)) ?? (file.includes('oauth1') ? 'etrade' : 'coinbase');
      return pages.includes(broker) ? numbers.split(/, | and | to /).map((number) => ({ file, broker, number })) : [];
    });
  });

  it('are in the page of their broker', () => {
    // None at all would mean that they are no longer found.
    expect(cited.length).toBeGreaterThan(40);
    const unknown = cited.filter(({ broker, number }) => !sectionsOf(broker).has(number));
    expect(unknown).toEqual([]);
  });
});

describe('everything that is cited', () => {
  it('is in this repository', () => {
    const elsewhere = /\b(?:rulings|seen-in-the-wild|security\.md|practice\/\w+\.md)|\.\.\/shared\/(?!market-data\b)/;
    expect(sources.filter((file) => elsewhere.test(textOf(file)))).toEqual([]);
  });

  it('has the headings that links name', () => {
    const headingsOf = (page: string) =>
      [...textOf(page).matchAll(/^#{1,4} (.+)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
    const broken = documents.flatMap((page) => {
      const links = [...textOf(page).matchAll(/\]\(([^)#\s:]*)#([\w-]+)\)/g)];
      const targets = links.map(([, file = '', heading = '']) => ({
        file: file === '' ? page : join(page, '..', file),
        heading,
      }));
      return targets
        .filter(({ file, heading }) => !headingsOf(file).includes(heading))
        .map((target) => ({ page, ...target }));
    });
    expect(broken).toEqual([]);
  });

  it('exists where a path to docs is given', () => {
    const paths = code.flatMap((file) =>
      [...textOf(file).matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map(([path]) => ({ file, path })),
    );
    expect(paths.filter(({ path }) => !existsSync(path))).toEqual([]);
  });
});

function union(...files: string[]): Set<string> {
  return new Set(files.flatMap((file) => [...numbersIn(file)]));
}
