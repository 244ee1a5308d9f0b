/**
 * Finds the words that docs/glossary.md rules out. `node --import tsx tests/repository/words.ts [path prefix …]` lists each
 * place that is left, and the number for each word.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Find {
  file: string;
  line: number;
  word: string;
  text: string;
}

/** What to look for, by the first column of the glossary's table. Names in camel case are read as separate words. */
export const patterns: Readonly<Record<string, RegExp>> = {
  'exchange (verb)':
    /\bexchang(ed|ing)\b|\bexchanges (an?|the|it|no|one|orders?|stops?)\b(?! code)|\b(to|can|may|could|cannot|not) exchange (an?|the|it|no|orders?)\b(?! code)|\bexchanges? (of ((an?|the|one|two|every) )?(\w+ ){0,2}(orders?|stops?|entry|entries|exits?|credentials?)\b|in one step|took|takes place|is refused|overtakes)|\b(is|put off|why not) exchange\b/i,
  settle: /\bsettl(e|es|ed|ing)\b/i,
  'wish, heed, stand-down, desire':
    /\b(wish(es|ed)?|heed(s|ed)?|stands? ?-?downs?|standing down|stood down|desire[sd]?)\b/i,
  deed: /\bdeeds?\b/i,
  "connection (a user's, with a broker)":
    /\bbroker connections?\b|\bconnections? (of|with|to|at) ((an?|the|his|her|its|their|one|every) )?(users?|brokers?|owners?|schwab|coinbase|e\*trade|alpaca)\b|\busers?'?s? connections?\b|\blogins? connections?\b/i,
  'tell, told': /\b(tells?|told|telling)\b/i,
  "word (a broker's)":
    /'s (own )?word\b|\bits (own )?word\b|\b(own|last|first) word\b|\bword of (an?|the|what|it|that)\b|\b(no|any) word (of|on|from|that)\b|\bwithout a word\b|\bneeds a word\b|\ba word (on|that)\b/i,
  happening: /\bhappenings?\b/i,
  'in total':
    /\b(fills?|told|tells?|reports?|reported|are|is|only|shares?|quantity) (only )?in total\b|\bfills in total\b/i,
  'by hand': /\bby hand\b/i,
  'death, dead, dies (of an order)':
    /\b(orders?|stops?|entry|entries|legs?|exits?)('s)? ((is|are|was|were|has|have|been|may|that|still|long|already) )*(dead|dies|died|die|death)\b|\bdead (orders?|stops?|entry|entries|legs?|exits?)\b/i,
  'law, writ, deem, …':
    /\b(laws?|writs?|deem(s|ed)?|whither|heretofore|hitherto|thereof|thereto|therein|herein|hereby|whereof|whence|thence|thither|lest|henceforth)\b/i,
  stranger: /\bstrangers?\b/i,
  doubt: /\bdoubt(s|ed|ful|fully|less)?\b/i,
};

/** Names that are contract or somebody else's: listed in the glossary with the reason. */
const contractNames =
  /settleWindowMs|\border\.settled\b|\bsettled\?: boolean|\bsettled: (true|false)\b|\bsettled: state\.status|[uU]?n?[sS]ettled(Cash|Long|Short)\w*|\ballSettled\b|`settled`|\b[uU]?n?[sS]ettled[- ]?(cash|funds|proceeds)\b|\b(cash|funds?|proceeds?|sales?|rest|has|have|not)( \w+)? settle[sd]?\b|\b(AM|PM|cash)-settled\b|stranger_order|unreadable_stranger|:stranger:|fillsInTotal|BrokerConnection|brokerConnection|broker_connections?|[bB]yHand\b|othersInDoubt|\bdoubtful\b/g;

const SUFFIXES = /\.(ts|mjs|js|md|prisma|sh|html|ya?ml)$|^\.env\.example$/;
const ROOTS = [
  ...['src', 'workflows', 'activities', 'bin', 'scripts', 'bench', 'docker', 'tests', 'docs', 'prisma/schema.prisma'],
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', '.env.example', 'docker-compose.yml', 'Dockerfile'],
];
/** They name the words. */
const EXEMPT = new Set(['tests/repository/words.ts', 'tests/repository/glossary.unit.test.ts']);

export function findWords(): Find[] {
  return filesOf(ROOTS).flatMap((file) => findsIn(file, readFileSync(file, 'utf8')));
}

function filesOf(roots: readonly string[]): string[] {
  return roots.flatMap((root) => {
    if (!statSync(root).isDirectory()) return [root];
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => SUFFIXES.test(name));
    return names.map((name) => join(root, name)).filter((file) => !EXEMPT.has(file));
  });
}

/** The part of the glossary that names the words and the contract is not counted. */
export function findsIn(file: string, text: string): Find[] {
  const named = namesIn(file);
  const [counted = ''] = file === 'docs/glossary.md' ? text.split('## Do not use') : [text];
  const lines = counted.split('\n').flatMap((raw, index) => {
    return wordsOf(readable(raw)).map((word) => ({ file, line: index + 1, word, text: raw.trim() }));
  });
  return [...named, ...lines];
}

/** The name of a file or a folder counts as line 0. */
function namesIn(file: string): Find[] {
  return wordsOf(file.replaceAll(/[-./]/g, ' ')).map((word) => ({ file, line: 0, word, text: file }));
}

function wordsOf(text: string): string[] {
  return Object.keys(patterns).filter((word) => patterns[word]?.test(text));
}

function readable(line: string): string {
  return line
    .replace(contractNames, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const prefixes = process.argv.slice(2);
  const found = findWords().filter(
    ({ file }) => prefixes.length === 0 || prefixes.some((prefix) => file.startsWith(prefix)),
  );
  for (const { file, line, word, text } of found) console.log(`${file}:${line}: ${word}: ${text.slice(0, 160)}`);
  for (const word of Object.keys(patterns)) {
    console.log(`${String(found.filter((find) => find.word === word).length).padStart(6)}  ${word}`);
  }
  console.log(`${String(found.length).padStart(6)}  in all`);
}
