/** What an answer of Alpaca's says: the thing that was asked for, a problem in its envelope, or nothing that is known. */
import type { z } from 'zod';
import { checked, contentIfAny, jsonOf, UnexpectedAnswer } from '../../wire/answers.js';
import { retryAfterMs } from '../../wire/caller.js';
import type { HttpAnswer } from '../../wire/http.js';
import { type Problem, problem } from './schemas.js';

const LONGEST_DETAIL = 200;

/** @throws UnexpectedAnswer unless it is a 200 of the documented form */
export function contentOf<Schema extends z.ZodType>(answer: HttpAnswer, schema: Schema): z.output<Schema> {
  if (answer.status !== 200) throw new UnexpectedAnswer(summaryOf(answer));
  return checked(schema, jsonOf(answer, 'Alpaca'), "Alpaca's answer");
}

/** The problem in the envelope, or undefined where there is none. */
export function problemOf(answer: HttpAnswer): Problem | undefined {
  return contentIfAny(answer, problem);
}

/** 404 with 40410000, "order not found" or "order is not found.": other things that are not found say nothing of an order. */
export function isNoSuchOrder(answer: HttpAnswer): boolean {
  const { code, message = '' } = problemOf(answer) ?? {};
  return answer.status === 404 && code === '40410000' && /^order (is )?not found/i.test(message);
}

/** For a person; without anything of a body that is not a problem. */
export function summaryOf(answer: HttpAnswer): string {
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
