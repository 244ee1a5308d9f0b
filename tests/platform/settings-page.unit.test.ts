/** docs/reference/settings.md: .env.example as a page. `--update` writes it anew. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const HEAD = `# Settings

Written by \`npx vitest run --project unit tests/platform/settings-page.unit.test.ts --update\` from [.env.example](../../.env.example), which a test compares with the code.
What stands after \`=\` is the default; addresses, where there is no default, are examples. \`npm start\` needs none of these settings. A start with a wrong one reports
all that is wrong at once. [The command line](../command-line.md) and [the simulator](../simulator.md) have a few of their own.
`;

/** Settings in a row of lines, with the comment above them. */
interface Block {
  comment: string[];
  settings: string[];
}

const sections = readFileSync('.env.example', 'utf8')
  .split(/^# -{2,} (.+?) -+$/m)
  .slice(1);

/** A comment after a setting, or an empty line, begins another block. */
function blocksOf(section: string): Block[] {
  const blocks: Block[] = [];
  let current: Block | undefined;
  for (const line of section.trim().split('\n')) {
    const setting = /^#?([A-Z_]+=.*)$/.exec(line)?.[1];
    if (line === '' || (setting === undefined && current && current.settings.length > 0)) current = undefined;
    if (line === '') continue;
    if (current === undefined) {
      current = { comment: [], settings: [] };
      blocks.push(current);
    }
    if (setting === undefined) current.comment.push(line.replace(/^# ?/, ''));
    else current.settings.push(setting);
  }
  return blocks;
}

function rowOf({ comment, settings }: Block): string {
  return `| ${settings.map((setting) => `\`${setting}\``).join('<br>')} | ${textOf(comment)} |`;
}

/** A path of our documents becomes a link. */
function textOf(comment: readonly string[]): string {
  return comment
    .join(' ')
    .replaceAll('*', '\\*')
    .replaceAll(/<(\w+)>/g, '&lt;$1&gt;')
    .replaceAll(/\bdocs\/([\w-]+)\.md/g, '[docs/$1.md](../$1.md)');
}

function pageOf(title: string, blocks: readonly Block[]): string {
  const texts = blocks.filter(({ settings }) => settings.length === 0).map(({ comment }) => `${textOf(comment)}\n`);
  const rows = blocks.filter(({ settings }) => settings.length > 0).map(rowOf);
  return [`## ${title}\n`, ...texts, '| setting | meaning |', '|---|---|', ...rows, ''].join('\n');
}

it('the page of settings is .env.example', async () => {
  const titles = sections.filter((_, index) => index % 2 === 0);
  const parts = titles.map((title, index) => pageOf(title, blocksOf(sections[index * 2 + 1] ?? '')));
  expect(titles).toContain('Brokers');
  await expect([HEAD, ...parts].join('\n')).toMatchFileSnapshot('../../docs/reference/settings.md');
});
