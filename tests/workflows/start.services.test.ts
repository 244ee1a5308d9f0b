/** Who may start a trade: whoever has a ticket of the API for exactly this one, and reaches Temporal with any client. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import { toTradeRequest, tradeBody } from '../../src/api/trades/trade-body.js';
import { createStartTickets } from '../../src/auth/start-tickets.js';
import {
  paperAccountId,
  TRADE_WORKFLOW_TYPE,
  TRADES_TASK_QUEUE,
  type TradeId,
  tradeWorkflowId,
} from '../../src/domain/ids.js';
import type { TradeInput } from '../../src/domain/trade/request.js';
import { eventually } from '../support/eventually.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';
import { SESSION_SECRET } from '../support/trading.js';

const prices = aapl(at('150'));

/** As a program in another language would start it. */
function rawStart(s: Scenario, workflowId: string, args: unknown[]): Promise<WorkflowHandle> {
  const workflowIdReusePolicy = 'ALLOW_DUPLICATE';
  return s.client.workflow.start(TRADE_WORKFLOW_TYPE, {
    taskQueue: TRADES_TASK_QUEUE,
    workflowId,
    args,
    workflowIdReusePolicy,
  });
}

async function refusals(s: Scenario): Promise<unknown[]> {
  const events = await s.database.prisma.auditEvent.findMany({
    where: { action: 'trade.start_refused' },
    orderBy: { id: 'asc' },
  });
  return events.map(({ subject, detail }) => ({ subject, detail }));
}

async function expectNoTrade(s: Scenario): Promise<void> {
  expect(await s.database.prisma.trade.count()).toBe(0);
  expect(await s.database.prisma.reservation.count()).toBe(0);
  expect(s.faults.writes).toBe(0);
}

