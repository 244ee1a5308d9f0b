/** docs/reference/commands.md: what each command says of itself. `--update` writes it anew. */
import { expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.js';

const HEAD = `# Commands

Written by \`npx vitest run --project unit tests/cli/commands-page.unit.test.ts --update\`: what each command says with \`--help\`.
[The command line](../command-line.md) begins with what you want to do, and says what holds for all commands.
`;

async function helpOf(path: readonly string[]): Promise<string> {
  let shown = '';
  const streams = {
    out: (text: string) => {
      shown += text;
    },
    error: (text: string) => expect.unreachable(text),
    ask: () => Promise.reject(new Error('nothing is asked here')),
  };
  expect(await runCli([...path, '--help'], { ARBION_HOME: '/nowhere' }, streams)).toBe(0);
  return shown;
}

/** A command, and below it those that its help lists. */
async function sectionsOf(path: readonly string[]): Promise<string[]> {
  const help = await helpOf(path);
  const below = [...help.matchAll(/^ {2}([a-z][a-z-]*) (?:\[|<| )/gm)].map(([, name = '']) => name);
  // Only a help with commands lists any; arguments look alike.
  const commands = /^Usage:.* \[command\]$/m.test(help) ? below.filter((name) => name !== 'help') : [];
  const title = ['arbion', ...path].join(' ');
  const section = `${'#'.repeat(Math.min(path.length + 1, 3))} ${title}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`;
  const sections = await Promise.all(commands.map((name) => sectionsOf([...path, name])));
  return [section, ...sections.flat()];
}

it('the page of commands is what they say of themselves', async () => {
  const [first = '', ...others] = await sectionsOf([]);
  expect(others.length).toBeGreaterThan(40);
  const page = [HEAD, first.replace(/^# arbion/, '## arbion'), ...others].join('\n');
  await expect(page).toMatchFileSnapshot('../../docs/reference/commands.md');
});
