import { parse } from 'lossless-json';
import { z } from 'zod';
import { type DecimalString, decimalString } from '../../domain/decimal.js';

/**
 * JSON whose numbers stay the text they were sent as, so that no amount passes through a binary float.
 * @throws SyntaxError
 */
export function parseLosslessly(text: string): unknown {
  return parse(text, undefined, (literal) => literal);
}

/** An amount, sent as a number or as a string; `1.5e2` counts too. */
export const amount = z.string().transform((text, context): DecimalString => {
  try {
    return decimalString(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is no decimal number' });
    return z.NEVER;
  }
});
