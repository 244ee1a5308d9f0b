import { parse } from 'lossless-json';
import { z } from 'zod';
import { Decimal, type DecimalString, decimal } from '../domain/decimal.js';

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
    return plainDecimal(text).toString();
  } catch {
    context.addIssue({ code: 'custom', message: 'is no decimal number' });
    return z.NEVER;
  }
});

/** Servers written in Java write ten million as `1.0E7`. What is smaller than a decimal can hold is rounded off. */
function plainDecimal(text: string): Decimal {
  const [, digits, sign, power] = /^(-?\d+(?:\.\d+)?)[eE]([+-]?)(\d{1,2})$/.exec(text) ?? [];
  if (digits === undefined || power === undefined) return decimal(text);
  const factor = Decimal.ofInteger(10n ** BigInt(power));
  return sign === '-' ? decimal(digits).dividedBy(factor) : decimal(digits).times(factor);
}

/** A count that a broker shows besides, and that nothing rests on: one that cannot be read is absent. */
export const shownCount = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)
  .nullish()
  .catch(undefined);
