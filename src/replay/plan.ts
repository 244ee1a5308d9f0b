import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { instant } from '../api/http/fields.js';
import { positivePrice, tradeBody } from '../api/trades/trade-body.js';

const act = z.discriminatedUnion('action', [
  z.strictObject({ at: instant, action: z.literal('cancel') }),
  z.strictObject({ at: instant, action: z.literal('close') }),
  z.strictObject({
    at: instant,
    action: z.literal('adjust'),
    body: z.strictObject({ stopPrice: positivePrice.optional(), takeProfitPrice: positivePrice.nullable().optional() }),
  }),
]);

/** What to trade in a replay, and what to do with it later. Times are market time, RFC 3339 with a zone. */
const planned = z.preprocess(withActs, z.strictObject({ at: instant, trade: tradeBody, acts: z.array(act) }));

const plan = z.array(planned).min(1);

/** The file's `then`, under another name: an object with a `then` would be taken for a promise. */
function withActs(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { then: acts = [], ...rest } = value as Record<string, unknown>;
  return { ...rest, acts };
}

export type ReplayPlan = z.output<typeof plan>;
export type PlannedTrade = ReplayPlan[number];
export type PlannedAct = PlannedTrade['acts'][number];

/** Reads a plan. @throws Error that names every problem of the file. */
export async function readPlan(path: string): Promise<ReplayPlan> {
  const parsed = plan.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${path} is not a plan:\n${z.prettifyError(parsed.error)}`);
}
