import { ApplicationFailure, log } from '@temporalio/activity';
import type pg from 'pg';
import type { PrismaClient } from '../prisma/generated/client.js';
import { AmbiguousOrder, type Broker } from '../src/broker-port/broker.js';
import { type BrokerOrder, isFinal, type Refusal, type WriteOutcome } from '../src/domain/order.js';
import { AMBIGUOUS_ORDER } from '../src/domain/trade/lost-order.js';
import { factOfUnplaced, type OrderFact } from '../src/domain/trade/order-facts.js';
import type { CancelOrder, OrderRef } from '../src/domain/trade/order-ref.js';
import { recordAudit } from '../src/storage/audit.js';
import {
  findIntent,
  hasUnknownTwin,
  keepPreparation,
  markNotPlaced,
  markRefused,
  markSent,
  markUnknown,
  orderFacts,
  prepareIntent,
  recordBrokerOrder,
  type StoredOrder,
  takenOrderIds,
  termsOf,
} from '../src/storage/orders.js';
import { withSendLock } from '../src/storage/send-lock.js';
import type { OrderActivities } from './contracts.js';
import { pause } from './pause.js';
import { withHeartbeat } from './with-heartbeat.js';

export interface OrderDependencies {
  prisma: PrismaClient;
  /** connections for session locks only */
  locks: pg.Pool;
  brokerOf(name: string): Broker;
}

/** The confirmation of a cancel is waited for in the same activity; a slower broker is read by the next look. */
const CONFIRMATION_PAUSES_MS = [0, 50, 150, 400, 1_000, 1_500];

/**
 * Writes at a broker, exactly once for each decision:
 * 1. the intent is committed before anything leaves the process;
 * 2. an order is sent only from `PREPARED`, under a lock held over the send; whoever finds anything else only reads;
 *    where the broker does not know our ids, also under a lock on its terms, and not beside a twin whose outcome is unknown;
 * 3. what the broker did not clearly answer is `UNKNOWN` until a read finds it or the absence window proves its absence;
 * 4. the answer is always what the database knows of all the trade's orders, so every run catches up at once.
 */
