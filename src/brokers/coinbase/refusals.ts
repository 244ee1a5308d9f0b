import type { Refusal, RefusalCode } from '../../domain/order.js';
import type { HttpAnswer } from '../wire/http.js';
import { errorOf } from './coinbase-api.js';
import type { PlaceAnswer } from './schemas.js';

/**
 * Reasons that say for certain that there is no order; a preview's are the same with `PREVIEW_` before them. Coinbase adds
 * new ones: one that is not here is unknown. Source: the failure reasons of "Create Order", and answers of live orders.
 */
const REASONS: ReadonlyMap<string, RefusalCode> = new Map<string, RefusalCode>([
  ['INSUFFICIENT_FUND', 'insufficient_funds'],
  ['INSUFFICIENT_FUNDS', 'insufficient_funds'],
  ['INVALID_LEDGER_BALANCE', 'refused'],
  ['INVALID_PRODUCT_ID', 'invalid_symbol'],
  ['STOP_PRICE_ABOVE_LAST_TRADE_PRICE', 'stop_through_market'],
  ['STOP_PRICE_BELOW_LAST_TRADE_PRICE', 'stop_through_market'],
  ['STOP_PRICE_ABOVE_LIMIT_PRICE', 'invalid_order'],
  ['STOP_PRICE_BELOW_LIMIT_PRICE', 'invalid_order'],
  ['INVALID_SIDE', 'invalid_order'],
  ['INVALID_REQUEST', 'invalid_order'],
  ['INVALID_ORDER_CONFIG', 'invalid_order'],
  ['INVALID_SIZE_PRECISION', 'invalid_order'],
  ['INVALID_PRICE_PRECISION', 'invalid_order'],
  ['INVALID_LIMIT_PRICE', 'invalid_order'],
  ['INVALID_LIMIT_PRICE_POST_ONLY', 'invalid_order'],
  ['INVALID_BASE_SIZE_TOO_SMALL', 'invalid_order'],
  ['INVALID_BASE_SIZE_TOO_LARGE', 'invalid_order'],
  ['INVALID_QUOTE_SIZE_TOO_SMALL', 'invalid_order'],
  ['INVALID_QUOTE_SIZE_TOO_LARGE', 'invalid_order'],
  ['LIMIT_PRICE_TOO_FAR_FROM_MARKET', 'invalid_order'],
  ['UNSUPPORTED_ORDER_CONFIGURATION', 'not_offered'],
  ['BRACKET_ORDER_NOT_SUPPORTED', 'not_offered'],
  ['INELIGIBLE_PAIR', 'not_offered'],
  ['ORDER_ENTRY_DISABLED', 'halted'],
  ['UNTRADABLE_PRODUCT', 'halted'],
  ['INVALID_NO_LIQUIDITY', 'halted'],
  ['GEOFENCING_RESTRICTION', 'refused'],
  ['COMMANDER_REJECTED_NEW_ORDER', 'refused'],
]);
/** HTTP errors of which the same is true: the request did not get as far as an order. */
const ERRORS: ReadonlyMap<string, RefusalCode> = new Map<string, RefusalCode>([
  ['400 INVALID_ARGUMENT', 'invalid_order'],
  ['403 PERMISSION_DENIED', 'refused'],
]);

/** What a placement that did not succeed says, most telling word first. */
export function reasonsOf({ failure_reason, error_response }: PlaceAnswer): string[] {
  const { new_order_failure_reason, error, preview_failure_reason } = error_response ?? {};
  const words = [new_order_failure_reason, error, preview_failure_reason, failure_reason];
  return words.filter((word) => word !== undefined).filter((word) => !word.startsWith('UNKNOWN'));
}

/** The refusal that a placement's answer is, or undefined when no word of it is known to be one. */
export function refusalOf(answer: PlaceAnswer, side: 'BUY' | 'SELL'): Refusal | undefined {
  const reason = reasonsOf(answer).find((word) => REASONS.has(plain(word)));
  const code = reason && REASONS.get(plain(reason));
  if (!code) return undefined;
  const isOversold = code === 'insufficient_funds' && side === 'SELL';
  const message = [reason, answer.error_response?.message].filter((part) => part !== undefined).join(': ');
  return { code: isOversold ? 'oversold' : code, message };
}

export function refusalOfError(answer: HttpAnswer): Refusal | undefined {
  const body = errorOf(answer);
  const code = body && ERRORS.get(`${answer.status} ${body.error}`);
  return code && { code, message: body.message };
}

function plain(reason: string): string {
  return reason.replace(/^PREVIEW_/, '');
}
