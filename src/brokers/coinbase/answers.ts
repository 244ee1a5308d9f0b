/** What an answer of Coinbase's says: the thing that was asked for, an error of its own, or nothing that is known. */
import type { z } from 'zod';
import { checked, contentIfAny, jsonOf, UnexpectedAnswer } from '../../wire/answers.js';
import type { HttpAnswer } from '../../wire/http.js';
import { errorBody } from './schemas.js';

/** Enough of an answer to recognise it. */
const LONGEST_TEXT = 200;

/** Coinbase does not understand the request (400): because of an unknown product, among other reasons. */
export class BadRequest extends UnexpectedAnswer {}

/** @throws UnexpectedAnswer unless it is a 200 of the documented form */
export function contentOf<Schema extends z.ZodType>(answer: HttpAnswer, schema: Schema): z.output<Schema> {
  const { status, text } = answer;
  const words = `HTTP ${status}: ${text.slice(0, LONGEST_TEXT)}`;
  if (status === 400) throw new BadRequest(words);
  if (status !== 200) throw new UnexpectedAnswer(words);
  return checked(schema, jsonOf(answer, 'Coinbase'), "Coinbase's answer");
}

/** The same; undefined when Coinbase does not know what is asked for. */
export function contentIfKnown<Schema extends z.ZodType>(
  answer: HttpAnswer,
  schema: Schema,
): z.output<Schema> | undefined {
  if (answer.status === 404 && errorOf(answer)?.error === 'NOT_FOUND') return undefined;
  return contentOf(answer, schema);
}

/** An HTTP error in Coinbase's own form; undefined for any other answer. */
export function errorOf(answer: HttpAnswer): z.infer<typeof errorBody> | undefined {
  return contentIfAny(answer, errorBody);
}
