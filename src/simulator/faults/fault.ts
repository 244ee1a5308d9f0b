/** The kinds of faults, and the operations that they apply to. */
import { z } from 'zod';
import type { OrderRequest } from '../../domain/order.js';
import { BROKERS } from '../exchange/accounts.js';

/** Operations that faults can name; everything else that a broker offers is `other`. */
const OPERATIONS = [
  'place_entry',
  'place_stop',
  'place_exit',
  'preview',
  'cancel',
  'replace',
  'get_order',
  'list_orders',
  'quote',
  'positions',
  'token',
  'authorize',
  'stream',
  'other',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Faults of the connection between program and broker. They apply to any call; no protocol knows of them. */
const TRANSPORT = [
  'timeout_before',
  'timeout_after',
  'token_timeout_after',
  'http_500',
  'http_500_after',
  'http_429',
  'unauthorized',
  'clock_skew',
  'malformed',
  'html_200',
  'slow',
  'disconnect',
  'redirect_307',
  'duplicate_delivery',
] as const;
/** Faults in how the exchange handles a call. */
const HANDLING = [
  'reject',
  'late_reject',
  'partial_fill',
  'fill_after_cancel_ack',
  'cancel_too_late',
  'stop_fills_on_cancel',
  'duplicate_unlisted',
  'stale_read',
  'quote_missing_field',
  'quote_stale',
  'token_family_revoked',
  'location_missing',
  'location_wrong',
] as const;
/** Events at the exchange that no call asked for. They happen just before the call that draws them. */
const EXTERNAL_EVENTS = [
  'external_cancel',
  'external_position_change',
  'bust',
  'halt',
  'resume',
  'session_close',
  'session_open',
  'gap',
] as const;

export type TransportFault = (typeof TRANSPORT)[number];
export type ExternalEvent = (typeof EXTERNAL_EVENTS)[number];
export type FaultKind = TransportFault | (typeof HANDLING)[number] | ExternalEvent;

/** A fault as requested (`POST /control/faults`). */
export const faultRequest = z
  .strictObject({
    operation: z.enum([...OPERATIONS, '*']),
    kind: z.enum([...TRANSPORT, ...HANDLING, ...EXTERNAL_EVENTS]),
    count: z.int().positive().optional(),
    probability: z.number().gt(0).max(1).optional(),
    seconds: z.number().nonnegative().max(86_400).optional(),
    broker: z.enum(BROKERS).optional(),
    seed: z.int().optional(),
    match: z
      .strictObject({
        account: z.string().optional(),
        symbol: z.string().optional(),
        side: z.enum(['buy', 'sell']).optional(),
      })
      .optional(),
    /** how far a gap moves the price; -10 when absent */
    percent: z.number().gt(-100).max(1000).optional(),
  })
  .refine(({ count, probability }) => (count === undefined) !== (probability === undefined), {
    error: 'needs exactly one of count and probability',
  });
export type FaultRequest = z.infer<typeof faultRequest>;

export function isTransport(kind: FaultKind): kind is TransportFault {
  return TRANSPORT.some((transport) => transport === kind);
}

export function isExternalEvent(kind: FaultKind): kind is ExternalEvent {
  return EXTERNAL_EVENTS.some((world) => world === kind);
}

/** The operation of a placement: a stop type is `place_stop`, a closing order `place_exit`, all others `place_entry`. */
export function placeOperation({ type, side }: Pick<OrderRequest, 'type' | 'side'>): Operation {
  if (type === 'stop' || type === 'stop_limit' || type === 'trailing_stop') return 'place_stop';
  return side === 'sell' || side === 'buy_to_cover' ? 'place_exit' : 'place_entry';
}
