/** After every scenario: do the broker's ledger, the database and the journal agree? */
import { expect } from 'vitest';
import { Decimal, decimal } from '../../src/domain/decimal.js';
import { type Leg, type TradeId, tradeIdOfClientOrder } from '../../src/domain/ids.js';
import { isFinalStatus, mayMove, type TradeStatus } from '../../src/domain/trade/status.js';
import { type BrokerLedger, BrokerRecord, type RecordedFill } from './broker-record.js';
import type { TestDatabase } from './database.js';

type Prisma = TestDatabase['prisma'];

/** `by_id`: single fills with execution ids; `singly`: single fills without; `cumulative`: only total quantity and average price */
export type FillReports = 'by_id' | 'singly' | 'cumulative';

const LEGS: readonly Leg[] = ['entry', 'stop', 'exit'];

/** Compares every trade in the database with the broker's ledger, and every order in the ledger with the trades. */
export async function audit(prisma: Prisma, ledger: BrokerLedger, reports: FillReports = 'by_id'): Promise<void> {
  const trades = await prisma.trade.findMany({ select: { id: true } });
  for (const { id } of trades) {
    await auditTrade(prisma, id as TradeId, new BrokerRecord(ledger, { id: id as TradeId }), reports);
  }
  const ids = trades.map(({ id }) => id);
  const strange = ledger.orders.filter(({ clientOrderId }) => !ids.includes(tradeIdOfClientOrder(clientOrderId) ?? ''));
  expect(strange, 'orders that belong to no trade').toEqual([]);
}

async function auditTrade(prisma: Prisma, id: TradeId, record: BrokerRecord, reports: FillReports): Promise<void> {
  const trade = await prisma.trade.findUniqueOrThrow({
    where: { id },
    include: { events: { orderBy: { id: 'asc' } }, orders: { include: { executions: true } }, reservation: true },
  });
  const isFinal = isFinalStatus(trade.status as TradeStatus);
  const noted = trade.events.filter(({ kind }) => kind === 'fill').map(({ data }) => data as unknown as NotedFill);

  for (const leg of LEGS) {
    const fills = asReported(record.fills(leg), reports);
    const executions = trade.orders.filter((order) => order.leg === leg).flatMap((order) => order.executions);
    const stored = executions.map(({ executionId, quantity, price }) => fillOf(executionId, `${quantity}`, `${price}`));
    expect(asReported(stored, reports), `${leg} fills of the database`).toEqual(fills);
    const ofLeg = noted.filter((fill) => fill.leg === leg);
    expect(asReported(ofLeg, reports), `${leg} fills of the journal`).toEqual(fills);
  }

  for (const order of record.orders) {
    const stored = trade.orders.find(({ clientOrderId }) => clientOrderId === order.clientOrderId);
    expect(stored, `the broker has ${order.clientOrderId}, the database does not`).toBeDefined();
    expect(stored?.sends).toBeLessThanOrEqual(2);
  }
  for (const leg of LEGS) expect(record.working(leg).length).toBeLessThanOrEqual(1);

  expectLegalMoves(
    trade.events.filter(({ kind }) => kind === 'status').map(({ data }) => data as { status: TradeStatus }),
  );
  if (!isFinal) return;
  expect(record.working()).toEqual([]);
  expect(`${trade.openQuantity}`).toBe('0');
  if (trade.reservation) {
    expect([`${trade.reservation.exposure}`, `${trade.reservation.pending}`]).toEqual(['0', '0']);
    expect(trade.reservation.releasedAt).not.toBeNull();
  }
}

/** The journal's changes of status, from `pending` on, are allowed by the status table. */
export function expectLegalMoves(moves: readonly { status: TradeStatus }[]): void {
  let from: TradeStatus = 'pending';
  for (const { status } of moves) {
    // A plain check: thousands of simulated trades are judged by it.
    if (!mayMove(from, status)) expect.fail(`the status moved from ${from} to ${status}`);
    from = status;
  }
}

/** Cash spent and received, from the fills alone. */
export function cashFlow(fills: readonly RecordedFill[]): Decimal {
  return Decimal.sum(fills.map(({ quantity, price }) => decimal(quantity).times(decimal(price))));
}

interface NotedFill extends RecordedFill {
  leg: Leg;
}

/** The comparable part of fills, in a stable order. */
function asReported(fills: RecordedFill[], reports: FillReports): unknown[] {
  if (reports === 'cumulative') {
    const quantity = Decimal.sum(fills.map((fill) => decimal(fill.quantity)));
    return [{ quantity: quantity.toString(), cost: cashFlow(fills).toString() }];
  }
  return fills
    .map(({ executionId, quantity, price }) => fillOf(reports === 'by_id' ? executionId : '', quantity, price))
    .sort((one, other) => keyOf(one).localeCompare(keyOf(other)));
}

function keyOf({ executionId, quantity, price }: RecordedFill): string {
  return `${executionId} ${quantity} ${price}`;
}

function fillOf(executionId: string, quantity: string, price: string): RecordedFill {
  return { executionId, quantity: decimal(quantity).toString(), price: decimal(price).toString() };
}
