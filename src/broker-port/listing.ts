/** A list as a broker answers it, without what could not be read. */
export interface Listing<Row> {
  rows: Row[];
  passedOver: PassedOver[];
}

/**
 * A row of a list that could not be read. Whoever knows which orders are Arbion's decides what that means: an unreadable
 * order of ours is an alarm, any other is unrelated.
 */
export interface PassedOver {
  what: 'order' | 'position';
  /** the broker's own id, where the row shows one */
  orderId?: string;
  clientOrderId?: string;
  /** as Arbion writes it where it has a name for it, else as the broker does */
  symbol?: string;
  /** of an option that cannot be named: the share that it is on */
  optionOn?: string;
  /** such as `an order with 2 legs`; it quotes no amounts */
  reason: string;
}

/** A list in which everything could be read. */
export function completeListing<Row>(rows: Row[]): Listing<Row> {
  return { rows, passedOver: [] };
}
