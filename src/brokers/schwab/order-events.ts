/** Order events of Schwab's stream (`ACCT_ACTIVITY`): each is a hint to read the order, and nothing else. */
import { z } from 'zod';
import { jsonIfAny } from '../../wire/answers.js';

/** `2` is the message's type and `3` its data, as the text of another JSON. */
const activity = z.object({ '2': z.string().optional(), '3': z.unknown().optional() });
const activityData = z.object({ SchwabOrderID: z.string().min(1) });

/** What happened in an account; without an order for a sign of life. */
export interface Activity {
  orderId?: string;
}

/** Undefined when it is not understood: it may be of any order. */
export function readActivity(json: unknown): Activity | undefined {
  const { '2': type = '', '3': data } = activity.safeParse(json).data ?? { '2': 'unknown' };
  if (type === '' || type === 'SUBSCRIBED') return {};
  const shown = activityData.safeParse(typeof data === 'string' ? jsonIfAny(data) : data).data;
  return shown && { orderId: shown.SchwabOrderID };
}
