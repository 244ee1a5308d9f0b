import type { Refusal, RefusalCode } from '../../domain/order.js';
import type { HttpAnswer } from '../../wire/http.js';
import { errorOf } from './answers.js';
import type { PlaceAnswer } from './schemas.js';

/**
 * Reasons that say for certain that there is no order; a preview's are the same with `PREVIEW_` before them. Coinbase adds
 * new ones: one that is not here is unknown. Sources: the failure reasons of "Create Order" and "Preview Order", and
 * answers of live orders.
 */
const REASONS: Readonly<Partial<Record<RefusalCode, readonly string[]>>> = {
  insufficient_funds: ['INSUFFICIENT_FUND', 'INSUFFICIENT_FUNDS', 'INSUFFICIENT_LEDGER_BALANCE'],
  invalid_symbol: ['INVALID_PRODUCT_ID'],
  stop_through_market: ['STOP_PRICE_ABOVE_LAST_TRADE_PRICE', 'STOP_PRICE_BELOW_LAST_TRADE_PRICE'],
  invalid_order: [
    ...['STOP_PRICE_ABOVE_LIMIT_PRICE', 'STOP_PRICE_BELOW_LIMIT_PRICE', 'INVALID_STOP_PRICE', 'INVALID_LIMIT_PRICE'],
    ...['INVALID_LIMIT_PRICE_POST_ONLY', 'LIMIT_PRICE_TOO_FAR_FROM_MARKET', 'BREACHED_PRICE_LIMIT'],
    ...['LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY', 'LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL'],
    ...['INVALID_PRICE_TOO_LARGE', 'INVALID_PRICE_PRECISION', 'INVALID_LIMIT_PRICE_PRECISION'],
    ...['INVALID_STOP_PRICE_PRECISION', 'INVALID_SIZE_PRECISION', 'NON_NUMERIC_ORDER_SIZE'],
    ...['INVALID_BASE_SIZE_TOO_SMALL', 'INVALID_BASE_SIZE_TOO_LARGE', 'INVALID_QUOTE_SIZE_PRECISION'],
    ...['INVALID_QUOTE_SIZE_TOO_SMALL', 'INVALID_QUOTE_SIZE_TOO_LARGE', 'END_TIME_IS_IN_THE_PAST'],
    ...['END_TIME_TOO_FAR_IN_FUTURE', 'INVALID_END_TIME', 'INVALID_SIDE', 'INVALID_REQUEST', 'INVALID_ORDER_CONFIG'],
  ],
  not_offered: ['UNSUPPORTED_ORDER_CONFIGURATION', 'BRACKET_ORDER_NOT_SUPPORTED', 'INELIGIBLE_PAIR'],
  halted: [
    ...['ORDER_ENTRY_DISABLED', 'UNTRADABLE_PRODUCT', 'TRADING_DISABLED', 'PRODUCT_TRADING_HALTED'],
    ...[
      'NOT_ALLOWED_BY_MARKET_STATE',
      'INVALID_NO_LIQUIDITY',
      'MISSING_PRODUCT_PRICE_BOOK',
      'MISSING_MARKET_TRADE_DATA',
    ],
  ],
  refused: [
    ...['GEOFENCING_RESTRICTION', 'COMMANDER_REJECTED_NEW_ORDER', 'INVALID_LEDGER_BALANCE', 'BREACHED_RISK_LIMIT'],
    ...['COMPLIANCE_PURCHASE_LIMIT_EXCEEDED', 'MAX_DAILY_VOLUME_NOTIONAL_BREACHED'],
  ],
};
/** Reasons that say for certain that a cancel was not taken. Source: "Cancel Orders". */
const CANCEL_REASONS: Readonly<Partial<Record<RefusalCode, readonly string[]>>> = {
  too_late: ['UNKNOWN_CANCEL_ORDER', 'ORDER_IS_FULLY_FILLED'],
  refused: [
    ...['INVALID_CANCEL_REQUEST', 'COMMANDER_REJECTED_CANCEL_ORDER', 'INVALID_CANCEL_PRODUCT_ID'],
    ...['NOT_ALLOWED_TO_CANCEL', 'ORDER_IS_BEING_REPLACED'],
  ],
};
/** HTTP errors of which the same is true: the request did not get as far as an order. */
const ERRORS: ReadonlyMap<string, RefusalCode> = new Map<string, RefusalCode>([
  ['400 INVALID_ARGUMENT', 'invalid_order'],
  ['403 PERMISSION_DENIED', 'refused'],
]);

/** What a placement that did not succeed says, most specific first. */
export function reasonsOf({ failure_reason, error_response }: PlaceAnswer): string[] {
  const { new_order_failure_reason, error, preview_failure_reason } = error_response ?? {};
  const words = [new_order_failure_reason, error, preview_failure_reason, failure_reason];
  return words.filter((word) => word !== undefined).filter((word) => !word.startsWith('UNKNOWN'));
}

/** The refusal that a placement's answer is, or undefined when none of its reasons is known. */
export function refusalOf(answer: PlaceAnswer, side: 'BUY' | 'SELL'): Refusal | undefined {
  const known = reasonsOf(answer).map((reason) => ({ reason, code: codeOf(REASONS, reason) }));
  const { reason, code } = known.find((candidate) => candidate.code !== undefined) ?? {};
  if (code === undefined) return undefined;
  const isOversold = code === 'insufficient_funds' && side === 'SELL';
  const message = [reason, answer.error_response?.message].filter((part) => part !== undefined).join(': ');
  return { code: isOversold ? 'oversold' : code, message };
}

/** That of a cancel, or undefined when its reason is not known to be one. */
export function refusalOfCancel(reason: string): Refusal | undefined {
  const code = codeOf(CANCEL_REASONS, reason);
  return code && { code, message: `the cancel was not taken: ${reason}` };
}

export function refusalOfError(answer: HttpAnswer): Refusal | undefined {
  const body = errorOf(answer);
  const code = body && ERRORS.get(`${answer.status} ${body.error}`);
  return code && { code, message: body.message };
}

function codeOf(reasons: typeof REASONS, reason: string): RefusalCode | undefined {
  const plain = reason.replace(/^PREVIEW_/, '');
  for (const [code, words] of Object.entries(reasons)) if (words.includes(plain)) return code as RefusalCode;
  return undefined;
}
