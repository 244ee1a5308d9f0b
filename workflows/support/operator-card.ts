import { brokerCover, isActive, type TradeState, totals } from '../../src/domain/trade/state.js';
import { toView } from '../../src/domain/trade/to-view.js';

/** The trade as text, for the Temporal UI: what it holds, what protects it, what it is waiting for, what to do. */
export function operatorCard(state: TradeState, now: number): string {
  const view = toView(state, now);
  const lines = [
    `**${view.side === 'buy' ? 'Long' : 'Short'} ${view.symbol}** at ${view.broker}, status **${view.status}**`,
    '',
    `- holding ${view.openQuantity} of ${view.quantity}${view.averageFillPrice ? `, average ${view.averageFillPrice}` : ''}`,
    `- ${protectionLine(state)}`,
    `- orders: ${ordersLine(state)}`,
    `- next look ${new Date(state.monitor.nextLookAt).toISOString()}`,
  ];
  if (state.closing)
    lines.push(`- closing, reason: ${state.closing.reason}${state.closing.by ? ` (${state.closing.by})` : ''}`);
  if (view.reason) lines.push('', `**${view.reason.code}**: ${view.reason.message}`);
  lines.push(
    '',
    'Cancel ends the trade safely, as its onCancel setting says. Terminate and Reset do not: the guardian then restarts the trade.',
  );
  return lines.join('\n');
}

function protectionLine(state: TradeState): string {
  const { open } = totals(state);
  if (!open.isPositive()) return 'no position';
  const cover = brokerCover(state);
  const stop = toView(state, 0).stopPrice ?? 'not set yet';
  if (cover.atLeast(open)) return `stop ${stop} is working at the broker for ${cover}`;
  return `stop ${stop}: an order at the broker covers ${cover} of ${open}; Arbion watches the price for the rest`;
}

function ordersLine(state: TradeState): string {
  const active = state.orders.filter(isActive).map((order) => `${order.leg} ${order.quantity} (${order.state})`);
  return active.length === 0 ? 'none working' : active.join(', ');
}