scenarios('a start', (scenario) => {
  type Forgery = [what: string, why: string, forge: (input: TradeInput) => unknown];
  const forgeries: Forgery[] = [
    ['without any input', 'malformed_start', () => undefined],
    ['of something else', 'malformed_start', () => ({ buy: 'everything' })],
    ['without a ticket', 'malformed_start', ({ trade }) => ({ trade })],
    ['of nothing at all', 'malformed_start', () => ({ trade: {}, ticket: { tradeId: randomUUID(), issuedAt: 1 } })],
    [
      'from the end of time',
      'malformed_start',
      ({ trade, ticket }) => ({ trade, ticket: { ...ticket, issuedAt: 1e300 } }),
    ],
    [
      'of no number of no symbol',
      'malformed_start',
      ({ trade, ticket }) => ({ trade: { ...trade, symbol: {}, quantity: 'x' }, ticket }),
    ],
    [
      'with a ticket of another form',
      'malformed_ticket',
      ({ trade, ticket }) => ({ trade, ticket: { ...ticket, admin: true } }),
    ],
    [
      'with a signature of its own',
      'wrong_signature',
      ({ trade, ticket }) => ({ trade, ticket: { ...ticket, signature: '0'.repeat(64) } }),
    ],
    [
      'in the name of another user',
      'wrong_signature',
      ({ trade, ticket }) => ({ trade, ticket: { ...ticket, userId: randomUUID() } }),
    ],
    [
      'of more than the ticket is for',
      'other_request',
      ({ trade, ticket }) => ({ trade: { ...trade, quantity: '100' }, ticket }),
    ],
    [
      'without the stop that the ticket is for',
      'other_request',
      ({ trade, ticket }) => ({ trade: { ...trade, stopLoss: { percent: '99' } }, ticket }),
    ],
  ];
  scenario('B97 T41 forged in any way leaves an audit event, and no trade', { prices }, async (s) => {
    for (const [what, why, forge] of forgeries) {
      const input = s.inputOf();
      const workflowId = tradeWorkflowId(input.ticket.tradeId);
      const handle = await rawStart(s, workflowId, [forge(input)]);
      expect(await handle.result(), what).toMatchObject({ status: 'rejected' });
      expect((await refusals(s)).at(-1), what).toEqual({ subject: workflowId, detail: { why } });
    }
    expect(await refusals(s)).toHaveLength(forgeries.length);
    await expectNoTrade(s);
  });

  scenario('with a ticket whose time is over leaves an audit event, and no trade', { prices }, async (s) => {
    const input = s.inputOf({}, { issuedAt: Date.now() - 6 * 60_000 });
    const workflowId = tradeWorkflowId(input.ticket.tradeId);
    await (await rawStart(s, workflowId, [input])).result();
    expect(await refusals(s)).toEqual([{ subject: workflowId, detail: { why: 'expired_ticket' } }]);
    await expectNoTrade(s);
  });

  scenario(
    'B97 T41 under the id of another trade leaves an audit event, and that trade as it is',
    { prices },
    async (s) => {
      const trade = await s.start();
      await s.until(trade, ({ stopKind }) => stopKind === 'broker');
      const stolen = tradeWorkflowId(randomUUID() as TradeId);
      const input = s.inputOf();
      await (await rawStart(s, stolen, [input])).result();
      expect(await refusals(s)).toEqual([{ subject: stolen, detail: { why: 'wrong_workflow_id' } }]);
      expect(await s.database.prisma.trade.count()).toBe(1);
    },
  );

  scenario('by any client with a ticket is a trade like any other', { prices }, async (s) => {
    const input = s.inputOf({ quantity: '3', strategy: 'foreign' });
    const { tradeId: id } = input.ticket;
    await rawStart(s, tradeWorkflowId(id), [input]);
    const open = await s.until({ id }, ({ stopKind }) => stopKind === 'broker');
    expect(open).toMatchObject({ status: 'open', openQuantity: '3', strategy: 'foreign' });
    expect(await s.reservation({ id })).toMatchObject({ daily: '450' });
    expect((await s.journal({ id })).map(({ kind }) => kind)).toContain('requested');
    const attributes = async () => {
      const { typedSearchAttributes } = await s.client.workflow.getHandle(tradeWorkflowId(id)).describe();
      return typedSearchAttributes.getAll().map(({ value }) => value);
    };
    // Temporal has them when the task that recorded the stop is over.
    await eventually(async () => (await attributes()).includes('open'), 'the status can be searched for');
    expect(await attributes()).toEqual(expect.arrayContaining([s.userId, 'AAPL', 'paper', 'foreign', 'open']));
  });

  scenario('with the body of POST /trades, defaults left out, is the same start', { prices }, async (s) => {
    const body = {
      broker: 'paper',
      symbol: 'AAPL',
      assetClass: 'equity',
      side: 'buy',
      quantity: '2',
      orderType: 'market',
      stopLoss: { percent: '5' },
    };
    const trade = toTradeRequest(tradeBody.parse(body), paperAccountId(s.userId));
    const tradeId = randomUUID() as TradeId;
    const ticket = createStartTickets(SESSION_SECRET).sign({ tradeId, userId: s.userId, trade, now: Date.now() });
    await rawStart(s, tradeWorkflowId(tradeId), [{ trade: body, ticket }]);
    const open = await s.until({ id: tradeId }, ({ stopKind }) => stopKind === 'broker');
    expect(open).toMatchObject({ status: 'open', openQuantity: '2', account: s.account });
  });

  scenario('B97 of a trade that is running is refused by Temporal', { prices }, async (s) => {
    const input = s.inputOf();
    const workflowId = tradeWorkflowId(input.ticket.tradeId);
    await rawStart(s, workflowId, [input]);
    await expect(rawStart(s, workflowId, [input])).rejects.toThrow(/already started/i);
  });

  scenario('of a trade that has ended changes nothing of it', { prices }, async (s) => {
    const input = s.inputOf();
    const trade = { id: input.ticket.tradeId };
    await s.trades.start(input);
    await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
    await s.client.workflow.getHandle(tradeWorkflowId(trade.id)).result();
    const before = { row: await s.row(trade), journal: await s.journal(trade), writes: s.faults.writes };

    const again = await rawStart(s, tradeWorkflowId(trade.id), [input]);
    expect(await again.result()).toMatchObject({ status: 'rejected' });
    expect({ row: await s.row(trade), journal: await s.journal(trade), writes: s.faults.writes }).toEqual(before);
  });

  const tight = { perTrade: '100', daily: '100', concentrationPercent: '100' };
  scenario('that is refused is answered when the trade stands recorded so', { prices, limits: tight }, async (s) => {
    const input = s.inputOf();
    expect(await s.trades.startForVerdict(input)).toMatchObject({ accepted: false });
    const handle = s.client.workflow.getHandle(tradeWorkflowId(input.ticket.tradeId));
    await handle.result();
    const { events } = await handle.fetchHistory();
    const recorded = events?.findIndex((event) => event.activityTaskCompletedEventAttributes) ?? -1;
    const answered = events?.findIndex((event) => event.workflowExecutionUpdateCompletedEventAttributes) ?? -1;
    expect(recorded).toBeGreaterThan(0);
    expect(answered).toBeGreaterThan(recorded);
  });
});
