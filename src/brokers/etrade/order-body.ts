/** From our order to E*TRADE's (its order API v1: preview and place). Bodies are XML: some users have had JSON refused. */
import { createHash } from 'node:crypto';
import { XMLBuilder } from 'fast-xml-parser';
import type { OrderRequest } from '../../domain/order.js';
import { etradeCapabilities } from './capabilities.js';
import { termsOf } from './order-terms.js';
import { productOf } from './symbols.js';

/** Why E*TRADE has no such order, or undefined where it has. */
export function notOffered(request: OrderRequest): string | undefined {
  const { type, assetClass, session, quantity, stopPrice } = request;
  if (!etradeCapabilities.orderTypes[assetClass].includes(type)) return `no ${type} orders for ${assetClass}`;
  if (session === 'extended' && (type !== 'limit' || assetClass !== 'equity')) {
    return 'only limit orders for shares trade in extended hours';
  }
  if (type === 'trailing_stop' && stopPrice !== undefined) return 'a trail starts at its distance from the market';
  return /^\d+$/.test(quantity) ? undefined : 'only whole shares and contracts';
}

/** At most 20 letters and digits, always the same for the same id of ours. */
export function clientOrderIdOf(ours: string): string {
  const hash = createHash('sha256').update(ours).digest('hex');
  return BigInt(`0x${hash}`).toString(36).toUpperCase().slice(0, 20);
}

/** Of a preview; with a preview's id, of the place that follows it and must be the same in everything else. */
export function orderDocument(request: OrderRequest, previewId?: string): string {
  const terms = termsOf(request);
  const { orderType, priceType, orderTerm, marketSession, stopPrice, limitPrice, orderAction, quantity } = terms;
  const content = {
    ...{ orderType, clientOrderId: clientOrderIdOf(request.clientOrderId) },
    ...(previewId !== undefined && { PreviewIds: { previewId } }),
    Order: {
      ...{ allOrNone: 'false', priceType, orderTerm, marketSession, stopPrice, limitPrice },
      Instrument: { Product: productOf(terms.symbol), orderAction, quantityType: 'QUANTITY', quantity },
    },
  };
  return xml({ [previewId === undefined ? 'PreviewOrderRequest' : 'PlaceOrderRequest']: content });
}

export function cancelDocument(orderId: string): string {
  return xml({ CancelOrderRequest: { orderId } });
}

function xml(tree: object): string {
  return new XMLBuilder({}).build(tree);
}
