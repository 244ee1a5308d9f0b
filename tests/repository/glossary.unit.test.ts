import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findsIn, findWords, patterns } from './words.js';

const page = readFileSync('docs/glossary.md', 'utf8');

/** How many are left, by part: they may only go down. */
const MOST: Readonly<Record<string, { of: readonly string[]; most: number }>> = {
  trade: {
    most: 18,
    of: [
      'src/domain/trade',
      'src/domain/order',
      'src/domain/fills',
      'src/domain/exec',
      'src/domain/decimal',
      'src/domain/calendar',
      'src/domain/instrument',
      'src/domain/market',
      'src/domain/risk',
      'src/domain/ids',
      'src/domain/search',
      'src/domain/errors',
      'workflows/trade',
      'workflows/guardian',
      'workflows/flatten',
      'workflows/support',
      'workflows/index',
      'activities/',
      'tests/domain/',
      'tests/workflows/',
      'tests/activities/',
      'tests/replay/',
      'tests/guardian/',
      'tests/operators/',
      'tests/crashes/',
      'tests/continue-as-new/',
    ],
  },
  brokers: {
    most: 310,
    of: [
      'src/brokers/',
      'src/broker-port/',
      'src/live-brokers/',
      'src/wire/',
      'tests/wire/',
      'tests/broker-port/',
      'tests/brokers/',
      'tests/conformance/',
      'tests/live-events/',
      'docs/conformance.md',
    ],
  },
  api: {
    most: 0,
    of: ['src/api/', 'src/auth/', 'src/mail/', 'tests/api/', 'tests/auth/', 'tests/fuzz/', 'docs/authorization.md'],
  },
  storage: {
    most: 3,
    of: [
      'prisma/',
      'src/storage/',
      'src/oauth/',
      'src/vault/',
      'src/temporal/',
      'src/worker/',
      'src/platform/',
      'workflows/connection/',
      'src/domain/connection',
      'src/domain/broker-login',
      'tests/storage/',
      'tests/secrets/',
      'tests/connections/',
      'tests/broker-logins/',
      'tests/oauth/',
      'tests/vault/',
      'tests/platform/',
      'tests/worker/',
      'tests/temporal/',
    ],
  },
  simulator: {
    most: 47,
    of: [
      'src/simulator/',
      'src/matching/',
      'src/market-data/',
      'src/replay/',
      'src/audit/',
      'bench/',
      'tests/simulator/',
      'tests/matching/',
      'tests/market-data/',
      'tests/recorded/',
      'tests/audit/',
      'tests/chaos/',
      'tests/scenarios/',
      'tests/support/',
      'docs/simulator.md',
    ],
  },
  cli: {
    most: 0,
    of: [
      'src/cli/',
      'src/launcher/',
      'bin/',
      'scripts/',
      'docker',
      'Dockerfile',
      'tests/cli/',
      'tests/launcher/',
      'tests/repository/',
    ],
  },
  docs: { most: 0, of: ['docs/', 'README.md', 'CONTRIBUTING.md', '.env.example'] },
};

function partOf(file: string): string {
  const fits = Object.entries(MOST).filter(([, { of }]) => of.some((prefix) => file.startsWith(prefix)));
  return fits[0]?.[0] ?? 'elsewhere';
}

describe('words that the glossary rules out', () => {
  const finds = findWords();

  it('are those of its table', () => {
    const [, section = ''] = page.split('## Do not use');
    const [table = ''] = section.split('## Names that stay');
    const listed = [...table.matchAll(/^\| ([^|]+) \| [^|]+ \|$/gm)].map(([, word = '']) => word.trim()).slice(1);
    expect(listed).toEqual(Object.keys(patterns));
  });

  it.each(Object.keys(MOST))('get fewer: %s', (part) => {
    const left = finds.filter(({ file }) => partOf(file) === part);
    expect(left.length).toBeLessThanOrEqual(MOST[part]?.most ?? 0);
  });

  it('are found in camel case, and not where the name is contract', () => {
    expect(findsIn('x.ts', 'const standDownOf = 1;')).toHaveLength(1);
    expect(findsIn('x.ts', 'settleWindowMs: 75_000, settle(state)')).toHaveLength(1);
    expect(findsIn('x.ts', 'the exchange simulator; settlement; indeed; settleWindowMs')).toEqual([]);
    expect(findsIn('src/happenings.ts', '')).toHaveLength(1);
  });
});
