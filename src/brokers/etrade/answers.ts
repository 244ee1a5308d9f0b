/** The forms E*TRADE's answers have (its API v1, errors): a document, an error of its own, nothing, or a page. */
import type { z } from 'zod';
import { checked, jsonOf, UnexpectedAnswer } from '../../wire/answers.js';
import type { HttpAnswer } from '../../wire/http.js';
import { errorDocument } from './schemas.js';

export interface EtradeError {
  code: string;
  message: string;
}

/** `empty`: a list that has nothing in it. */
export type EtradeAnswer =
  | { kind: 'document'; document: unknown }
  | ({ kind: 'error' } & EtradeError)
  | { kind: 'empty' };

/** E*TRADE has no 429: it sends a page under 400, or an error with the same text. */
export function isThrottled({ status, text }: HttpAnswer): boolean {
  return status === 429 || (status === 400 && text.includes('Number of requests exceeded the rate limit'));
}

/** @throws UnexpectedAnswer for everything that is not in the contract: 5xx, redirects, pages, halves of a document */
export function readAnswer(answer: HttpAnswer): EtradeAnswer {
  const { status } = answer;
  if (status === 204) return { kind: 'empty' };
  if (status !== 200 && status !== 400) throw new UnexpectedAnswer(`E*TRADE answered ${status}`);
  const document = jsonOf(answer, 'E*TRADE');
  const error = errorDocument.safeParse(document).data?.Error;
  if (error) return { kind: 'error', code: error.code ?? '', message: error.message };
  if (status === 200) return { kind: 'document', document };
  throw new UnexpectedAnswer('E*TRADE answered 400 without an error');
}

/** @throws UnexpectedAnswer unless it is a document of the documented form */
export function contentOf<Schema extends z.ZodType>(answer: EtradeAnswer, schema: Schema, what: string) {
  if (answer.kind === 'document') return checked(schema, answer.document, `E*TRADE's ${what}`);
  throw new UnexpectedAnswer(`E*TRADE answered a ${what} with ${answer.kind}`);
}

/** E*TRADE answered a read with an error of its own. */
export class ErrorAnswer extends UnexpectedAnswer {
  readonly code: string;

  constructor(error: EtradeError) {
    super(summaryOf(error));
    this.code = error.code;
  }
}

export function summaryOf({ code, message }: EtradeError): string {
  return `E*TRADE's error ${code}: ${message}`;
}
