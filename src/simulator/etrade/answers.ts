/** E*TRADE's answers (docs/brokers/etrade.md, sections 3 and 9): in JSON or XML as the caller asks, errors too. */
import { type Tree, toXml } from './xml.js';

export type Format = 'json' | 'xml';

/** `.json` at the end of the path, an `Accept` for JSON, or `format=json` in the query; otherwise XML. */
export function formatOf(request: Request): Format {
  const { pathname, searchParams } = new URL(request.url);
  const accept = request.headers.get('accept') ?? '';
  const asked = pathname.endsWith('.json') || accept.includes('application/json');
  return asked || searchParams.get('format') === 'json' ? 'json' : 'xml';
}

export function answer(format: Format, tree: Tree, status = 200): Response {
  const headers = { 'content-type': `application/${format};charset=utf-8` };
  return new Response(format === 'json' ? JSON.stringify(tree) : toXml(tree), { status, headers });
}

/** An empty list is a 204. */
export function empty(): Response {
  return new Response(null, { status: 204 });
}

export interface EtradeError {
  code: number;
  message: string;
}

export function errorAnswer(format: Format, error: EtradeError, status = 400): Response {
  return answer(format, { Error: { code: error.code, message: error.message } }, status);
}

/** The envelope of the errors about tokens and signatures. */
export function problemAnswer(format: Format, problem: string): Response {
  return errorAnswer(format, { code: 401, message: `oauth_problem=${problem}` }, 401);
}

/** The code is that of a service that is not there. */
export function unknownPath(request: Request): Response {
  const message = 'The requested resource is not available.';
  return errorAnswer(formatOf(request), { code: ETRADE_CODES.serviceUnavailable, message }, 404);
}

/** E*TRADE's answer in place of a 429. */
export function throttledAnswer(): Response {
  const page = '<html><body><h1>Number of requests exceeded the rate limit set</h1></body></html>';
  return new Response(page, { status: 400, headers: { 'content-type': 'text/html' } });
}

/** The codes in the wire contract, and the simulator's own where the contract has none. */
export const ETRADE_CODES = {
  serviceUnavailable: 100,
  timedOut: 101,
  invalidAccount: 102,
  refused: 103,
  invalidPreviewId: 900,
  // Reported by users of other clients.
  insufficientFunds: 1021,
  insufficientShares: 1037,
  enteredInMarketHours: 1026,
  queuedUntilOpen: 1027,
  invalidQuoteSymbol: 1002,
  cancelTooLate: 5001,
  cancelTaken: 5011,
  // The simulator's own: not documented.
  malformed: 10_001,
  duplicateClientOrderId: 10_002,
  unknownOrder: 10_003,
  tooManySymbols: 10_004,
} as const;
