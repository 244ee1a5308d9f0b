/** Alpaca's error envelope and its messages (docs/brokers/alpaca.md, section 11). */
import type { Refusal } from '../../domain/order.js';
import type { FaultAnswers } from '../faults/handle-call.js';

export interface Problem {
  status: number;
  code: number;
  message: string;
  extra?: Readonly<Record<string, string>>;
}

/** Whether a result is a problem. */
export function isProblem(value: object): value is Problem {
  return 'code' in value && 'message' in value;
}

export function failure({ status, code, message, extra = {} }: Problem): Response {
  return Response.json({ code, message, ...extra }, { status });
}

export const problems = {
  unauthorized: { status: 401, code: 40110000, message: 'request is not authorized' },
  invalidClient: { status: 401, code: 40110000, message: 'invalid_client' },
  missingScope: { status: 403, code: 40310000, message: 'insufficient scope: trading' },
  orderNotFound: { status: 404, code: 40410000, message: 'order not found' },
  noPosition: { status: 404, code: 40410000, message: 'position does not exist' },
  orderIdMissing: { status: 422, code: 40010001, message: 'order_id is missing' },
  notUnique: { status: 422, code: 40010001, message: 'client_order_id must be unique' },
  cannotReplace: { status: 422, code: 42210000, message: 'unable to replace order in current state' },
  endpointNotFound: { status: 404, code: 40410000, message: 'endpoint not found.' },
} as const satisfies Record<string, Problem>;

export function badInput(message: string): Problem {
  return { status: 422, code: 40010001, message };
}

export function ruleBroken(message: string, extra?: Problem['extra']): Problem {
  return { status: 422, code: 42210000, message, ...(extra && { extra }) };
}

export function forbidden(message: string, extra?: Problem['extra']): Problem {
  return { status: 403, code: 40310000, message, ...(extra && { extra }) };
}

export function alreadyOver(status: string): Problem {
  return ruleBroken(`order is already in "${status}" state`);
}

export const faultAnswers: FaultAnswers = {
  broker: 'alpaca',
  serverError: () => failure({ status: 504, code: 50410000, message: 'gateway timeout' }),
  rateLimited: () => rateLimited(Math.floor(Date.now() / 1000) + 60),
  unauthorized: () => failure(problems.unauthorized),
};

/** `reset` in UNIX seconds. */
export function rateLimited(reset: number): Response {
  const answer = failure({ status: 429, code: 42910000, message: 'rate limit exceeded' });
  const headers = { 'X-RateLimit-Limit': '200', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(reset) };
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
  return answer;
}

/** The facts that a refusal's message contains. */
export interface RefusedOrder {
  symbol: string;
  isCrypto: boolean;
  isOption: boolean;
  isBuy: boolean;
  quantity: string;
  stopPrice: string | undefined;
  marketPrice: string | undefined;
  existing: string;
  held: string;
  available: string;
  cash: string;
}

export function refusalProblem({ code, message }: Refusal, order: RefusedOrder): Problem {
  if (code === 'insufficient_funds')
    return order.isCrypto ? noBalance('USD', order.cash) : forbidden('insufficient buying power');
  if (code === 'oversold') return oversold(order);
  if (code === 'not_offered') return forbidden('account is not allowed to short');
  if (code === 'refused') return forbidden('new orders are rejected by user request');
  if (code === 'market_closed') return ruleBroken(`asset "${order.symbol}" is not tradable`);
  if (code !== 'stop_through_market') return ruleBroken(message);
  const wanted = order.isBuy ? 'greater' : 'less';
  return ruleBroken(`stop price must be ${wanted} than current price`, {
    ...(order.marketPrice !== undefined && { market_price: order.marketPrice }),
    ...(order.stopPrice !== undefined && { stop_price: order.stopPrice }),
  });
}

function oversold({ symbol, isCrypto, isOption, quantity, existing, held, available }: RefusedOrder): Problem {
  if (isCrypto) return noBalance(symbol.replace(/[/-].*$/, ''), available, quantity);
  if (isOption && existing === '0') return forbidden('account not eligible to trade uncovered option contracts');
  const message = `insufficient qty available for order (requested: ${quantity}, available: ${available})`;
  return forbidden(message, { available, existing_qty: existing, held_for_orders: held, symbol });
}

function noBalance(currency: string, available: string, requested?: string): Problem {
  const terms =
    requested === undefined ? `(available: ${available})` : `(requested: ${requested}, available: ${available})`;
  return forbidden(`insufficient balance for ${currency} ${terms}`, {
    available,
    balance: available,
    symbol: currency,
  });
}
