/**
 * Permission to start one trade. Anybody who can reach Temporal can start a workflow, so a start is accepted only with a
 * ticket that the API signed for this trade id, this user and exactly this request, for a short time.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { paperAccountId, type TradeId, tradeWorkflowId, type UserId } from '../domain/ids.js';
import { completeRequest } from '../domain/trade/complete-request.js';
import type { StartTicket, TradeInput, TradeRequest } from '../domain/trade/request.js';
import { canonicalHash, canonicalJson } from './canonical-json.js';

/** Long enough for a program to start its trade, short enough that a ticket found in a log is useless. */
const LIFETIME_MS = 5 * 60_000;

const HEX_256 = /^[0-9a-f]{64}$/;

/** Any client may send anything, so the ticket is parsed before it is verified. */
const ticketShape = z.strictObject({
  tradeId: z.uuid().transform((id) => id as TradeId),
  userId: z.uuid().transform((id) => id as UserId),
  scope: z.literal('trade'),
  inputHash: z.string().regex(HEX_256),
  issuedAt: z.int(),
  expiresAt: z.int(),
  signature: z.string().regex(HEX_256),
});

type TicketRefusal = 'malformed_ticket' | 'wrong_signature' | 'wrong_workflow_id' | 'expired_ticket' | 'other_request';

type TicketVerdict =
  /** `trade` is the complete request, whichever of the two forms the caller sent */
  { ok: true; trade: TradeRequest } | { ok: false; reason: TicketRefusal };

export interface StartTickets {
  sign(start: { tradeId: TradeId; userId: UserId; trade: TradeRequest; now: number }): StartTicket;
  /** The same permission with a new expiry: an accepted request is started however long Temporal was unreachable. */
  renew(ticket: StartTicket, now: number): StartTicket;
  /** `input` is as the workflow received it. The workflow id, which exists once, makes a ticket single-use. */
  verify(input: TradeInput, workflowId: string, now: number): TicketVerdict;
}

export function createStartTickets(sessionSecret: string): StartTickets {
  const key = Buffer.from(hkdfSync('sha256', sessionSecret, '', 'arbion start ticket v1', 32));

  const signed = (ticket: Omit<StartTicket, 'signature'>): StartTicket => ({
    ...ticket,
    signature: createHmac('sha256', key).update(canonicalJson(ticket)).digest('hex'),
  });

  const isSignedByUs = ({ signature, ...ticket }: StartTicket): boolean =>
    timingSafeEqual(Buffer.from(signature, 'hex'), Buffer.from(signed(ticket).signature, 'hex'));

  return {
    sign: ({ tradeId, userId, trade, now }) =>
      signed({
        tradeId,
        userId,
        scope: 'trade',
        inputHash: canonicalHash(trade),
        issuedAt: now,
        expiresAt: now + LIFETIME_MS,
      }),

    renew: ({ signature: _, ...ticket }, now) => signed({ ...ticket, expiresAt: now + LIFETIME_MS }),

    verify: (input, workflowId, now) => {
      const parsed = ticketShape.safeParse(input.ticket);
      if (!parsed.success) return { ok: false, reason: 'malformed_ticket' };
      const ticket = parsed.data;
      if (!isSignedByUs(ticket)) return { ok: false, reason: 'wrong_signature' };
      if (workflowId !== tradeWorkflowId(ticket.tradeId)) return { ok: false, reason: 'wrong_workflow_id' };
      if (now > ticket.expiresAt) return { ok: false, reason: 'expired_ticket' };
      const trade = requestOf(input.trade, ticket);
      return trade ? { ok: true, trade } : { ok: false, reason: 'other_request' };
    },
  };
}

/** The signed request: sent complete, as the API does, or as the body of POST /trades, as other clients may. */
function requestOf(sent: TradeRequest, ticket: StartTicket): TradeRequest | undefined {
  if (canonicalHash(sent) === ticket.inputHash) return sent;
  // Only the paper account may be left out: which other account was meant may have changed since.
  const completed = completeRequest(sent, paperAccountId(ticket.userId));
  // The signature proves that the API checked this very request.
  return canonicalHash(completed) === ticket.inputHash ? (completed as TradeRequest) : undefined;
}
