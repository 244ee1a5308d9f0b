/** Reads an answer into its documented form, or throws. */
import type { z } from 'zod';
import type { HttpAnswer } from './http.js';
import { parseLosslessly } from './json.js';

/** An answer with a form, a status or a value that is not in the broker's contract. It is reported, never guessed at. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

/** `what`: names the answer in the error, which quotes none of its values. @throws UnexpectedAnswer */
export function checked<Schema extends z.ZodType>(schema: Schema, json: unknown, what: string): z.output<Schema> {
  const { data, error } = schema.safeParse(json);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const place = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw new UnexpectedAnswer(`${what} is not as documented${place}: ${issue?.message}`);
}

/** Numbers stay text. @throws UnexpectedAnswer */
export function jsonOf({ status, text }: HttpAnswer, broker: string): unknown {
  try {
    return parseLosslessly(text);
  } catch (error) {
    throw new UnexpectedAnswer(`${broker} answered HTTP ${status} without JSON`, { cause: error });
  }
}

/** What the body holds in this form; undefined when it is anything else. */
export function contentIfAny<Schema extends z.ZodType>(
  { text }: HttpAnswer,
  schema: Schema,
): z.output<Schema> | undefined {
  return schema.safeParse(jsonIfAny(text)).data;
}

/** Numbers stay text; undefined when it is not JSON. */
export function jsonIfAny(text: string): unknown {
  try {
    return parseLosslessly(text);
  } catch {
    return undefined;
  }
}
