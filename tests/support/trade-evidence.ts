/** What the broker's ledger, the database and the journal say about a trade, for tests that compare them. */
import { audit } from '../../src/audit/audit.js';
import { Decimal, decimal } from '../../src/domain/decimal.js';
import { legOfClientOrder, type TradeId, tradeIdOfClientOrder } from '../../src/domain/ids.js';
import { isFinal, type OrderStatus } from '../../src/domain/order.js';
import { auditFacts } from '../../src/storage/audit-facts.js';
import type { PaperMarketForTest } from './paper-market.js';

/** `entry 1 filled`: one line for each order that the broker ever accepted for the trade, in order of arrival. */
export async function ordersAtBroker({ broker }: PaperMarketForTest, tradeId: TradeId): Promise<string[]> {
  const { orders } = await broker.ledger();
  const ours = orders.filter((order) => tradeIdOfClientOrder(order.clientOrderId) === tradeId);
  return ours.map(({ clientOrderId, status }) => {
    const generation = /\d+$/.exec(clientOrderId)?.[0];
    return `${legOfClientOrder(clientOrderId)} ${generation} ${status}`;
  });
}

/** Everything on which ledger, database and journal disagree. */
export async function disagreements(market: PaperMarketForTest, tradeId: TradeId): Promise<string[]> {
  const { broker, database } = market;
  const facts = await auditFacts(database.prisma, 'paper');
  const findings = audit({ ...facts, ledger: await broker.ledger(), splits: [] });
  return [
    ...findings.map(({ invariant, subject, evidence }) => `${invariant} ${subject}: ${evidence}`),
    ...(await journalDisagreements(market, tradeId)),
    ...(await heldReservation(market, tradeId)),
  ];
}

/** The journal has each fill of the broker once, and a final status last. */
async function journalDisagreements({ broker, database }: PaperMarketForTest, tradeId: TradeId): Promise<string[]> {
  const entries = await database.prisma.tradeEvent.findMany({ where: { tradeId }, orderBy: { id: 'asc' } });
  const recorded = entries.filter(({ kind }) => kind === 'fill').map(({ data }) => fillLine(data as Partial<Fill>));
  const { orders } = await broker.ledger();
  const filled = orders
    .filter((order) => tradeIdOfClientOrder(order.clientOrderId) === tradeId)
    .flatMap((order) => order.events.filter(({ kind }) => kind === 'fill').map(fillLine));
  const wrong =
    [...recorded].sort().join() === [...filled].sort().join() ? [] : [`journal ${recorded}, broker ${filled}`];
  const { status } = await database.prisma.trade.findUniqueOrThrow({ where: { id: tradeId } });
  const statuses = entries
    .filter(({ kind }) => kind === 'status')
    .map(({ data }) => (data as { status: string }).status);
  return statuses.at(-1) === status ? wrong : [...wrong, `the journal ends ${statuses.at(-1)}, the record ${status}`];
}

interface Fill {
  executionId: string;
  quantity: string;
  price: string;
}

function fillLine({ executionId, quantity, price }: Partial<Fill>): string {
  return `${executionId} ${quantity}@${price}`;
}

async function heldReservation({ database }: PaperMarketForTest, tradeId: TradeId): Promise<string[]> {
  const held = await database.prisma.reservation.findUnique({ where: { tradeId } });
  if (!held || held.releasedAt === null) return held ? ['the reservation was not released'] : [];
  return held.exposure.isZero() && held.pending.isZero() ? [] : [`a reservation of ${held.exposure} is left`];
}

export interface CoverGap {
  from: Date;
  ms: number;
  /** a gap while the position was being closed ends with the closing fill; any other with a stop */
  endedBy: 'stop' | 'exit' | 'nothing';
}

interface BookEvent {
  wallAt: Date;
  kind: string;
  clientOrderId: string;
  quantity: string | null;
  orderQuantity: string;
}

/** When the broker's stops covered less than the trade held, by the broker's ledger and real time. */
export async function coverGaps({ database }: PaperMarketForTest, tradeId: TradeId): Promise<CoverGap[]> {
  const prefix = `arb-${tradeId.replaceAll('-', '')}-`;
  const { rows } = await database.pool.query<BookEvent>(
    `SELECT e.wall_at AS "wallAt", e.kind, o.client_order_id AS "clientOrderId", e.quantity::text, o.quantity::text AS "orderQuantity"
     FROM paper_order_events e JOIN paper_orders o ON o.id = e.order_id
     WHERE o.client_order_id LIKE $1 || '%' ORDER BY e.id`,
    [prefix],
  );
  const gaps: CoverGap[] = [];
  const working = new Map<string, Decimal>();
  let held = Decimal.zero;
  let since: Date | undefined;
  for (const [index, event] of rows.entries()) {
    held = takeIn(event, held, working);
    // What happened in one transaction happened at once.
    if (rows[index + 1]?.wallAt.getTime() === event.wallAt.getTime()) continue;
    const covered = Decimal.sum([...working.values()]).atLeast(held);
    if (!covered) since ??= event.wallAt;
    else if (since) {
      const endedBy = held.isPositive() ? 'stop' : 'exit';
      gaps.push({ from: since, ms: event.wallAt.getTime() - since.getTime(), endedBy });
      since = undefined;
    }
  }
  return since ? [...gaps, { from: since, ms: Date.now() - since.getTime(), endedBy: 'nothing' }] : gaps;
}

/** Applies an event to the working stops; returns the quantity held after it. */
function takeIn(event: BookEvent, held: Decimal, working: Map<string, Decimal>): Decimal {
  const { kind, clientOrderId, quantity, orderQuantity } = event;
  const leg = legOfClientOrder(clientOrderId);
  if (leg === 'stop' && kind === 'accepted') working.set(clientOrderId, decimal(orderQuantity));
  if (['cancelled', 'expired', 'replaced'].includes(kind)) working.delete(clientOrderId);
  if (kind !== 'fill') return held;
  const filled = decimal(quantity ?? '0');
  if (leg === 'entry') return held.plus(filled);
  const rest = working.get(clientOrderId)?.minus(filled);
  if (rest) working.set(clientOrderId, rest);
  return held.minus(filled);
}

/** Orders of the account that can still fill. */
export async function workingOrders({ broker }: PaperMarketForTest): Promise<string[]> {
  const { orders } = await broker.ledger();
  return orders.filter(({ status }) => !isFinal(status as OrderStatus)).map(({ clientOrderId }) => clientOrderId);
}
