/** One HTTP call to a broker: sent once, never redirected, never retried, and always with one of three ends. */

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** The request certainly never left this machine: no connection could be made. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

/** The request may have reached the broker, and the answer did not reach us whole. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
}

const LARGEST_ANSWER_BYTES = 16_000_000;
/** What fails before the first byte of a request can be written. */
const BEFORE_SENDING = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** @throws NotSent, AnswerLost */
export async function httpCall({ url, timeoutMs, ...request }: HttpRequest): Promise<HttpAnswer> {
  try {
    // Aborting destroys the socket: a late answer cannot be taken for the next one's.
    const answer = await fetch(url, { ...request, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    const text = await textOf(answer);
    return { status: answer.status, headers: answer.headers, text };
  } catch (error) {
    if (error instanceof AnswerLost) throw error;
    const code = codeOf(error);
    const isBefore = code !== undefined && BEFORE_SENDING.includes(code);
    const detail = `${request.method} ${new URL(url).pathname}: ${code ?? (error instanceof Error ? error.name : 'failed')}`;
    throw isBefore ? new NotSent(detail, { cause: error }) : new AnswerLost(detail, { cause: error });
  }
}

/** Counts what is left after unpacking, as it comes: an answer without end must not fill the memory first. */
async function textOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [bytes, text] = [0, ''];
  // Leaving the loop destroys the socket.
  for await (const part of body ?? []) {
    bytes += part.byteLength;
    if (bytes > LARGEST_ANSWER_BYTES) throw new AnswerLost('the answer is larger than any that is known');
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause !== null && typeof cause === 'object' && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
