/** What an HTTP answer of Schwab's says. */
import type { z } from 'zod';
import type { Refusal, WriteOutcome } from '../../domain/order.js';
import { checked, contentIfAny, jsonOf, UnexpectedAnswer } from '../../wire/answers.js';
import type { HttpAnswer } from '../../wire/http.js';
import { refusalOf } from './refusals.js';
import { errorBody } from './schemas.js';

/** @throws UnexpectedAnswer unless it is a 200 of the documented form */
export function contentOf<Schema extends z.ZodType>(answer: HttpAnswer, schema: Schema): z.output<Schema> {
  if (answer.status !== 200) throw new UnexpectedAnswer(summaryOf(answer));
  return checked(schema, withoutNulls(jsonOf(answer, 'Schwab')), `Schwab's answer (${summaryOf(answer)})`);
}

/** Schwab leaves out what it has nothing to say of, or writes null: either is absent. */
export function withoutNulls(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutNulls);
  if (json === null || typeof json !== 'object') return json;
  const present = Object.entries(json).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([name, value]) => [name, withoutNulls(value)]));
}

/** The id of the order that a 201 created, from its `Location`; undefined where that is absent or of another account. */
export function createdOrderId({ headers }: HttpAnswer, accountKey: string): string | undefined {
  const [, key, orderId] = /\/accounts\/([^/]+)\/orders\/(\d+)$/.exec(headers.get('location') ?? '') ?? [];
  return key === accountKey ? orderId : undefined;
}

/** What a write that was not answered with 201 has come to. A 429 is assumed, but not documented, to come before the order. */
export function notCreated(
  answer: HttpAnswer,
): Extract<WriteOutcome, { outcome: 'rejected' | 'not_placed' | 'unknown' }> {
  const refusal = refusalIn(answer);
  if (refusal) return { outcome: 'rejected', refusal };
  if (answer.status === 401) return { outcome: 'not_placed', detail: summaryOf(answer) };
  const words = [400, 403, 404].includes(answer.status) ? errorText(answer) : '';
  return { outcome: 'unknown', detail: summaryOf(answer), ...(words && { turnedDown: words }) };
}

/** The known refusal in the body of a 400, 403 or 404. */
export function refusalIn(answer: HttpAnswer): Refusal | undefined {
  return [400, 403, 404].includes(answer.status) ? refusalOf(errorText(answer)) : undefined;
}

/** The answer in one line, with the id by which Schwab's support finds the call. */
export function summaryOf(answer: HttpAnswer): string {
  const correlation = answer.headers.get('schwab-client-correlid');
  const text = answer.status === 200 || answer.status === 201 ? '' : errorText(answer);
  return `HTTP ${answer.status}${text && `: ${text}`}${correlation ? ` (Schwab's correlation id ${correlation})` : ''}`;
}

const LONGEST_TEXT = 300;

/** The text of an error body of either form; empty for a page, or for none. */
function errorText(answer: HttpAnswer): string {
  const { message, errors = [] } = contentIfAny(answer, errorBody) ?? {};
  const words = errors.map((error) => (typeof error === 'string' ? error : (error.detail ?? error.title)));
  const texts = new Set([message, ...words].filter((text) => text !== undefined));
  return [...texts].join(' · ').slice(0, LONGEST_TEXT);
}
