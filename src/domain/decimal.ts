/**
 * Exact decimals on integers with an explicit scale: money, prices and quantities.
 *
 * Own code because a decimal library in the workflow bundle costs memory for every open trade. As text (`DecimalString`)
 * a value is canonical: no exponent, no leading `+`, no trailing zeros.
 */

declare const decimalBrand: unique symbol;
/** A canonical decimal in text, as it travels in payloads and JSON. */
export type DecimalString = string & { readonly [decimalBrand]: true };

export type Rounding = 'down' | 'up' | 'half_even';

const PLAIN_DECIMAL = /^(-?)(\d{1,30})(?:\.(\d{1,18}))?$/;
/** Decimal places kept by a division unless the caller asks for others. */
const DIVISION_SCALE = 18;

export class Decimal {
  static readonly zero = new Decimal(0n, 0);
  static readonly one = new Decimal(1n, 0);

  /** The value is `units / 10^scale`. */
  private constructor(
    private readonly units: bigint,
    private readonly scale: number,
  ) {}

  /** @throws RangeError when the text is not a plain decimal of at most 30 digits before and 18 after the point. */
  static parse(text: string): Decimal {
    const parsed = Decimal.tryParse(text);
    if (parsed === undefined) throw new RangeError(`not a decimal: ${JSON.stringify(text)}`);
    return parsed;
  }

  static tryParse(text: string): Decimal | undefined {
    const match = PLAIN_DECIMAL.exec(text);
    if (!match) return undefined;
    const [, sign, whole = '', fraction = ''] = match;
    const units = BigInt(whole + fraction);
    return new Decimal(sign === '-' ? -units : units, fraction.length);
  }

  static ofInteger(value: number | bigint): Decimal {
    return new Decimal(BigInt(value), 0);
  }

  /** The smallest value of so many decimal places: 0.01 for 2. */
  static ofPlaces(places: number): Decimal {
    return new Decimal(1n, places);
  }

  static sum(values: Iterable<Decimal>): Decimal {
    let total = Decimal.zero;
    for (const value of values) total = total.plus(value);
    return total;
  }

  plus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.unitsAt(scale) + other.unitsAt(scale), scale);
  }

  minus(other: Decimal): Decimal {
    return this.plus(other.negated());
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.units * other.units, this.scale + other.scale).roundedTo(DIVISION_SCALE, 'half_even');
  }

  /** @throws RangeError on division by zero. */
  dividedBy(other: Decimal, scale: number = DIVISION_SCALE, rounding: Rounding = 'half_even'): Decimal {
    if (other.isZero()) throw new RangeError('division by zero');
    const numerator = this.units * powerOfTen(scale + other.scale);
    const denominator = other.units * powerOfTen(this.scale);
    return new Decimal(divideRounded(numerator, denominator, rounding), scale);
  }

  negated(): Decimal {
    return new Decimal(-this.units, this.scale);
  }

  absolute(): Decimal {
    return this.units < 0n ? this.negated() : this;
  }

  /** Towards minus infinity (`down`), plus infinity (`up`) or the even neighbour, at `scale` decimal places. */
  roundedTo(scale: number, rounding: Rounding): Decimal {
    if (this.scale <= scale) return this;
    return new Decimal(divideRounded(this.units, powerOfTen(this.scale - scale), rounding), scale);
  }

  /** The nearest multiple of `tick` (> 0) in the direction of `rounding`. */
  roundedToTick(tick: Decimal, rounding: Rounding): Decimal {
    return this.dividedBy(tick, 0, rounding).times(tick);
  }

  /** The power of ten of the first digit that is not zero: 1 for 45, -2 for 0.08. Zero has none. */
  magnitude(): number {
    if (this.isZero()) throw new RangeError('zero has no magnitude');
    return this.absolute().units.toString().length - 1 - this.scale;
  }

  isMultipleOf(step: Decimal): boolean {
    const scale = Math.max(this.scale, step.scale);
    return this.unitsAt(scale) % step.unitsAt(scale) === 0n;
  }

  /** Negative, zero or positive, as for a sort. */
  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const difference = this.unitsAt(scale) - other.unitsAt(scale);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }

  lessThan(other: Decimal): boolean {
    return this.compare(other) < 0;
  }

  atMost(other: Decimal): boolean {
    return this.compare(other) <= 0;
  }

  greaterThan(other: Decimal): boolean {
    return this.compare(other) > 0;
  }

  atLeast(other: Decimal): boolean {
    return this.compare(other) >= 0;
  }

  min(other: Decimal): Decimal {
    return this.compare(other) <= 0 ? this : other;
  }

  max(other: Decimal): Decimal {
    return this.compare(other) >= 0 ? this : other;
  }

  isZero(): boolean {
    return this.units === 0n;
  }

  isPositive(): boolean {
    return this.units > 0n;
  }

  isNegative(): boolean {
    return this.units < 0n;
  }

  /** The canonical text: `-1.5`, `0`, `150.35`. */
  toString(): DecimalString {
    const sign = this.units < 0n ? '-' : '';
    const digits = (this.units < 0n ? -this.units : this.units).toString().padStart(this.scale + 1, '0');
    const whole = digits.slice(0, digits.length - this.scale);
    const fraction = digits.slice(digits.length - this.scale).replace(/0+$/, '');
    return (sign + whole + (fraction ? `.${fraction}` : '')) as DecimalString;
  }

  toJSON(): DecimalString {
    return this.toString();
  }

  private unitsAt(scale: number): bigint {
    return this.units * powerOfTen(scale - this.scale);
  }
}

/** Short for {@link Decimal.parse}. */
export function decimal(text: string): Decimal {
  return Decimal.parse(text);
}

/** Makes any plain decimal text canonical. @throws RangeError as {@link Decimal.parse}. */
export function decimalString(text: string): DecimalString {
  return Decimal.parse(text).toString();
}

/** Those that nearly every operation asks for; a power is dear to compute. */
const POWERS_OF_TEN = Array.from({ length: 2 * DIVISION_SCALE + 1 }, (_, exponent) => BigInt(10) ** BigInt(exponent));

function powerOfTen(exponent: number): bigint {
  return POWERS_OF_TEN[exponent] ?? BigInt(10) ** BigInt(exponent);
}

function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  if (denominator < 0n) return divideRounded(-numerator, -denominator, rounding);
  const truncated = numerator / denominator;
  const remainder = numerator % denominator;
  if (remainder === 0n) return truncated;
  const floor = remainder < 0n ? truncated - 1n : truncated;
  if (rounding === 'down') return floor;
  if (rounding === 'up') return floor + 1n;
  const twice = (numerator - floor * denominator) * 2n;
  if (twice !== denominator) return twice > denominator ? floor + 1n : floor;
  return floor % 2n === 0n ? floor : floor + 1n;
}
