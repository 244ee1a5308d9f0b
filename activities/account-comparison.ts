import { log } from '@temporalio/activity';
import type { PrismaClient } from '../prisma/generated/client.js';
import type { Broker } from '../src/broker-port/broker.js';
import type { PassedOver } from '../src/broker-port/listing.js';
import { decimal } from '../src/domain/decimal.js';
import { CLIENT_ORDER_ID_PREFIX, type TradeId } from '../src/domain/ids.js';
import type { BrokerOrder } from '../src/domain/order.js';
import { raiseAccountAlert } from '../src/storage/account-alerts.js';
import {
  endedEntries,
  knownOrders,
  type OrderOfTrade,
  ordersOfEndedTrades,
  raiseAlert,
  workingOrders,
} from '../src/storage/guarded-trades.js';
import { recordBrokerOrder } from '../src/storage/orders.js';
import type { UnseenSince } from './contracts.js';
import { reportPassedOver } from './unreadable-rows.js';
import { reportUnseen } from './unseen-changes.js';

/** What works at the broker so long after its trade ended belongs to nobody. */
const LEFT_OVER_AFTER_MS = 60_000;
/** A fill may be reported so long after the broker confirmed that its order has ended. */
const LATE_FILL_WITHIN_MS = 10 * 60_000;

export interface ComparisonParts {
  prisma: PrismaClient;
  /** makes a trade look */
  wake(id: TradeId): Promise<void>;
}

interface Comparison {
  /** what of ours could not be read */
  unreadable: PassedOver[];
  unseenSince: UnseenSince;
}

/**
 * Compares what works at the broker with what the database knows (failure model R11, F26, F35). It cancels what would open or
 * close a position that no trade holds, records fills that came too late, and alerts a person to both; it never opens exposure.
 * A trade that has not seen what became of its order is woken. Answers undefined when the broker could not be asked.
 */
export async function compareAccount(
  { prisma, wake }: ComparisonParts,
  broker: Broker,
  account: string,
  unseenBefore: UnseenSince,
): Promise<Comparison | undefined> {
  try {
    const working = await workingOrders(prisma, account);
    const [orders, positions] = await Promise.all([broker.openOrders(account), broker.positions(account)]);
    const unreadable = await reportPassedOver(prisma, account, [...orders.passedOver, ...positions.passedOver]);
    const unseenSince = await reportUnseen(prisma, wake, { working, listed: orders }, unseenBefore);
    await reportUnrelatedOrders(prisma, account, orders.rows);
    await cancelLeftOvers(prisma, broker, account, orders.rows);
    await takeLateFills(prisma, broker, account);
    return { unreadable, unseenSince };
  } catch (error) {
    // Whatever it was: an account that cannot be compared for long is an alert.
    log.warn('The account could not be compared in this pass.', { account, error: String(error) });
    return undefined;
  }
}

/** Orders with an id of ours that no trade knows: the database was restored, or an absence was concluded wrongly. */
async function reportUnrelatedOrders(
  prisma: PrismaClient,
  account: string,
  working: readonly BrokerOrder[],
): Promise<void> {
  const ours = working.flatMap(({ clientOrderId = '' }) =>
    clientOrderId.startsWith(CLIENT_ORDER_ID_PREFIX) ? [clientOrderId] : [],
  );
  const known = await knownOrders(prisma, ours);
  for (const id of ours.filter((candidate) => !known.has(candidate))) {
    const message = `Order ${id} is working at the broker. Its id is one of Arbion's, but no trade knows it. Check it before anything else is traded in this account.`;
    await raiseAccountAlert(prisma, account, {
      severity: 1,
      code: 'stranger_order',
      message,
      key: `${account}:stranger:${id}`,
    });
  }
}

async function cancelLeftOvers(
  prisma: PrismaClient,
  broker: Broker,
  account: string,
  working: readonly BrokerOrder[],
): Promise<void> {
  const ids = working.map(({ orderId }) => orderId);
  const before = new Date(Date.now() - LEFT_OVER_AFTER_MS);
  for (const order of await ordersOfEndedTrades(prisma, account, ids, before)) {
    log.warn('An order is still working although its trade has ended. It is cancelled.', {
      order: order.clientOrderId,
    });
    await broker.cancel(account, order.brokerOrderId);
    const message = `The ${order.leg} order ${order.brokerOrderId} of ${order.symbol} was still working after its trade had ended. Arbion has cancelled it. Check the account.`;
    await alertOf(prisma, order, 'left_over_order', message);
  }
}

/** The fill counts: it is recorded, and a person is alerted that these shares have no stop. */
async function takeLateFills(prisma: PrismaClient, broker: Broker, account: string): Promise<void> {
  for (const entry of await endedEntries(prisma, account, new Date(Date.now() - LATE_FILL_WITHIN_MS))) {
    const now = await broker.order(account, entry.brokerOrderId);
    if (!now || decimal(now.filledQuantity).atMost(decimal(entry.filledQuantity))) continue;
    await recordBrokerOrder(prisma, entry, now);
    const message = `${now.filledQuantity} ${entry.symbol} were filled after their trade had ended, by an order that the broker had reported as ended. They have no stop. Close the position.`;
    await alertOf(prisma, entry, 'late_fill', message);
  }
}

async function alertOf(prisma: PrismaClient, order: OrderOfTrade, code: string, message: string): Promise<void> {
  const trade = { id: order.tradeId, userId: order.userId };
  await raiseAlert(prisma, trade, { severity: 1, code, message, key: `${order.clientOrderId}:${code}` });
}
