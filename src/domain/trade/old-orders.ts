/** Orders that have nothing more to say leave the state, so that a trade of any age is small. The database keeps them all. */
import { LATE_FILLS_MS } from './polling.js';
import { latestTaken, type TradeOrder, type TradeState } from './state.js';

/** So many ended orders of a leg are kept. */
const KEPT = 5;

/** Entries, orders with fills and those that were taken for absent explain what the trade holds: they stay. */
export function forgetOldOrders(state: TradeState, now: number): void {
  for (const leg of ['stop', 'exit'] as const) {
    const ended = state.orders.filter((order) => order.leg === leg && hasNothingToSay(order, now));
    const old = ended.slice(0, -KEPT).filter((order) => order !== latestTaken(state, leg));
    if (old.length === 0) continue;
    const youngest = Math.max(...old.map(({ generation }) => generation));
    state.forgotten = { ...state.forgotten, [leg]: Math.max(youngest, state.forgotten?.[leg] ?? 0) };
    state.orders = state.orders.filter((order) => !old.includes(order));
  }
}

/** Whether the order left the state: a late word on it may bring a fill, and nothing else follows from it. */
export function isForgotten({ forgotten, orders }: TradeState, order: Pick<TradeOrder, 'leg' | 'generation'>): boolean {
  if (order.generation > (forgotten?.[order.leg] ?? 0)) return false;
  return !orders.some(({ leg, generation }) => leg === order.leg && generation === order.generation);
}

function hasNothingToSay(order: TradeOrder, now: number): boolean {
  const isOver = order.state === 'done' && order.settled === true && now - (order.doneAt ?? 0) > LATE_FILLS_MS;
  return isOver && !order.absent && order.filledQuantity === '0';
}
