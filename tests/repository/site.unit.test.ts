/** The site of docs/. The build itself (`npm run docs`) fails on links to pages that do not exist. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headingId, siteLink } from '../../docs/.vitepress/as-in-repository.js';
import { sidebar } from '../../docs/.vitepress/sidebar.js';

const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.replace(/README\.md$/, 'index.md').replace(/(?<=^|\/)index\.md$|\.md$/, ''));
/** The page of decisions lists them. */
const listed = pages.filter((page) => page !== '' && !page.startsWith('decisions/0')).toSorted();

describe('every page', () => {
  it('is in the sidebar, once', () => {
    const linksOf = ({ link, items = [] }: (typeof sidebar)[number]): string[] => [
      ...(link === undefined ? [] : [link.replace(/^\//, '')]),
      ...items.flatMap(linksOf),
    ];
    expect(sidebar.flatMap(linksOf).toSorted()).toEqual(listed);
  });

  it('is linked by the first page', () => {
    const home = readFileSync('docs/README.md', 'utf8');
    const linked = [...home.matchAll(/\]\(([^)]+)\.md\)/g)].map(([, page = '']) => page.replace(/README$/, ''));
    expect(listed.filter((page) => !linked.includes(page))).toEqual([]);
  });
});

it.each([
  ["Temporal's console", 'temporals-console'],
  ['What each broker can do', 'what-each-broker-can-do'],
  ['6.6 Cancel: `POST /orders`', '66-cancel-post-orders'],
])('a heading is named as on GitHub: %s', (heading, expected) => {
  expect(headingId(heading)).toBe(expected);
});

describe('a link in a page', () => {
  it.each([
    ['rules.md', 'failure-model.md#rules', 'failure-model.md#rules'],
    ['rules.md', 'decisions/README.md', 'decisions/index.md'],
    ['brokers/index.md', '../README.md', '../index.md'],
    ['brokers/index.md', 'README.md#connect-a-broker', 'index.md#connect-a-broker'],
    ['rules.md', '#prices', '#prices'],
    ['rules.md', 'https://example.com/README.md', 'https://example.com/README.md'],
    ['changelog.md', 'docs/sign-in.md', 'sign-in.md'],
  ])('in %s, to %s, leads to %s', (page, link, expected) => {
    expect(siteLink(page, link)).toBe(expected);
  });

  it.each([
    ['index.md', '../README.md'],
    ['rules.md', '../src/domain/option-classes.ts'],
    ['brokers/index.md', '../../.env.example'],
  ])('in %s, to %s outside of docs, leads nowhere', (page, link) => {
    expect(siteLink(page, link)).toBeUndefined();
    // Where it leads on GitHub.
    expect(() => readFileSync(join('docs', page, '..', link))).not.toThrow();
  });
});
