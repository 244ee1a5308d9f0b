/** What a benchmark finds: figures, each beside a reference of the same run. */
export interface Figure {
  /** what was measured, and under which conditions */
  name: string;
  unit: string;
  value: number;
  reference?: { name: string; value: number };
  goal?: Goal;
  /** of the figure's ratio to its reference */
  ratioGoal?: Goal;
}

export type Goal = { atLeast: number } | { atMost: number };

export type Report = (figure: Figure) => void;

/** The same figure of several rounds. */
export interface Measured {
  name: string;
  unit: string;
  goal?: Goal;
  ratioGoal?: Goal;
  referenceName?: string;
  rounds: { value: number; reference?: number }[];
}

/** Collects the figures of one benchmark by their names, and shows each at once. */
export class Figures {
  readonly measured: Measured[] = [];

  constructor(private readonly show: (line: string) => void) {}

  readonly report: Report = (figure) => {
    const { value, reference, ...named } = figure;
    const round = { value, ...(reference && { reference: reference.value }) };
    const known = this.measured.find(({ name }) => name === figure.name);
    if (known) known.rounds.push(round);
    else this.measured.push({ ...named, ...(reference && { referenceName: reference.name }), rounds: [round] });
    this.show(lineOf(figure));
  };
}

function lineOf(figure: Figure): string {
  const { name, unit, value, reference } = figure;
  const beside = reference
    ? `; ${reference.name} ${plain(reference.value)} ${unit}, ratio ${plain(value / reference.value)}`
    : '';
  const goal = goalText(figure);
  return `${name}: ${plain(value)} ${unit}${beside}${goal ? ` (goal: ${goal})` : ''}`;
}

/** Empty without a goal. */
export function goalText({ unit, goal, ratioGoal }: Pick<Figure, 'unit' | 'goal' | 'ratioGoal'>): string {
  return [...(goal ? [`${bound(goal)} ${unit}`] : []), ...(ratioGoal ? [`ratio ${bound(ratioGoal)}`] : [])].join(', ');
}

function bound(goal: Goal): string {
  return 'atLeast' in goal ? `≥ ${plain(goal.atLeast)}` : `≤ ${plain(goal.atMost)}`;
}

/** Three digits that count. */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

/** The middle of the rounds, and their least and most. */
export function spread(values: readonly number[]): { middle: number; least: number; most: number } {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
  return { middle: at(0.5), least: at(0), most: at(1) };
}
