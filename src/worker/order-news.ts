/** Wakes the trades whose orders changed without their doing: a fill, a stop that triggered, an end. */
import type { PrismaClient } from '../../prisma/generated/client.js';
import { tradeIdOfClientOrder } from '../domain/ids.js';
import { type OrderReport, standingsOf } from '../storage/known-orders.js';
import type { Hint } from './price-hints.js';

/**
 * What a placement, a cancel or a look has recorded is known to the trade that asked for it, and wakes nobody. An order that
 * is being sent is judged again at the next call.
 */
export function createOrderNews(prisma: PrismaClient, hint: Hint): (reports: readonly OrderReport[]) => Promise<void> {
  let beingSent: readonly OrderReport[] = [];

  return async (reports) => {
    const latest = new Map([...beingSent, ...reports].map((report) => [report.clientOrderId, report]));
    if (latest.size === 0) return;
    const standings = await standingsOf(prisma, [...latest.values()]);
    const withStanding = (wanted: string) => [...standings].flatMap(([report, is]) => (is === wanted ? [report] : []));
    beingSent = withStanding('being_sent');
    const touched = withStanding('news').flatMap(({ clientOrderId }) => tradeIdOfClientOrder(clientOrderId) ?? []);
    await Promise.all([...new Set(touched)].map((id) => hint(id, 'brokerEvent')));
  };
}
