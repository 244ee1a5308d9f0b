/** From our order to E*TRADE's (its order API v1: preview and place). Bodies are XML: some users have had JSON refused. */
import { createHash } from 'node:crypto';
import { XMLBuilder } from 'fast-xml-parser';
import type { OrderRequest } from '../../domain/order.js';
import { termsOf } from './order-terms.js';
import { productOf } from './symbols.js';

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
