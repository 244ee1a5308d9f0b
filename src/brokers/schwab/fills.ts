import { Decimal } from '../../domain/decimal.js';
import type { Execution } from '../../domain/order.js';
import { UnexpectedAnswer } from '../../wire/answers.js';
import type { SingleOrder } from './schemas.js';

type Activity = SingleOrder['orderActivityCollection'][number];
type Fill = Activity['executionLegs'][number];

/**
 * The fills of an order, each under an id that is the same in every read: of the activity and the leg, or, where the activity
 * has no id, of time, price and quantity. Fills that are alike within one activity, or without an id, are numbered by their place.
 * An activity that is listed twice counts once. Orders show no fees.
 */
export function executionsOf({ orderId, orderActivityCollection }: SingleOrder): Execution[] {
  const executions = new Map<string, Execution>();
  const unnamed = new Map<string, number>();
  for (const activity of orderActivityCollection.filter(isExecution)) {
    const { activityId, executionLegs } = activity;
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

/** Executions that are no fills would be corrections, of which the contract says nothing. */
function isExecution({ activityType, executionType }: Activity): boolean {
  if (activityType !== 'EXECUTION') return false;
  if (executionType === 'FILL') return true;
  throw new UnexpectedAnswer(`Schwab lists an execution of type ${executionType}, which is not known`);
}
