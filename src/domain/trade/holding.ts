import { Decimal, type DecimalString, decimal } from '../decimal.js';
import type { Leg } from '../ids.js';
import type { Execution, OrderRequest } from '../order.js';
import { emptyLedger, type TradeLedger, totalsOf, withFills } from './ledger.js';
import type { TradeState } from './state.js';

/** What a trade knows beyond its orders and fills of how much it holds. */
export interface Holding extends Pick<TradeLedger, 'splits' | 'external'> {
  side: 'buy' | 'sell_short';
  /** as of `TradeCapabilities` */
  feeInKind?: DecimalString;
  /** client order ids whose absence at the broker was concluded: they can close nothing */
  absent: string[];
}

/** One of the trade's orders as it stands recorded. */
export interface RecordedOrder {
  leg: Leg;
  request: OrderRequest;
  /** it may be at the broker and fill */
  mayFill: boolean;
  remaining: Decimal;
  executions: Execution[];
}

export function holdingOf(state: TradeState): Holding {
  const { splits, external } = state.ledger;
  const { feeInKind } = state.capabilities;
  const absent = state.orders.filter((order) => order.absent).map(({ request }) => request.clientOrderId);
  return { splits, external, side: state.request.side, absent, ...(feeInKind !== undefined && { feeInKind }) };
}

/**
 * Whether a closing order, together with the others that may still fill, would close more than the trade holds (failure
 * model R8). It holds over all trades of an account because it holds for each. An entry never does.
 */
export function wouldOversell(
  order: OrderRequest,
  leg: Leg,
  recorded: readonly RecordedOrder[],
  holding: Holding,
): boolean {
  if (leg === 'entry') return false;
  const fills = recorded.flatMap(({ leg: of, request, executions }) =>
    executions.map((execution) => ({ ...execution, leg: of, clientOrderId: request.clientOrderId })),
  );
  const { splits, external, side, feeInKind } = holding;
  const { open } = totalsOf(withFills({ ...emptyLedger(), splits, external }, fills), side, Decimal.one, feeInKind);
  const gone = new Set([order.clientOrderId, ...holding.absent]);
  const others = recorded.filter(
    ({ leg: of, mayFill, request }) => of !== 'entry' && mayFill && !gone.has(request.clientOrderId),
  );
  const working = Decimal.sum(others.map(({ remaining }) => remaining));
  return working.plus(decimal(order.quantity)).greaterThan(open);
}
