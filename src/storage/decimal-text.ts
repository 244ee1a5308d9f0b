import type { Prisma } from '../../prisma/generated/client.js';
import { type DecimalString, decimalString } from '../domain/decimal.js';

/** A column's decimal as ours are written: Prisma prints small ones with an exponent. */
export function textOf(value: Prisma.Decimal): DecimalString {
  return decimalString(value.toFixed());
}
