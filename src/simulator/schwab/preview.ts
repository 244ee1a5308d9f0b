/** Schwab's order preview (docs/brokers/schwab.md, section 5.8): a refusal is in `rejects`, with 200. */
import type { Quote } from '../../domain/market.js';
import { isBuying, type OrderRequest, type RefusalCode } from '../../domain/order.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import { estimatedValue, refusalOf } from '../preview.js';
import type { OrderFields } from './order-body.js';
import { wire } from './order-views.js';
import { refusalMessage } from './placements.js';
import { assetTypeOf, toSchwabSymbol } from './symbols.js';

/** Rule names seen by another platform (section 9). */
const RULES: Partial<Readonly<Record<RefusalCode, string>>> = {
  insufficient_funds: 'Account_Sys_0005',
  oversold: 'Position_Sys_0001',
};

export interface Previewed {
  account: string;
  fields: OrderFields;
  request: OrderRequest;
}

export async function previewAnswer(exchange: Exchange, order: Previewed, call: Call): Promise<Response> {
  const refusal = await refusalOf(exchange, order, call);
  const quote = await exchange.quote(order.request.symbol, call);
  const rule = refusal && {
    validationRuleName: RULES[refusal.code] ?? 'Order_Sys_0002',
    ...wording(refusalMessage(refusal)),
  };
  const none = { commissionLegs: [] };
  return Response.json({
    orderId: 0,
    orderStrategy: strategyOf(exchange, order, quote, refusal === undefined),
    orderValidationResult: { alerts: [], accepts: [], rejects: rule ? [rule] : [], reviews: [], warns: [] },
    commissionAndFee: { commission: none, fee: { feeLegs: [] }, trueCommission: none },
  });
}

function wording(message: string): object {
  const severities = { originalSeverity: 'REJECT', overrideName: '', overrideSeverity: 'REJECT' };
  return { message, activityMessage: message, ...severities };
}

function strategyOf(exchange: Exchange, order: Previewed, quote: Quote | undefined, accepted: boolean): object {
  const { account, fields, request } = order;
  const value = estimatedValue(request, quote);
  const power = exchange.holdings(account).buyingPower;
  const left = wire(isBuying(request.side) ? power.minus(value) : power.plus(value));
  return {
    ...{ accountNumber: account, orderType: fields.orderType, session: fields.session, duration: fields.duration },
    ...(fields.price !== undefined && { price: Number(fields.price) }),
    quantity: Number(request.quantity),
    orderBalance: {
      ...{ orderValue: wire(value), projectedAvailableFund: left, projectedBuyingPower: left, projectedCommission: 0 },
    },
    status: accepted ? 'ACCEPTED' : 'REJECTED',
    orderLegs: [legOf(order, quote)],
  };
}

function legOf({ fields, request }: Previewed, quote: Quote | undefined): object {
  return {
    ...(quote?.ask !== undefined && { askPrice: Number(quote.ask) }),
    ...(quote?.bid !== undefined && { bidPrice: Number(quote.bid) }),
    ...(quote?.last !== undefined && { lastPrice: Number(quote.last), markPrice: Number(quote.last) }),
    ...{ projectedCommission: 0, quantity: Number(request.quantity), finalSymbol: toSchwabSymbol(request.symbol) },
    ...{ legId: 1, assetType: assetTypeOf(request.symbol), instruction: fields.orderLegCollection[0]?.instruction },
  };
}
