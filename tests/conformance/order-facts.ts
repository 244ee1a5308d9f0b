/** Small facts about orders and their amounts. */
import { Decimal, decimal, decimalString } from '../../src/domain/decimal.js';
import { type BrokerOrder, isFinal } from '../../src/domain/order.js';

/** An order id of the same form that nobody knows. */
export function neighbourOf(orderId: string): string {
  return orderId.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 5) % 10));
}

export function exact(text: string): Decimal {
  return decimal(decimalString(text));
}

/** Quantity times price of all that is filled, however the broker shows it. */
export function filledValue({ executions, fillsInTotal }: BrokerOrder): Decimal {
  const fills = fillsInTotal ? [fillsInTotal] : executions;
  return Decimal.sum(fills.map(({ quantity, price }) => decimal(quantity).times(decimal(price))));
}

export function isLive({ status }: BrokerOrder): boolean {
  return !isFinal(status);
}
