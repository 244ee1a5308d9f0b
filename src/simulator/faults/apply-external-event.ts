/** Applies events that no call asked for: halts, sessions, gaps, busts, and changes to the account from outside. */
import { Decimal } from '../../domain/decimal.js';
import { isBuying } from '../../domain/order.js';
import type { Exchange } from '../exchange/exchange.js';
import { type ExchangeOrder, executionsOf } from '../exchange/orders.js';
import type { ExternalEvent } from './fault.js';
import type { PlannedFault } from './fault-plan.js';

/** What the event applies to: what the fault names, else what the call is about. */
export interface Scope {
  account?: string | undefined;
  symbol?: string | undefined;
  side?: 'buy' | 'sell' | undefined;
}

const DEFAULT_GAP_PERCENT = -10;

export async function applyExternalEvent(
  exchange: Exchange,
  fault: PlannedFault & { kind: ExternalEvent },
  call: Scope,
): Promise<void> {
  const scope = { ...call, ...fault.match };
  const until = fault.seconds === undefined ? undefined : exchange.now() + fault.seconds * 1000;
  const { market } = exchange;
  const actions: Record<ExternalEvent, () => unknown> = {
    halt: () => market.halt(scope.symbol, until),
    resume: () => market.resume(scope.symbol),
    session_close: () => market.forceSession('closed', until),
    session_open: () => market.forceSession('regular', until),
    gap: () => scope.symbol && exchange.gap(scope.symbol, Decimal.parse(String(fault.percent ?? DEFAULT_GAP_PERCENT))),
    external_cancel: () => cancelOrders(exchange, scope, fault.match !== undefined),
    external_position_change: () => halvePositions(exchange, scope),
    bust: () => bustLastFill(exchange, scope),
  };
  await actions[fault.kind]();
  await exchange.advance();
}

function accountsIn(exchange: Exchange, { account }: Scope): string[] {
  return account === undefined ? exchange.accounts.all().map((known) => known.account) : [account];
}

function isIn(scope: Scope, { state }: ExchangeOrder): boolean {
  if (scope.symbol !== undefined && state.symbol !== scope.symbol) return false;
  return scope.side === undefined || (scope.side === 'buy') === isBuying(state.side);
}

/** A call concerns all of the account's orders in its symbol, whatever its side, unless the fault names a side. */
function cancelOrders(exchange: Exchange, scope: Scope, isNamed: boolean): void {
  const fitting = isNamed ? scope : { ...scope, side: undefined };
  for (const account of accountsIn(exchange, scope)) {
    exchange.externalEvents.cancelFromOutside(account, (order) => isIn(fitting, order), exchange.now());
  }
}

function halvePositions(exchange: Exchange, scope: Scope): void {
  for (const account of accountsIn(exchange, scope)) {
    for (const { symbol } of exchange.holdings(account).positions) {
      if (scope.symbol === undefined || scope.symbol === symbol) {
        exchange.externalEvents.halvePosition(account, symbol, exchange.now());
      }
    }
  }
}

function bustLastFill(exchange: Exchange, scope: Scope): void {
  for (const account of accountsIn(exchange, scope)) {
    const filled = exchange.orders(account).filter((order) => isIn(scope, order) && executionsOf(order).length > 0);
    const last = filled.at(-1);
    if (last) exchange.externalEvents.bust(last, exchange.now());
  }
}
