/** What the exchange would say to an order, without taking it: for the brokers' previews. */
import type { OrderRequest, Refusal } from '../domain/order.js';
import { admit } from '../matching/admission.js';
import { defaultRules } from '../matching/rules.js';
import type { Exchange } from './exchange/exchange.js';
import type { Call } from './exchange/new-order.js';

/** The refusal that a placement would meet now; undefined when it would be taken. Reserves nothing. */
export async function refusalOf(
  exchange: Exchange,
  account: string,
  request: OrderRequest,
  call: Call,
): Promise<Refusal | undefined> {
  if (call.fault?.kind === 'reject') return { code: 'refused', message: 'the order was refused' };
  if (!exchange.market.knows(request.symbol)) return { code: 'invalid_symbol', message: `unknown ${request.symbol}` };
  const at = exchange.now();
  const prices = await exchange.market.latest(request.symbol, at);
  const admitted = admit(exchange.records.book(account), { id: 'preview', request, at, prices }, defaultRules);
  return 'refusal' in admitted ? admitted.refusal : undefined;
}
