/** After every scenario: do the broker's ledger, the database and the journal tell the same story? */
import { expect } from 'vitest';
import { Decimal, decimal } from '../../src/domain/decimal.js';
import type { TradeId } from '../../src/domain/ids.js';
import { isFinalStatus, mayMove, type TradeStatus } from '../../src/domain/trade/status.js';
import { type BrokerLedger, BrokerRecord, type RecordedFill } from './broker-record.js';
import type { TestDatabase } from './database.js';

type Prisma = TestDatabase['prisma'];

/** Every trade in the database against the broker's ledger. */
export async function audit(prisma: Prisma, ledger: BrokerLedger): Promise<void> {
  for (const { id } of await prisma.trade.findMany({ select: { id: true } })) {
    await auditTrade(prisma, id as TradeId, new BrokerRecord(ledger, { id: id as TradeId }));
  }
}

async function auditTrade(prisma: Prisma, id: TradeId, record: BrokerRecord): Promise<void> {
  const trade = await prisma.trade.findUniqueOrThrow({
    where: { id },
    include: { events: { orderBy: { id: 'asc' } }, orders: { include: { executions: true } }, reservation: true },
  });
  const isFinal = isFinalStatus(trade.status as TradeStatus);
  const fills = record.fills();

  const executions = trade.orders.flatMap((order) => order.executions);
  expect(
    sorted(executions.map(({ executionId, quantity, price }) => fillOf(executionId, `${quantity}`, `${price}`))),
  ).toEqual(sorted(fills));
  const noted = trade.events.filter(({ kind }) => kind === 'fill').map(({ data }) => data as unknown as RecordedFill);
  expect(sorted(noted)).toEqual(sorted(fills));

  for (const order of record.orders) {
    const stored = trade.orders.find(({ clientOrderId }) => clientOrderId === order.clientOrderId);
    expect(stored, `the broker has ${order.clientOrderId}, the database does not`).toBeDefined();
    expect(stored?.sends).toBeLessThanOrEqual(2);
  }
  for (const leg of ['entry', 'stop', 'exit'] as const) expect(record.working(leg).length).toBeLessThanOrEqual(1);

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

/** The journal's moves, from `pending` on, are moves of the table. */
export function expectLegalMoves(moves: readonly { status: TradeStatus }[]): void {
  let from: TradeStatus = 'pending';
  for (const { status } of moves) {
    expect(mayMove(from, status), `${from} → ${status}`).toBe(true);
    from = status;
  }
}

/** Cash that went in and came out, by the fills alone. */
export function cashFlow(fills: readonly RecordedFill[]): Decimal {
  return Decimal.sum(fills.map(({ quantity, price }) => decimal(quantity).times(decimal(price))));
}

function sorted(fills: RecordedFill[]): RecordedFill[] {
  return fills
    .map(({ executionId, quantity, price }) => fillOf(executionId, quantity, price))
    .sort((one, other) => one.executionId.localeCompare(other.executionId));
}

function fillOf(executionId: string, quantity: string, price: string): RecordedFill {
  return { executionId, quantity: decimal(quantity).toString(), price: decimal(price).toString() };
}