export function createOrderActivities({ prisma, locks, brokerOf }: OrderDependencies): OrderActivities {
  const readLock = ({ tradeId, leg }: OrderRef) => `${tradeId}:${leg}`;

  /** Where the broker does not know our ids, also the lock on the order's terms: one of its twins is sent at a time. */
  const sendLocks = (order: OrderRef) => {
    const { findsById } = brokerOf(order.broker).capabilities;
    return [readLock(order), ...(findsById ? [] : [`${order.account}:${termsOf(order.request)}`])];
  };

  /** Sends a prepared intent, once. */
  async function sendPrepared(order: OrderRef): Promise<void> {
    const intent = await prepareIntent(prisma, order);
    if (intent.intent !== 'PREPARED') return;
    const broker = brokerOf(order.broker);
    if (await isTwinUnknown(broker, intent)) return;
    const ready = await readied(broker, intent);
    if (!ready) return;
    const refusal = await markSent(prisma, ready, order.holding, 'PREPARED');
    if (refusal) return refuse(ready, refusal);
    const { account, request } = order;
    await recordOutcome(ready, await broker.place(account, request, ready.preparation ?? undefined));
  }

  /** Our own refusal, before anything is sent. What was never admitted leaves a line in the audit record. */
  async function refuse(intent: StoredOrder, refusal: Refusal): Promise<void> {
    if (refusal.code === 'not_admitted') {
      const { clientOrderId, tradeId } = intent;
      const detail = { tradeId, why: refusal.message };
      // First: a process that ends here tries again, one that had marked the order would not.
      await recordAudit(prisma, { actor: 'unknown', action: 'order.send_refused', subject: clientOrderId, detail });
    }
    await markRefused(prisma, intent, refusal);
  }

  /** A second order that looks the same to the broker waits until the first one is found: only then can one be distinguished from the other. */
  async function isTwinUnknown({ capabilities }: Broker, intent: StoredOrder): Promise<boolean> {
    if (capabilities.findsById || !(await hasUnknownTwin(prisma, intent))) return false;
    log.info('An order waits until its twin is found.', { clientOrderId: intent.clientOrderId });
    return true;
  }

  /** The intent with the broker's answer to its preview, or undefined when that was a refusal or none. */
  async function readied(broker: Broker, intent: StoredOrder): Promise<StoredOrder | undefined> {
    if (!broker.prepare) return intent;
    const preparation = await broker.prepare(intent.account, intent.request);
    if (preparation.outcome === 'ready') return keepPreparation(prisma, intent, preparation.token);
    if (preparation.outcome === 'rejected') await markRefused(prisma, intent, preparation.refusal);
    else log.warn('An order could not be prepared.', { clientOrderId: intent.clientOrderId, ...preparation });
    return undefined;
  }

  /** `intent` is as it was before the send. */
  async function recordOutcome(intent: StoredOrder, outcome: WriteOutcome): Promise<void> {
    if (outcome.outcome === 'accepted') await recordBrokerOrder(prisma, intent, outcome.order);
    else if (outcome.outcome === 'rejected') await markRefused(prisma, intent, outcome.refusal);
    else if (outcome.outcome === 'unknown') await noteUnknown(intent, outcome);
    else {
      log.warn('An order did not reach the broker.', { clientOrderId: intent.clientOrderId, detail: outcome.detail });
      await markNotPlaced(prisma, intent);
    }
  }

  async function noteUnknown(intent: StoredOrder, outcome: { detail: string; turnedDown?: string }): Promise<void> {
    const { detail, turnedDown } = outcome;
    log.warn('The outcome of an order is unknown.', { clientOrderId: intent.clientOrderId, detail });
    await markUnknown(prisma, intent, turnedDown);
  }

  async function readInto(
    intent: StoredOrder | undefined,
    order: { broker: string; account: string },
    orderId: string,
  ) {
    const known = await brokerOf(order.broker).order(order.account, orderId);
    if (known && intent) await recordBrokerOrder(prisma, intent, known);
    return known;
  }

  async function placeOrder(order: OrderRef): Promise<OrderFact[]> {
    return withSendLock(locks, sendLocks(order), async () => {
      await sendPrepared(order);
      return orderFacts(prisma, order.tradeId);
    });
  }

  async function resolveOrder(order: OrderRef): Promise<OrderFact[]> {
    return withSendLock(locks, [readLock(order)], async () => {
      const intent = await findIntent(prisma, order.request.clientOrderId);
      // Without an intent, the process ended before it was committed: nothing was sent.
      if (!intent) return [...(await orderFacts(prisma, order.tradeId)), factOfUnplaced(order, 'prepared')];
      await lookFor(intent);
      return orderFacts(prisma, order.tradeId);
    });
  }

  /** Reads what became of a send. Finding nothing proves nothing before the absence window is over. */
  async function lookFor(intent: StoredOrder): Promise<BrokerOrder | undefined> {
    if (intent.intent !== 'SENT' && intent.intent !== 'UNKNOWN') return undefined;
    const sentAt = (intent.sentAt ?? intent.preparedAt).getTime();
    const taken = await takenOrderIds(prisma, intent.account, sentAt);
    const broker = brokerOf(intent.broker);
    const found = await broker.find(intent.account, intent.request, sentAt, taken).catch(askAPerson);
    if (found) await recordBrokerOrder(prisma, intent, found);
    else await markUnknown(prisma, intent);
    return found;
  }

  async function resendOrder(order: OrderRef): Promise<OrderFact[]> {
    return withSendLock(locks, sendLocks(order), async () => {
      const intent = await findIntent(prisma, order.request.clientOrderId);
      if (intent && !(await lookFor(intent)) && intent.sends === 1) await sendOnceMore(order, intent);
      return orderFacts(prisma, order.tradeId);
    });
  }

  /** A refusal of the repeat may be because of the first: it counts only when the first is still nowhere to be found. */
  async function sendOnceMore(order: OrderRef, intent: StoredOrder): Promise<void> {
    if (await markSent(prisma, intent, order.holding, 'UNKNOWN')) return;
    const { request, preparation } = intent;
    const outcome = await brokerOf(order.broker).place(order.account, request, preparation ?? undefined);
    // An unlisted refusal of the repeat may be because of the first: it proves nothing.
    if (outcome.outcome === 'unknown') return noteUnknown(intent, { detail: outcome.detail });
    if (outcome.outcome !== 'rejected') return recordOutcome(intent, outcome);
    const again: StoredOrder = { ...intent, intent: 'SENT', sends: intent.sends + 1 };
    if (await lookFor(again)) return;
    if (outcome.refusal.code !== 'oversold') await markRefused(prisma, again, outcome.refusal);
  }

  async function cancelOrder(order: CancelOrder): Promise<OrderFact[]> {
    const { broker, account, brokerOrderId, clientOrderId, tradeId } = order;
    const intent = await findIntent(prisma, clientOrderId);
    if (intent?.intent === 'CLOSED') return orderFacts(prisma, tradeId);
    const outcome = await brokerOf(broker).cancel(account, brokerOrderId);
    if (outcome.outcome !== 'accepted') log.info('A cancel was not accepted. The order is read.', { clientOrderId });
    for (const wait of CONFIRMATION_PAUSES_MS) {
      await pause(wait);
      const known = await readInto(intent, order, brokerOrderId);
      if (known && isFinal(known.status)) break;
    }
    return orderFacts(prisma, tradeId);
  }

  return {
    placeOrder: (order) => withHeartbeat(() => placeOrder(order)),
    resendOrder: (order) => withHeartbeat(() => resendOrder(order)),
    cancelOrder: (order) => withHeartbeat(() => cancelOrder(order)),
    resolveOrder,
  };
}

/** Looking again would find the same orders: a person must decide. */
function askAPerson(error: unknown): never {
  if (!(error instanceof AmbiguousOrder)) throw error;
  throw ApplicationFailure.nonRetryable(error.message, AMBIGUOUS_ORDER);
}
