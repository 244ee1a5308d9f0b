/** Pages are written for GitHub, where a folder shows its README.md and everything in the repository can be linked. */
import { posix } from 'node:path';
import type { MarkdownOptions } from 'vitepress';

type Markdown = Parameters<NonNullable<MarkdownOptions['config']>>[0];

/**
 * Where the link of a page leads in the site; undefined if to a file outside of docs/, which the site does not have.
 * `page`: the path of the page from docs/.
 */
export function siteLink(page: string, link: string): string | undefined {
  if (/^(?:[a-z]+:|#|\/)/.test(link)) return link;
  // It shows CHANGELOG.md, whose links begin at the root of the repository.
  const fromDocs = page === 'changelog.md' ? link.replace(/^docs\//, '') : link;
  if (posix.join(posix.dirname(page), fromDocs).startsWith('../')) return undefined;
  return fromDocs.replace(/(^|\/)README\.md(?=$|#)/, '$1index.md');
}

/** The name by which links know a heading, as GitHub makes it. */
export function headingId(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

/** Rewrites the links of each page; of one that leads nowhere in the site the text stays. Code in a line stays as it is. */
export function asInRepository(markdown: Markdown): void {
  markdown.core.ruler.push('as-in-repository', ({ tokens, env }) => {
    for (const { children } of tokens) rewrite(children ?? [], env.relativePath);
  });
}

type Tokens = ReturnType<Markdown['parse']>;

function rewrite(tokens: Tokens, page: string): void {
  let isDropped = false;
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const link = siteLink(page, token.attrGet('href') ?? '');
      isDropped = link === undefined;
      token.attrSet('href', link ?? '');
    }
    // Links do not nest: the next end is that of the last beginning.
    if (isDropped && token.type.startsWith('link_')) token.type = 'text';
    // Braces in it are not for Vue to fill in.
    if (token.type === 'code_inline') token.attrSet('v-pre', '');
  }
}
