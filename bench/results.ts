/** What is kept of a run, in `bench/results`: of each benchmark its figures as JSON and as a plot, and one table of all. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import * as echarts from 'echarts';
import { type Goal, goalText, type Measured, plain, spread } from './figures.js';

const FOLDER = new URL('results/', import.meta.url);
const WIDTH = 900;
const ROW_HEIGHT = 44;
const RATIO = 'ratio to the reference';
const GOAL = 'goal';

interface Result {
  bench: string;
  /** when it was measured, UTC */
  at: string;
  machine: { cores: number; gigabytes: number; node: string };
  figures: Measured[];
}

export async function keepResult(bench: string, figures: Measured[]): Promise<void> {
  const machine = { cores: cpus().length, gigabytes: Math.round(totalmem() / 2 ** 30), node: process.version };
  const result: Result = { bench, at: new Date().toISOString(), machine, figures };
  await mkdir(FOLDER, { recursive: true });
  await writeFile(new URL(`${bench}.json`, FOLDER), `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(new URL(`${bench}.svg`, FOLDER), plotOf(result));
  await writeFile(new URL('README.md', FOLDER), tableOf(await allResults()));
}

async function allResults(): Promise<Result[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(files.map(async (name) => JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')) as Result));
}

function tableOf(results: readonly Result[]): string {
  const sections = results.map(({ bench, at, machine, figures }) => {
    const { cores, gigabytes, node } = machine;
    const rows = figures.map(rowOf);
    return [
      `## ${bench}`,
      `Measured ${at.slice(0, 10)} on ${cores} cores, ${gigabytes} GB, Node ${node}.`,
      `| figure | ours | reference | ratio | goal |\n|---|---|---|---|---|\n${rows.join('\n')}`,
      `![${bench}](${bench}.svg)`,
    ].join('\n\n');
  });
  return `# Benchmarks\n\nWritten by \`npm run bench\`: the middle of the rounds, with their least and most.\n\n${sections.join('\n\n')}\n`;
}

function rowOf(measured: Measured): string {
  const { name, unit, referenceName, rounds } = measured;
  const ours = withSpread(rounds.map(({ value }) => value));
  const references = rounds.flatMap(({ reference }) => reference ?? []);
  const ratios = rounds.flatMap(({ value, reference }) => (reference === undefined ? [] : value / reference));
  const cells = [
    name,
    `${ours} ${unit}`,
    referenceName === undefined ? '' : `${referenceName}: ${withSpread(references)} ${unit}`,
    ratios.length === 0 ? '' : withSpread(ratios),
    goalText(measured),
  ];
  return `| ${cells.join(' | ')} |`;
}

function withSpread(values: readonly number[]): string {
  const { middle, least, most } = spread(values);
  return values.length < 2 ? plain(middle) : `${plain(middle)} (${plain(least)}–${plain(most)})`;
}

/** How much of its reference each figure is, and how much it should be. */
function plotOf({ bench, figures }: Result): string {
  const shown = figures.flatMap(({ name, ratioGoal, rounds }) => {
    const ratios = rounds.flatMap(({ value, reference }) => (reference === undefined ? [] : value / reference));
    return ratios.length === 0 ? [] : [{ name, ratioGoal, ratio: spread(ratios).middle }];
  });
  const height = 100 + shown.length * ROW_HEIGHT;
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  const label = { show: true, position: 'right', formatter: ({ value }: { value: unknown }) => plain(Number(value)) };
  chart.setOption({
    animation: false,
    title: { text: bench },
    legend: { top: 30, data: [RATIO, GOAL] },
    grid: { left: 20, right: 70, top: 60, bottom: 20, containLabel: true },
    xAxis: { type: 'value', min: 0 },
    yAxis: {
      type: 'category',
      inverse: true,
      data: shown.map(({ name }) => name),
      axisLabel: { width: 380, overflow: 'break' },
    },
    series: [
      { name: RATIO, type: 'bar', data: shown.map(({ ratio }) => ratio), barMaxWidth: 18, label },
      { name: GOAL, type: 'scatter', symbol: 'diamond', data: shown.map(({ ratioGoal }) => boundOf(ratioGoal) ?? '-') },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function boundOf(goal: Goal | undefined): number | undefined {
  if (!goal) return undefined;
  return 'atLeast' in goal ? goal.atLeast : goal.atMost;
}
