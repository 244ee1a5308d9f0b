/** Schwab's error bodies (docs/brokers/schwab.md, section 9): one shape for trading, another for market data and the gateway. */
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';

/** For `/trader/v1`. */
export function traderError(status: 400 | 401 | 403 | 404 | 429 | 500 | 503, message: string): Response {
  return Response.json({ message, errors: [message] }, { status });
}

const TITLES = {
  400: 'Bad Request',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
} as const;

/** For `/marketdata/v1`; the status in the body is text. */
export function marketDataError(status: keyof typeof TITLES, detail?: string): Response {
  const error = { id: randomUUID(), status: String(status), title: TITLES[status], ...(detail && { detail }) };
  return Response.json({ errors: [error] }, { status });
}

/** The gateway's answer to an invalid token; the status in the body is a number. */
export function notAuthorized(): Response {
  const error = { id: randomUUID(), status: 401, title: 'Unauthorized', detail: 'Client not authorized' };
  return Response.json({ errors: [error] }, { status: 401 });
}

/** The gateway's answer for a path that it does not know. */
export function unknownPath(): Response {
  const error = { id: randomUUID(), status: 404, title: 'Not Found', detail: 'No such resource' };
  return Response.json({ errors: [error] }, { status: 404 });
}

/** Every answer has a trace id (section 1). It is not an idempotency key. */
export async function withTraceId(context: Context, next: () => Promise<void>): Promise<void> {
  await next();
  context.res.headers.set('Schwab-Client-CorrelId', randomUUID());
}

/** `2026-03-03T14:31:07+0000`: Schwab's times have an offset without a colon. */
export function schwabTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}+0000`;
}

const QUERY_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** A time of a query in epoch milliseconds. Any fraction of a second is allowed, but only `Z` as the zone (section 2). */
export function readQueryTime(text: string): number | undefined {
  const at = QUERY_TIME.test(text) ? Date.parse(text.replace(/(\.\d{3})\d+Z$/, '$1Z')) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
