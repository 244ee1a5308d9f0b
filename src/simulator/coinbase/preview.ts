/** What an order would cost, or why it would be refused (docs/brokers/coinbase.md, section 6.7). It reserves nothing. */
import { Decimal, decimal } from '../../domain/decimal.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Call } from '../exchange/new-order.js';
import { estimatedValue, refusalOf } from '../preview.js';
import { uuidOf } from '../uuid.js';
import type { Failure } from './answers.js';
import type { PreviewBody } from './order-body.js';
import { refusalFailure, toNewOrder } from './order-mapping.js';

export async function previewAnswer(
  exchange: Exchange,
  account: string,
  body: PreviewBody,
  call: Call,
): Promise<Response> {
  const quote = await exchange.quote(body.product_id);
  const order = isProduct(exchange, body.product_id)
    ? toNewOrder(body, 'preview', quote, exchange.now())
    : invalidProduct();
  const request = 'error' in order ? undefined : order.request;
  const refusal = request && (await refusalOf(exchange, { account, request }, call));
  const failure = 'error' in order ? order : refusal && refusalFailure(refusal, body.side);
  const size = decimal(request?.quantity ?? '0');
  const value = request ? estimatedValue(request, quote) : Decimal.zero;
  const fee = request && !size.isZero() ? exchange.feeOf('coinbase', size, value.dividedBy(size)) : Decimal.zero;
  return Response.json({
    ...{ order_total: value.plus(fee).toString(), commission_total: fee.toString() },
    ...{ errs: failure ? [failure.preview ?? failure.error] : [], warning: [] },
    ...{
      quote_size: value.toString(),
      base_size: size.toString(),
      best_bid: quote?.bid ?? '',
      best_ask: quote?.ask ?? '',
    },
    ...{ is_max: false, slippage: '0', preview_id: uuidOf(`preview ${account} ${exchange.now()}`) },
  });
}

export function isProduct(exchange: Exchange, symbol: string): boolean {
  return symbol.includes('-') && exchange.market.knows(symbol);
}

export function invalidProduct(): Failure {
  return { error: 'INVALID_PRODUCT_ID', message: 'Invalid product_id', preview: 'PREVIEW_INVALID_PRODUCT_ID' };
}
