/** The forms E*TRADE's answers have (its API v1, errors): a document, an error of its own, nothing, or a page. */
import type { HttpAnswer } from '../../wire/http.js';
import { parseLosslessly } from '../../wire/json.js';
import { UnexpectedAnswer } from '../../wire/outcomes.js';
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

/** E*TRADE has no 429: it sends a page under 400, or an error with the same words. */
export function isThrottled({ status, text }: HttpAnswer): boolean {
  return status === 429 || (status === 400 && text.includes('Number of requests exceeded the rate limit'));
}

/** @throws UnexpectedAnswer for everything that is not in the contract: 5xx, redirects, pages, halves of a document */
export function readAnswer({ status, text }: HttpAnswer): EtradeAnswer {
  if (status === 204) return { kind: 'empty' };
  if (status !== 200 && status !== 400) throw new UnexpectedAnswer(`E*TRADE answered ${status}`);
  const document = parsed(text, status);
  const error = errorDocument.safeParse(document).data?.Error;
  if (error) return { kind: 'error', code: error.code ?? '', message: error.message };
  if (status === 200) return { kind: 'document', document };
  throw new UnexpectedAnswer('E*TRADE answered 400 without an error');
}

function parsed(text: string, status: number): unknown {
  try {
    return parseLosslessly(text);
  } catch (error) {
    throw new UnexpectedAnswer(`E*TRADE's answer (${status}) is no JSON`, { cause: error });
  }
}
