import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toTradeRequest, tradeBody } from '../../src/api/trades/trade-body.js';
import { canonicalHash, canonicalJson } from '../../src/auth/canonical-json.js';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import { paperAccountId, type TradeId, tradeWorkflowId, type UserId } from '../../src/domain/ids.js';
import type { StartTicket, TradeInput } from '../../src/domain/trade/request.js';

const tickets = createStartTickets('a secret of the session that nobody knows');
const userId = randomUUID() as UserId;
const tradeId = randomUUID() as TradeId;
const now = Date.parse('2026-03-02T12:00:00Z');
const MINUTE = 60_000;

const body = {
  broker: 'paper',
  symbol: 'AAPL',
  assetClass: 'equity',
  side: 'buy',
  quantity: '10.0',
  orderType: 'market',
  stopLoss: { percent: '5' },
  exitAt: '2026-03-03T12:00:00Z',
};
const trade = toTradeRequest(tradeBody.parse(body), paperAccountId(userId));
const ticket = tickets.sign({ tradeId, userId, trade, now });
const workflowId = tradeWorkflowId(tradeId);

function verify(changes: { trade?: unknown; ticket?: unknown; workflowId?: string; now?: number } = {}) {
  const input = { trade, ticket, ...changes } as TradeInput;
  return tickets.verify(input, changes.workflowId ?? workflowId, changes.now ?? now);
}

describe('a ticket', () => {
  test('holds for the complete request', () => {
    expect(verify()).toEqual({ ok: true, trade });
  });

  test('holds for the plain body, whatever the order of its keys, and fills it in', () => {
    const reversed = Object.fromEntries(Object.entries(body).reverse());
    expect(verify({ trade: reversed })).toEqual({ ok: true, trade });
  });

  test('holds for its time only, and for longer when it is renewed', () => {
    expect(verify({ now: now + 5 * MINUTE })).toMatchObject({ ok: true });
    expect(verify({ now: now + 6 * MINUTE })).toEqual({ ok: false, reason: 'expired_ticket' });
    const renewed = tickets.renew(ticket, now + 60 * MINUTE);
    expect(renewed.issuedAt).toBe(now);
    expect(verify({ ticket: renewed, now: now + 61 * MINUTE })).toMatchObject({ ok: true });
  });

  test('holds for no other workflow', () => {
    expect(verify({ workflowId: tradeWorkflowId(randomUUID() as TradeId) })).toMatchObject({
      reason: 'wrong_workflow_id',
    });
  });

  test.each([
    ['quantity', { ...trade, quantity: '11' }],
    ['symbol', { ...trade, symbol: 'MSFT' }],
    ['account', { ...trade, account: 'paper-somebody-else' }],
    ['a further field', { ...trade, note: 'x' }],
    ['nothing at all', undefined],
    ['no object', 'buy'],
  ])('holds for no request of another %s', (_, other) => {
    expect(verify({ trade: other })).toEqual({ ok: false, reason: 'other_request' });
  });

  test.each(['tradeId', 'userId', 'inputHash', 'issuedAt', 'expiresAt', 'signature'] as const)(
    'is void when its %s is changed',
    (field) => {
      const changed: Record<keyof StartTicket, unknown> = { ...ticket };
      changed[field] =
        typeof ticket[field] === 'number' ? ticket[field] + 1 : field.endsWith('Id') ? randomUUID() : '0'.repeat(64);
      expect(verify({ ticket: changed })).toEqual({ ok: false, reason: 'wrong_signature' });
    },
  );

  test.each([
    undefined,
    null,
    'x',
    {},
    { ...ticket, scope: 'admin' },
    { ...ticket, signature: 'ab' },
    { ...ticket, more: 1 },
  ])('is void when it is none: %#', (other) => {
    expect(tickets.verify({ trade, ticket: other } as TradeInput, workflowId, now)).toEqual({
      ok: false,
      reason: 'malformed_ticket',
    });
  });

  test('is void under another secret', () => {
    const others = createStartTickets('another secret of the session');
    expect(others.verify({ trade, ticket }, workflowId, now)).toEqual({ ok: false, reason: 'wrong_signature' });
  });

  test('T41 of 20 forged starts none is believed', () => {
    const forged = Array.from({ length: 20 }, (_, index) => ({
      ...ticket,
      signature: index.toString(16).padStart(64, '0'),
    }));
    for (const other of forged) expect(verify({ ticket: other })).toMatchObject({ ok: false });
  });
});

describe('canonical JSON', () => {
  test('is the same for every order of keys, and parses to the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const shuffled = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalHash(shuffled)).toBe(canonicalHash(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('does not distinguish an absent field from an undefined one, but a null from both', () => {
    expect(canonicalHash({ a: 1, b: undefined })).toBe(canonicalHash({ a: 1 }));
    expect(canonicalHash({ a: 1, b: null })).not.toBe(canonicalHash({ a: 1 }));
  });
});
