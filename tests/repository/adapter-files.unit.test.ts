import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ADAPTERS = ['alpaca', 'coinbase', 'etrade', 'schwab'];

/** From the table of CONTRIBUTING.md, "A broker adapter's files". */
function listedFiles(adapter: string): string[] {
  const [, section = ''] = readFileSync('CONTRIBUTING.md', 'utf8').split("## A broker adapter's files");
  const rows = section.split('\n## ')[0]?.matchAll(/^\| `(.+?)` \|.*\| (.+?) \|$/gm) ?? [];
  const files = [...rows].filter(([, , adapters = '']) => adapters === 'all' || adapters.split(', ').includes(adapter));
  return files.map(([, file = '']) => file.replace('<name>', adapter));
}

it.each(ADAPTERS)('gives each thing the same file name in every adapter: %s', (adapter) => {
  expect(new Set(readdirSync(`src/brokers/${adapter}`))).toEqual(new Set(listedFiles(adapter)));
});
