/** Orders, previews and placements as E*TRADE shows them (docs/brokers/etrade.md, sections 5.2 to 5.6). */
import type { Decimal } from '../../domain/decimal.js';
import { ETRADE_CODES } from './answers.js';
import type { EtradeOrder } from './order-body.js';
import { productOf } from './symbols.js';
import type { Tree } from './xml.js';

/** The values of the `status` filter and of `OrderDetail.status` (section 6). */
export const ETRADE_STATUSES = [
  'OPEN',
  'EXECUTED',
  'CANCELLED',
  'INDIVIDUAL_FILLS',
  'CANCEL_REQUESTED',
  'EXPIRED',
  'REJECTED',
] as const;
export type EtradeStatus = (typeof ETRADE_STATUSES)[number];

/** An order in the list. It has no client order id: E*TRADE never shows it again. */
export interface ListedOrder {
  orderId: number;
  order: EtradeOrder;
  status: EtradeStatus;
  placedAt: number;
  executedAt: number | undefined;
  filled: Decimal;
  averagePrice: Decimal | undefined;
  value: Decimal;
  replaces: number | undefined;
  replacedBy: number | undefined;
}

/** The order value that E*TRADE shows: negative for a sale. */
export interface Estimate {
  accountId: string;
  order: EtradeOrder;
  value: Decimal;
  at: number;
}

/** A decimal as a JSON number; its shortest text equals the decimal's, up to 15 digits. */
export function wireNumber(value: Decimal): number {
  return Number(value.toString());
}

export function previewResponse({ accountId, order, value, at }: Estimate, previewId: number): Tree {
  return {
    PreviewOrderResponse: {
      ...{ orderType: order.orderType, totalOrderValue: wireNumber(value), previewTime: at, dstFlag: false, accountId },
      ...{ optionLevelCd: 3, marginLevelCd: 'MARGIN_TRADING_ALLOWED' },
      Order: [estimatedOrder(order, value)],
      PreviewIds: [{ previewId }],
      Disclosure: { aoDisclosureFlag: false, conditionalDisclosureFlag: true },
    },
  };
}

export interface Placement extends Estimate {
  orderId: number;
  marketIsOpen: boolean;
}

export function placeResponse({ accountId, order, value, at, orderId, marketIsOpen }: Placement): Tree {
  const message = marketIsOpen
    ? {
        code: ETRADE_CODES.enteredInMarketHours,
        description: '200|Your order was successfully entered during market hours.',
      }
    : {
        code: ETRADE_CODES.queuedUntilOpen,
        description: '200|Your order was successfully entered and will be sent at the open.',
      };
  return {
    PlaceOrderResponse: {
      ...{ orderType: order.orderType, dstFlag: false, optionLevelCd: 3, marginLevelCd: 'MARGIN_TRADING_ALLOWED' },
      ...{ placedTime: at, accountId },
      Order: [{ ...estimatedOrder(order, value), messages: { Message: [{ ...message, type: 'WARNING' }] } }],
      OrderIds: [{ orderId }],
    },
  };
}

export function cancelResponse({ accountId, orderId, at }: { accountId: string; orderId: number; at: number }): Tree {
  const description = '200|Your request to cancel your order is being processed.';
  const message = { code: ETRADE_CODES.cancelTaken, description, type: 'WARNING' };
  return { CancelOrderResponse: { accountId, orderId, cancelTime: at, Messages: { Message: [message] } } };
}

/** One order of `OrdersResponse`; `details` is its URL. */
export function listedOrder(listed: ListedOrder, details: string): Tree {
  const { orderId, order, status, placedAt, executedAt, value, replaces, replacedBy } = listed;
  const detail: Tree = {
    placedTime: placedAt,
    ...(executedAt !== undefined && { executedTime: executedAt }),
    ...{ orderValue: wireNumber(value), status, ...terms(order) },
    ...{ netPrice: 0, netBid: 0, netAsk: 0, gcd: 0, ratio: '' },
    ...(replaces !== undefined && { replacesOrderId: replaces }),
    ...(replacedBy !== undefined && { replacedByOrderId: replacedBy }),
    Instrument: [listedInstrument(listed)],
  };
  return { orderId, details, orderType: order.orderType, OrderDetail: [detail] };
}

function listedInstrument({ order, filled, averagePrice }: ListedOrder): Tree {
  return {
    ...instrument(order),
    orderedQuantity: Number(order.quantity),
    filledQuantity: wireNumber(filled),
    // Absent until the first fill.
    ...(averagePrice && { averageExecutionPrice: wireNumber(averagePrice) }),
    ...{ estimatedCommission: 0, estimatedFees: 0 },
  };
}

function estimatedOrder(order: EtradeOrder, value: Decimal): Tree {
  return {
    ...terms(order),
    ...{ egQual: 'EG_QUAL_NOT_IN_FORCE', estimatedCommission: 0, estimatedTotalAmount: wireNumber(value) },
    ...{ netPrice: 0, netBid: 0, netAsk: 0, gcd: 0, ratio: '' },
    Instrument: [{ ...instrument(order), quantity: Number(order.quantity), cancelQuantity: 0, reserveOrder: false }],
  };
}

function terms(order: EtradeOrder): Tree {
  return {
    ...{ orderTerm: order.orderTerm, priceType: order.priceType },
    limitPrice: Number(order.limitPrice ?? 0),
    stopPrice: Number(order.stopPrice ?? 0),
    ...{ marketSession: order.marketSession, allOrNone: order.allOrNone },
  };
}

function instrument(order: EtradeOrder): Tree {
  const symbol = order.symbol ?? '';
  const names = { symbolDescription: symbol, orderAction: order.orderAction, quantityType: 'QUANTITY' };
  return { ...names, Product: productOf(symbol) };
}
