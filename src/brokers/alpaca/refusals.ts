/**
 * What Alpaca certainly refuses, by its code and its message: the same code stands for many things. Anything else is unknown.
 * Source: Alpaca's error envelope `{code, message}`, with bodies recorded by public clients of the live service.
 */
import { isBuying, type OrderRequest, type Refusal, type RefusalCode } from '../../domain/order.js';
import type { HttpAnswer } from '../../wire/http.js';
import { problemOf } from './answers.js';
import type { Problem } from './schemas.js';

interface Known {
  says: RegExp;
  code: RefusalCode | ((request: OrderRequest) => RefusalCode);
}

const CLIENT_ERRORS = [400, 403, 404, 422];
/** Bad input, a broken rule, forbidden, day-trade protection, not found. */
const CODES = ['40010000', '40010001', '42210000', '40310000', '40310100', '40410000'];

const isClosing = ({ side }: OrderRequest) => side === 'sell' || side === 'buy_to_cover';
/** Of an order that would close: there is nothing (more) to close. */
const oversoldOr = (otherwise: RefusalCode) => (request: OrderRequest) => (isClosing(request) ? 'oversold' : otherwise);

const KNOWN: readonly Known[] = [
  { says: /^insufficient (options |day trading )?buying power/i, code: 'insufficient_funds' },
  { says: /^insufficient qty available for order/i, code: 'oversold' },
  {
    says: /^insufficient balance for /i,
    code: (request) => (isBuying(request.side) ? 'insufficient_funds' : 'oversold'),
  },
  { says: /^account is not allowed to short/i, code: oversoldOr('not_offered') },
  { says: /^asset .* cannot be sold short/i, code: oversoldOr('not_offered') },
  { says: /^account not eligible to trade uncovered option contracts/i, code: oversoldOr('not_offered') },
  { says: /^position intent mismatch/i, code: oversoldOr('invalid_order') },
  { says: /^stop price must be (less|greater) than current price/i, code: 'stop_through_market' },
  { says: /^asset .* (not found|is not (tradable|active))/i, code: 'invalid_symbol' },
  { says: /^asset not found/i, code: 'invalid_symbol' },
  { says: /^options market orders are only allowed during market hours/i, code: 'market_closed' },
  { says: /sub-penny increment/i, code: 'invalid_order' },
  { says: /^cost basis must be >= minimal amount of order/i, code: 'invalid_order' },
  { says: /is not fractionable/i, code: 'invalid_order' },
  { says: /^fractional orders (must|cannot) be /i, code: 'invalid_order' },
  { says: /^(qty|notional|limit_price|stop_price|trail_percent)\b.*(required|must be)/i, code: 'invalid_order' },
  { says: /^\w+ orders require /i, code: 'invalid_order' },
  { says: /^invalid crypto time_in_force/i, code: 'not_offered' },
  { says: /^invalid order type for (crypto order|options trading)/i, code: 'not_offered' },
  { says: /not supported for (options trading|complex orders)/i, code: 'not_offered' },
  { says: /^extended hours order must be DAY limit orders/i, code: 'not_offered' },
  { says: /^potential wash trade detected/i, code: 'opposite_order' },
  { says: /^new orders are rejected by user request/i, code: 'refused' },
  { says: /^trade denied due to pattern day trading protection/i, code: 'refused' },
  { says: /^insufficient scope/i, code: 'refused' },
];

/** The refusal of an order, or undefined when the answer is none that is known. */
export function refusalOf(answer: HttpAnswer, request: OrderRequest): Refusal | undefined {
  const problem = clientError(answer);
  const known = problem && KNOWN.find(({ says }) => says.test(problem.message));
  if (!problem || !known) return undefined;
  return { code: typeof known.code === 'function' ? known.code(request) : known.code, message: wordsOf(problem) };
}

/** Of two orders that could meet, Alpaca also says in which way, and names the one that works. */
function wordsOf({ message, reject_reason: reason, existing_order_id: orderId }: Problem): string {
  const details = [reason, orderId && `order ${orderId}`].filter(Boolean);
  return details.length === 0 ? message : `${message} (${details.join(', ')})`;
}

const TOO_LATE = [/^order is already in "\w+" state/i];

/** Of a cancel: the order is final, or on its way in or out. */
export function tooLateOf(answer: HttpAnswer): Refusal | undefined {
  const message = clientError(answer)?.message ?? '';
  return TOO_LATE.some((says) => says.test(message)) ? { code: 'too_late', message } : undefined;
}

/** The client order id was used before: the order of the first send exists. */
export function isRepeat(answer: HttpAnswer): boolean {
  const problem = clientError(answer);
  return problem?.code === '40010001' && /client.?order.?id must be unique/i.test(problem.message);
}

/** Turned away at the door: nothing was looked at. Sometimes it is 403 where 401 is meant. */
export function isUnauthorized(answer: HttpAnswer): boolean {
  return answer.status === 401 || (answer.status === 403 && problemOf(answer)?.code === '40110000');
}

function clientError(answer: HttpAnswer): Problem | undefined {
  const problem = CLIENT_ERRORS.includes(answer.status) ? problemOf(answer) : undefined;
  return problem && CODES.includes(problem.code) ? problem : undefined;
}
