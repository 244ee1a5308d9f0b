/**
 * What E*TRADE's errors say of an order. The codes are those that its users have reported; most texts are unconfirmed, so
 * they only choose between kinds of refusal, never between a refusal and something else.
 */
import type { Refusal, RefusalCode } from '../../domain/order.js';
import type { EtradeError } from './answers.js';

/** 100: not available. 102: the account's key. */
const NOT_OF_THE_REQUEST = ['100', '102', ''];

/** 103: by E*TRADE's rules. 1021: funds. 1037: shares. */
const REFUSED_AT_PLACE: readonly string[] = ['103', '1021', '1037'];

const TOO_LATE = '5001';

const BY_CODE: Readonly<Record<string, RefusalCode>> = {
  1021: 'insufficient_funds',
  1037: 'oversold',
  [TOO_LATE]: 'too_late',
};

const BY_TEXT: readonly (readonly [RegExp, RefusalCode])[] = [
  [/insufficient funds|buying power/i, 'insufficient_funds'],
  [/symbol.*invalid|invalid.*symbol/i, 'invalid_symbol'],
  [/stop price.*(?:above|below|higher|lower|greater|less)/i, 'stop_through_market'],
  [/halted/i, 'halted'],
  [/market.*closed/i, 'market_closed'],
];

/** Whether an error is about what was asked for, and not about the service or the account. */
export function isOfTheRequest({ code }: Pick<EtradeError, 'code'>): boolean {
  return !NOT_OF_THE_REQUEST.includes(code);
}

/** A preview makes no order: every error that is about the order refuses it. */
export function refusalOfPreview(error: EtradeError): Refusal | undefined {
  return isOfTheRequest(error) ? refusalOf(error) : undefined;
}

/**
 * At the place itself only the listed codes refuse. A preview that is used up or has timed out (101, 1033, 900) and a client
 * order id that was used may mean that an earlier send has become the order.
 */
export function refusalOfPlace(error: EtradeError): Refusal | undefined {
  return REFUSED_AT_PLACE.includes(error.code) ? refusalOf(error) : undefined;
}

export function refusalOfCancel(error: EtradeError): Refusal | undefined {
  return error.code === TOO_LATE ? refusalOf(error) : undefined;
}

function refusalOf({ code, message }: EtradeError): Refusal {
  const byText = BY_TEXT.find(([words]) => words.test(message))?.[1];
  return { code: BY_CODE[code] ?? byText ?? 'refused', message };
}
