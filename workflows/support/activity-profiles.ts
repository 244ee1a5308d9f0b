/**
 * How long each kind of call may take and what happens when it does not answer. Order writes are one attempt, wait for
 * their result when the trade is cancelled, and end in a read-only look-up; nothing else may send an order.
 */
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type {
  BrokerLoginActivities,
  FlattenActivities,
  GuardianActivities,
  OrderActivities,
  TradeActivities,
} from '../../activities/contracts.js';
import { BROKER_LOGINS_TASK_QUEUE, GUARDIAN_TASK_QUEUE } from '../../src/domain/ids.js';

const { WAIT_CANCELLATION_COMPLETED } = ActivityCancellationType;
const ONE_ATTEMPT = { maximumAttempts: 1 } as const;
/** A worker that has sent no heartbeat for so long is taken for dead: the order is looked for, the pass is done elsewhere. */
const HEARTBEAT_TIMEOUT = '3s';

/**
 * Entries, exits, cancels: HTTP 10 s. A worker that crashes in one of them may leave shares without a stop until the
 * order is looked for, so the crash is noticed long before a slow broker's time-out.
 */
export const orders = proxyActivities<OrderActivities>({
  startToCloseTimeout: '20s',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  scheduleToCloseTimeout: '60s',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: ONE_ATTEMPT,
});

/** The protective stop has 10 s altogether: HTTP 3 s. */
export const stops = proxyActivities<OrderActivities>({
  startToCloseTimeout: '5s',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  scheduleToCloseTimeout: '30s',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: ONE_ATTEMPT,
});

/** Look-ups only read, so they may be repeated. */
export const lookups = proxyActivities<OrderActivities>({
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '45s',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' },
});

/** The risk check fails closed: without a verdict in this time the trade is refused. */
export const admission = proxyLocalActivities<TradeActivities>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '2m',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** One look is one try: a look that fails is itself something the trade knows what to do with. */
export const looks = proxyLocalActivities<TradeActivities>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '5s',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: ONE_ATTEMPT,
});

/** The read model may lag while the database is away; guarding the position goes on. */
export const records = proxyLocalActivities<TradeActivities>({
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '15s',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumAttempts: 3 },
});

/** The last record of a trade is written however long it takes. */
export const lastRecord = proxyLocalActivities<TradeActivities>({
  startToCloseTimeout: '10s',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

/** The record of a trade that was not admitted: nothing but what is in the history may write it. */
export const rejection = proxyActivities<TradeActivities>({
  startToCloseTimeout: '10s',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

/** A guardian whose worker crashes must not miss the other trades that the crash left unwatched. */
export const guarding = proxyActivities<GuardianActivities>({
  taskQueue: GUARDIAN_TASK_QUEUE,
  startToCloseTimeout: '60s',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  scheduleToCloseTimeout: '5m',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '15s' },
});

/** Until every trade has received the command. */
export const flattening = proxyActivities<FlattenActivities>({
  taskQueue: GUARDIAN_TASK_QUEUE,
  startToCloseTimeout: '60s',
  heartbeatTimeout: '20s',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** A pass may wait for a provider's answer, and is repeated until it is done: what it finds out is in the database. */
export const upkeep = proxyActivities<BrokerLoginActivities>({
  taskQueue: BROKER_LOGINS_TASK_QUEUE,
  startToCloseTimeout: '30s',
  cancellationType: WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});
