/** The books of one trade that went well, for tests that falsify them. */
import type { AuditFacts, AuditIntent, AuditTrade, LedgerEvent, LedgerOrder } from '../../src/audit/facts.js';
import { decimal } from '../../src/domain/decimal.js';
import { clientOrderId, type Leg, type TradeId } from '../../src/domain/ids.js';

export const TRADE = '00000000-0000-4000-8000-000000000001' as TradeId;
const ACCOUNT = 'account-1';

export interface Written {
  trade: AuditTrade;
  entry: LedgerOrder;
  stop: LedgerOrder;
  exit: LedgerOrder;
  intents: Record<Leg, AuditIntent>;
  facts: AuditFacts;
}

/** Ten shares bought at 100, protected a second later, and sold at 101 after the stop was cancelled. */
export function soundBooks(): Written {
  const entry = orderOf('entry', 'buy', 'market', 'filled', [event(0, 'accepted'), fill(0, '10', '100', 'e1')]);
  const stop = orderOf('stop', 'sell', 'stop', 'cancelled', [event(1, 'accepted'), event(60, 'cancelled')]);
  const exit = orderOf('exit', 'sell', 'market', 'filled', [event(61, 'accepted'), fill(61, '10', '101', 'x1')]);
  const intents = { entry: intentOf(entry, 'entry'), stop: intentOf(stop, 'stop'), exit: intentOf(exit, 'exit') };
  const trade: AuditTrade = {
    ...{ id: TRADE, account: ACCOUNT, symbol: 'AAPL', assetClass: 'equity', side: 'buy' },
    ...{ status: 'closed', isFinal: true, exitReason: 'manual', alerts: 0 },
    ...{ filledQuantity: decimal('10'), openQuantity: decimal('0'), realizedPnl: decimal('10') },
    paidOut: [],
    reserved: decimal('0'),
  };
  const ledger = { orders: [entry, stop, exit], positions: [] };
  const facts: AuditFacts = { ledger, trades: [trade], intents: Object.values(intents), splits: [] };
  return { trade, entry, stop, exit, intents, facts };
}

export function event(second: number, kind: string): LedgerEvent {
  return { at: new Date(Date.UTC(2026, 2, 3, 16) + second * 1_000).toISOString(), kind };
}

export function fill(second: number, quantity: string, price: string, executionId: string): LedgerEvent {
  return { ...event(second, 'fill'), quantity, price, executionId };
}

function orderOf(leg: Leg, side: string, type: string, status: string, events: LedgerEvent[]): LedgerOrder {
  const ids = { orderId: `broker-${leg}`, clientOrderId: clientOrderId(TRADE, leg, 1) };
  return { account: ACCOUNT, ...ids, symbol: 'AAPL', side, type, quantity: '10', status, events };
}

function intentOf({ orderId, clientOrderId: id = '', account, symbol, events }: LedgerOrder, leg: Leg): AuditIntent {
  const executions = events.flatMap(({ executionId, quantity, price }) =>
    executionId === undefined ? [] : [{ executionId, quantity: decimal(quantity ?? ''), price: decimal(price ?? '') }],
  );
  return {
    tradeId: TRADE,
    leg,
    clientOrderId: id,
    account,
    symbol,
    intent: 'CLOSED',
    brokerOrderId: orderId,
    executions,
  };
}
