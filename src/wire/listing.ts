/** Reads lists row by row, so that one row that cannot be read hides no other. */
import type { Listing, PassedOver } from '../broker-port/listing.js';
import { UnexpectedAnswer } from './answers.js';

/** A row of a kind that Arbion knows and never makes: a person's spread, a bond. `message` names the kind. */
export class OtherKind extends UnexpectedAnswer {}

/** What a row that could not be read shows of itself. */
export type ShownOfRow = Omit<PassedOver, 'what' | 'reason'>;

/** `undefined` from `read`: the row stands for nothing, such as a position of 0. */
export function listing<Row, Read>(
  what: PassedOver['what'],
  rows: readonly Row[],
  read: (row: Row) => Read | undefined,
  shownOf: (row: Row) => ShownOfRow,
): Listing<Read> {
  const found: Listing<Read> = { rows: [], passedOver: [] };
  for (const row of rows) {
    try {
      const value = read(row);
      if (value !== undefined) found.rows.push(value);
    } catch (error) {
      if (!(error instanceof UnexpectedAnswer)) throw error;
      found.passedOver.push({ what, ...shownOf(row), reason: error.message });
    }
  }
  return found;
}
