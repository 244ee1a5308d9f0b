import type { DecimalString } from '../domain/decimal.js';

/** What was traded within one span of time. */
export interface Candle {
  /** when it begins, epoch milliseconds */
  at: number;
  open: DecimalString;
  high: DecimalString;
  low: DecimalString;
  close: DecimalString;
  volume: DecimalString;
}
