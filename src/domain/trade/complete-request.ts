import { Decimal } from '../decimal.js';
import type { TradeRequest } from './request.js';

/** What a request that leaves a field out asks for. `onMarketClosed` has none: its default is not to be there. */
export const REQUEST_DEFAULTS = {
  timeInForce: 'day',
  session: 'regular',
  onCancel: 'flatten',
  onUnprotected: 'flatten',
  onPartialFill: 'emulate',
  onStopMissing: 'restore',
} as const satisfies Partial<TradeRequest>;

const DECIMALS = ['quantity', 'limitPrice', 'price', 'percent', 'trailPercent', 'limitOffset'];
const TIMES = ['exitAt', 'entryExpiresAt'];

/**
 * The body of POST /trades, as a Temporal client sent it, in the form that workflows run and start tickets are signed
 * for: defaults filled in, decimals and times in one notation. It checks nothing, because its caller compares the result
 * with a signature that the API gave after its own checks. `account` is used when the body names none.
 */
export function completeRequest(body: object, account: string): unknown {
  const {
    confirmDuplicate: _,
    confirm: __,
    ...request
  }: Record<string, unknown> = { ...REQUEST_DEFAULTS, account, ...body };
  return inOneNotation(request);
}

function inOneNotation(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, normalForm(name, value)]));
}

function normalForm(name: string, value: unknown): unknown {
  if (typeof value === 'string' && TIMES.includes(name)) return Date.parse(value);
  if (typeof value === 'string' && DECIMALS.includes(name)) return Decimal.tryParse(value)?.toString() ?? value;
  const isPart = (name === 'stopLoss' || name === 'takeProfit') && typeof value === 'object' && value !== null;
  return isPart ? inOneNotation(value) : value;
}
