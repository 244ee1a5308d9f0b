/** Whether an order at Schwab is the one that was sent: it carries no id of ours. */
import { decimal } from '../../domain/decimal.js';
import type { OrderBody } from './order-body.js';
import type { SingleOrder } from './schemas.js';
import { fromSchwabSymbol } from './symbols.js';

/** Schwab's clock may be behind ours by so much, or our note of the send early. */
export const CLOCK_TOLERANCE_MS = 120_000;

/** Same terms, and entered no earlier than two minutes before `sentAt`. Amounts are compared as decimals. */
export function fits(order: SingleOrder, body: OrderBody, sentAt: number): boolean {
  const [leg] = order.orderLegCollection;
  const [sent] = body.orderLegCollection;
  return (
    order.enteredTime >= sentAt - CLOCK_TOLERANCE_MS &&
    isSameSymbol(leg.instrument.symbol, sent.instrument.symbol) &&
    leg.instruction === sent.instruction &&
    order.orderType === body.orderType &&
    order.duration === body.duration &&
    order.session === body.session &&
    isSame(order.quantity, sent.quantity.value) &&
    isSame(order.price, body.price) &&
    isSame(order.stopPrice, body.stopPrice) &&
    isSame(order.stopPriceOffset, body.stopPriceOffset?.value)
  );
}

export function isSameSymbol(shown: string, sent: string): boolean {
  return fromSchwabSymbol(shown) === fromSchwabSymbol(sent);
}

/** What was not sent (a market order's price, a trail's stop) may be filled in by Schwab. */
function isSame(shown: string | undefined, sent: string | undefined): boolean {
  return sent === undefined || (shown !== undefined && decimal(shown).equals(decimal(sent)));
}
