/** How Postgres would answer a statement. */
import type pg from 'pg';
import { z } from 'zod';

export interface Statement {
  text: string;
  /** as Prisma reports them: a list in JSON */
  params: string;
}

export interface Plan {
  /** which tables are read as a whole */
  wholeTables: string[];
  indexes: string[];
  /** by Postgres's own measure: 1 is a page read in order */
  cost: number;
}

interface Node {
  'Node Type': string;
  'Total Cost': number;
  'Relation Name'?: string | undefined;
  'Index Name'?: string | undefined;
  Plans?: Node[] | undefined;
}

const node: z.ZodType<Node> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    'Total Cost': z.number(),
    'Relation Name': z.string().optional(),
    'Index Name': z.string().optional(),
    Plans: z.array(node).optional(),
  }),
);
const explained = z.array(z.object({ Plan: node }));

const EXPLAINABLE = /^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b/i;

/** Answers undefined for what has no plan, such as BEGIN. */
export async function planOf(pool: pg.Pool, { text, params }: Statement): Promise<Plan | undefined> {
  if (!EXPLAINABLE.test(text)) return undefined;
  const values = z.array(z.unknown()).parse(JSON.parse(params));
  const { rows } = await pool.query<Record<string, unknown>>(`EXPLAIN (FORMAT JSON) ${text}`, values);
  const [{ Plan: root } = { Plan: undefined }] = explained.parse(rows[0]?.['QUERY PLAN']);
  const nodes = root ? [...within(root)] : [];
  const whole = nodes.filter((one) => one['Node Type'] === 'Seq Scan').flatMap((one) => one['Relation Name'] ?? []);
  const indexes = nodes.flatMap((one) => one['Index Name'] ?? []);
  return { wholeTables: whole, indexes: [...new Set(indexes)], cost: root?.['Total Cost'] ?? 0 };
}

function* within(root: Node): Generator<Node> {
  yield root;
  for (const child of root.Plans ?? []) yield* within(child);
}
