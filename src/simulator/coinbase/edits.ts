/** What becomes of an order that is edited, and what that would cost (docs/brokers/coinbase.md, section 6.7). */
import { decimal, decimalString } from '../../domain/decimal.js';
import type { OrderRequest } from '../../domain/order.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Json } from '../exchange/journal.js';
import type { Call } from '../exchange/new-order.js';
import { averagePrice, type ExchangeOrder, isOver } from '../exchange/orders.js';
import { estimatedValue } from '../preview.js';
import { editedConfiguration, termsOf } from './order-mapping.js';
import { detailsOf } from './order-views.js';
import { stepsOf } from './products.js';

export interface Change {
  price?: string | undefined;
  size?: string | undefined;
  stop_price?: string | undefined;
}

interface Edit {
  order: ExchangeOrder;
  request: OrderRequest;
  details: Json;
}

/** The order as it would be, or Coinbase's reason against it. */
export function readEdit(
  exchange: Exchange,
  account: string,
  orderId: string,
  change: Change,
): Edit | { problem: string } {
  const order = exchange.order(account, orderId);
  if (order === undefined) return { problem: 'ORDER_NOT_FOUND' };
  if (order.state.status === 'filled') return { problem: 'ORDER_ALREADY_FILLED' };
  if (isOver(order)) return { problem: 'ORDER_ALREADY_CANCELLED' };
  const { configuration, quoteSize } = detailsOf(order);
  if (!/_gtc$/.test(termsOf(configuration).kind)) return { problem: 'ONLY_LIMIT_ORDER_EDITS_SUPPORTED' };
  const size = decimalString(change.size ?? order.state.quantity.toString());
  if (decimal(size).atMost(order.state.filled)) return { problem: 'CANNOT_EDIT_TO_BELOW_FILLED_SIZE' };
  const { request } = order;
  const price = change.price === undefined ? request.limitPrice : decimalString(change.price);
  const stopPrice = change.stop_price === undefined ? request.stopPrice : decimalString(change.stop_price);
  const steps = stepsOf(request.symbol, undefined);
  if (!decimal(size).isMultipleOf(steps.base)) return { problem: 'INVALID_EDITED_SIZE' };
  const prices = { ...(price !== undefined && { limitPrice: price }), ...(stopPrice !== undefined && { stopPrice }) };
  return {
    order,
    request: { ...request, quantity: size, ...prices },
    details: { quoteSize, configuration: editedConfiguration(configuration, { size, price, stopPrice }) },
  };
}

export async function editPreviewAnswer(
  exchange: Exchange,
  edit: Edit | { problem: string },
  call: Call,
): Promise<Response> {
  if ('problem' in edit) {
    const reasons = { edit_failure_reason: edit.problem, preview_failure_reason: 'UNKNOWN_PREVIEW_FAILURE_REASON' };
    return Response.json({ errors: [reasons] });
  }
  const { request, order } = edit;
  const quote = await exchange.quote(request.symbol, call);
  const value = estimatedValue(request, quote);
  const fee = exchange.feeOf('coinbase', decimal(request.quantity), value.dividedBy(decimal(request.quantity)));
  return Response.json({
    ...{ errors: [], slippage: '0', order_total: value.plus(fee).toString(), commission_total: fee.toString() },
    ...{ quote_size: value.toString(), base_size: request.quantity, best_bid: quote?.bid ?? '' },
    ...{ best_ask: quote?.ask ?? '', average_filled_price: averagePrice(order)?.toString() ?? '0' },
  });
}
