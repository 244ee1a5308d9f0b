import { Decimal, decimal } from '../../domain/decimal.js';
import type { Execution } from '../../domain/order.js';
import { checked, UnexpectedAnswer } from '../../wire/answers.js';
import { type Fill, fillActivity, type SingleOrder, shownActivity } from './schemas.js';

/**
 * The fills of an order, each under an id that is the same in every read: of the activity and the leg, or, where the activity
 * has no id, of time, price and quantity. Fills that are alike within one activity, or without an id, are numbered by their place.
 * An activity that is listed twice counts once. Only activities of the word FILL move shares: an ended order shows its end as
 * an execution too, of the shares that were not filled, at the price 0. Orders show no fees.
 *
 * @throws UnexpectedAnswer when they do not add up to what the order says is filled. The two may be updated one after the
 * other, and neither too few nor too many shares may be concluded in between: the order is read again.
 */
export function executionsOf(order: SingleOrder): Execution[] {
  const executions = listedFills(order);
  const sum = Decimal.sum(executions.map(({ quantity }) => decimal(quantity)));
  if (sum.equals(decimal(order.filledQuantity))) return executions;
  throw new UnexpectedAnswer('the fills of an order do not add up to its filled quantity');
}

function listedFills({ orderId, orderActivityCollection }: SingleOrder): Execution[] {
  const executions = new Map<string, Execution>();
  const unnamed = new Map<string, number>();
  for (const json of orderActivityCollection.filter(isFill)) {
    const { activityId, executionLegs } = checked(fillActivity, json, "Schwab's fill");
    const alike = activityId === undefined ? unnamed : new Map<string, number>();
    for (const fill of executionLegs) {
      const name = activityId === undefined ? nameOf(fill) : `${activityId}-${fill.legId ?? 1}`;
      const place = (alike.get(name) ?? 0) + 1;
      alike.set(name, place);
      const executionId = `${orderId}-${name}${place > 1 ? `-${place}` : ''}`;
      const { quantity, price, time } = fill;
      executions.set(executionId, { executionId, quantity, price, fee: Decimal.zero.toString(), at: time });
    }
  }
  return [...executions.values()];
}

function nameOf({ time, price, quantity }: Fill): string {
  return `${time}-${price}-${quantity}`;
}

function isFill(activity: unknown): boolean {
  return shownActivity.parse(activity).executionType === 'FILL';
}
