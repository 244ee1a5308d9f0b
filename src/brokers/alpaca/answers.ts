/** What an answer of Alpaca's says: the thing that was asked for, a problem in its envelope, or nothing that is known. */
import type { z } from 'zod';
import { retryAfterMs } from '../../wire/caller.js';
import type { HttpAnswer } from '../../wire/http.js';
import { parseLosslessly } from '../../wire/json.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
import { type Problem, problem } from './schemas.js';

const LONGEST_DETAIL = 200;

/** @throws UnexpectedAnswer unless it is 200 and of the form that the contract says. */
export function contentOf<Content>(answer: HttpAnswer, schema: z.ZodType<Content>): Content {
  if (answer.status !== 200) throw new UnexpectedAnswer(describe(answer));
  return understood(jsonOf(answer), schema);
}

/** @throws UnexpectedAnswer when it has not the form, or a word in it is not known. */
export function understood<Content>(json: unknown, schema: z.ZodType<Content>): Content {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the answer';
  throw new UnexpectedAnswer(`Alpaca's answer is not understood: ${where}: ${issue?.message ?? 'malformed'}`);
}

/** The problem in the envelope, or undefined where there is none. */
export function problemOf(answer: HttpAnswer): Problem | undefined {
  return problem.safeParse(jsonOf(answer)).data;
}

/** For a person; without anything of a body that is not a problem. */
export function describe(answer: HttpAnswer): string {
  const { code, message } = problemOf(answer) ?? {};
  const said = code === undefined ? '' : ` (${code} ${message?.slice(0, LONGEST_DETAIL)})`;
  const id = answer.headers.get('x-request-id');
  return `Alpaca answered ${answer.status}${said}${id === null ? '' : `, request ${id}`}`;
}

/** After 429: until the limit is counted anew (`X-RateLimit-Reset` in UNIX seconds), and a second more. */
export function waitAfterLimitMs(answer: HttpAnswer): number | undefined {
  const asked = retryAfterMs(answer);
  const reset = answer.headers.get('x-ratelimit-reset');
  if (asked !== undefined || reset === null || !/^\d+$/.test(reset)) return asked;
  return Math.max(0, (Number(reset) + 1) * 1_000 - Date.now());
}

function jsonOf({ text }: HttpAnswer): unknown {
  try {
    return parseLosslessly(text);
  } catch {
    return undefined;
  }
}
