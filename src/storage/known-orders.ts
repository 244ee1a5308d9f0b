import type { PrismaClient } from '../../prisma/generated/client.js';
import { decimal } from '../domain/decimal.js';
import type { OrderStatus } from '../domain/order.js';
import type { IntentState } from './orders.js';

/** What a broker says of an order that carries our id. */
export interface OrderReport {
  clientOrderId: string;
  status: OrderStatus;
  filledQuantity: string;
  triggered: boolean;
}

/** `known`: our records say the same, or there is no such order of ours · `being_sent`: whoever sends it records it yet. */
export type ReportStanding = 'known' | 'being_sent' | 'news';

/** What the reports are to our records of the orders. */
export async function standingsOf(
  prisma: PrismaClient,
  reports: readonly OrderReport[],
): Promise<Map<OrderReport, ReportStanding>> {
  const rows = await prisma.$queryRaw<KnownOrder[]>`
    SELECT client_order_id AS "clientOrderId", intent, status, filled_quantity::text AS "filledQuantity", triggered
    FROM orders WHERE client_order_id = ANY(${reports.map(({ clientOrderId }) => clientOrderId)})`;
  const known = new Map(rows.map((row) => [row.clientOrderId, row]));
  return new Map(reports.map((report) => [report, standingOf(report, known.get(report.clientOrderId))]));
}

interface KnownOrder extends Omit<OrderReport, 'status'> {
  intent: IntentState;
  status: OrderStatus | null;
}

function standingOf(report: OrderReport, known: KnownOrder | undefined): ReportStanding {
  if (known === undefined) return 'known';
  if (known.intent === 'SENT') return 'being_sent';
  const isSame =
    known.status === report.status &&
    known.triggered === report.triggered &&
    decimal(known.filledQuantity).equals(decimal(report.filledQuantity));
  return isSame ? 'known' : 'news';
}
