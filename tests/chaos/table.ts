import type { CampaignResult } from './campaign.js';

/** The invariants whose violation is a duplicate order, a lost order, or an oversold position. */
const DUPLICATES: readonly string[] = ['I-U1', 'I-U3'];
const LOST: readonly string[] = ['I-U2', 'I-U8'];
const OVERSOLD: readonly string[] = ['I-Q2', 'I-P3', 'I-P5'];

/** A table with one column per broker and one line per figure. */
export function tableOf(results: readonly CampaignResult[]): string {
  const lines: [string, (result: CampaignResult) => string | number][] = [
    ['broker', ({ broker }) => broker],
    ['trades', ({ trades }) => trades],
    ['end states', ({ ends }) => counts(ends)],
    ['orders at the exchange', ({ orders }) => orders],
    ['sends', ({ sends }) => sends],
    ['repeats after the absence window', ({ repeats }) => repeats],
    ['absence window', ({ absenceWindowMs }) => `${absenceWindowMs / 1_000} s`],
    ['unknown outcomes, resolved', ({ unknown, resolved }) => `${unknown}, ${resolved}`],
    ['faults', ({ hits }) => Object.values(hits).reduce((sum, count) => sum + count, 0)],
    ['workers killed', ({ kills }) => kills],
    ['duplicates', (result) => found(result, DUPLICATES)],
    ['lost', (result) => found(result, LOST)],
    ['oversold', (result) => found(result, OVERSOLD)],
    [
      'other broken invariants',
      (result) => result.findings.length - found(result, [...DUPLICATES, ...LOST, ...OVERSOLD]),
    ],
    ['longest time without cover at the broker, stops at the broker', ({ uncovered: { broker } }) => seconds(broker)],
    ['the same, emulated stops', ({ uncovered: { emulated } }) => seconds(emulated)],
    ['over a minute without cover, and no alert', ({ silentlyUncovered }) => silentlyUncovered],
    ['needs_attention before the end', ({ attention }) => counts(attention)],
    ['seconds', (result) => result.seconds],
  ];
  const rows = lines.map(([name, figureOf]) => [name, ...results.map((result) => `${figureOf(result)}`)]);
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function found({ findings }: CampaignResult, invariants: readonly string[]): number {
  return findings.filter(({ invariant }) => invariants.includes(invariant)).length;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

function counts(of: Record<string, number>): string {
  return (
    Object.entries(of)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || 'none'
  );
}
