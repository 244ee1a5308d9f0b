/** The exchange's answer to an order without placing it, for the brokers' previews. */
import { Decimal, decimal } from '../domain/decimal.js';
import type { Quote } from '../domain/market.js';
import { isBuying, type OrderRequest, type Refusal } from '../domain/order.js';
import { admit } from '../matching/admission.js';
import { notional } from '../matching/funds.js';
import { defaultRules } from '../matching/rules.js';
import type { Exchange } from './exchange/exchange.js';
import type { Call } from './exchange/new-order.js';

export interface Considered {
  account: string;
  request: OrderRequest;
  /** the id of the order that it would replace */
  insteadOf?: string | undefined;
}

/** The refusal that a placement would get now; undefined when it would be accepted. Reserves nothing. */
export async function refusalOf(exchange: Exchange, considered: Considered, call: Call): Promise<Refusal | undefined> {
  const { account, request, insteadOf } = considered;
  if (call.fault?.kind === 'reject') return { code: 'refused', message: 'the order was refused' };
  if (!exchange.market.knows(request.symbol)) return { code: 'invalid_symbol', message: `unknown ${request.symbol}` };
  const at = exchange.now();
  const prices = await exchange.market.latest(request.symbol, at);
  const book = exchange.records.book(account);
  const others = insteadOf === undefined ? book : { ...book, orders: book.orders.without(insteadOf) };
  const admitted = admit(others, { id: 'preview', request, at, prices }, defaultRules);
  return 'refusal' in admitted ? admitted.refusal : undefined;
}

/** The value of an order at its own price, else at the market's; zero when neither is known. */
export function estimatedValue(request: OrderRequest, quote: Quote | undefined): Decimal {
  const price = request.limitPrice ?? request.stopPrice ?? (isBuying(request.side) ? quote?.ask : quote?.bid);
  return price === undefined ? Decimal.zero : notional(request, decimal(request.quantity), decimal(price));
}
