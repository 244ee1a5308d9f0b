import type { Refusal, RefusalCode } from '../../domain/order.js';

/** Texts and names of rules with which Schwab is known to turn an order down. */
const KNOWN: readonly (readonly [RegExp, RefusalCode])[] = [
  [/oversold\/overbought|Position_Sys_0001/i, 'oversold'],
  [/stop price must be above the current ask|Order_Sys_0002/i, 'stop_through_market'],
  [/buying power|insufficient funds/i, 'insufficient_funds'],
  [/invalid symbol/i, 'invalid_symbol'],
  [/can no longer be cancell?ed/i, 'too_late'],
  [/no trades are currently allowed|Account_Sys_0005/i, 'refused'],
];

/** The refusal that a text is known for; any other text proves nothing. */
export function refusalOf(text: string): Refusal | undefined {
  const code = KNOWN.find(([pattern]) => pattern.test(text))?.[1];
  return code && { code, message: text };
}
