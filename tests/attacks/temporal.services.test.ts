/** Attacks by somebody who reaches Temporal's port and has no key of ours: a plain client and a worker of his own. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { expect, inject } from 'vitest';
import {
  clientOrderId,
  type Leg,
  TRADE_WORKFLOW_TYPE,
  TRADES_TASK_QUEUE,
  type TradeId,
  tradeWorkflowId,
} from '../../src/domain/ids.js';
import type { OrderRef } from '../../src/domain/trade/order-ref.js';
import { legiblePayloads } from '../../src/temporal/legible-payloads.js';
import { eventually } from '../support/eventually.js';
import { orderRequest } from '../support/orders.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';

const prices = aapl(at('150'));

/** A client without our payload codec. */
function plainClient(s: Scenario): Client {
  const dataConverter = { payloadCodecs: [legiblePayloads] };
  return new Client({ connection: s.client.connection, namespace: s.namespace, dataConverter });
}

/** Calls one of our activities from a workflow of a rogue worker, and answers what that saw. */
async function callActivity(s: Scenario, activity: string, input: unknown): Promise<unknown> {
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const workflowsPath = fileURLToPath(new URL('./rogue.workflow.ts', import.meta.url));
  const worker = await Worker.create({
    ...{ connection, namespace: s.namespace, taskQueue: 'rogue' },
    // What it cannot read it takes for nothing.
    dataConverter: { payloadCodecs: [legiblePayloads] },
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }),
  });
  const args = [activity, TRADES_TASK_QUEUE, input];
  const workflow = { workflowId: `rogue-${randomUUID()}`, taskQueue: 'rogue', args };
  try {
    return await worker.runUntil(plainClient(s).workflow.execute('rogue', workflow));
  } finally {
    await connection.close();
  }
}

function forged(s: Scenario, tradeId: TradeId, change: Partial<OrderRef> = {}): OrderRef {
  const { leg = 'entry' as Leg, generation = 1 } = change;
  const named = { clientOrderId: clientOrderId(tradeId, leg, generation) };
  const holding: OrderRef['holding'] = { side: 'buy', splits: [], external: [], absent: [] };
  const request = { ...orderRequest({ side: 'buy', type: 'market' }), ...change.request, ...named };
  return { tradeId, broker: 'paper', account: s.account, leg, generation, holding, ...change, request };
}

const refusals = (s: Scenario) => s.database.prisma.auditEvent.count({ where: { action: 'order.send_refused' } });

async function openTrade(s: Scenario) {
  const trade = await s.start();
  return s.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker');
}

async function expectUntouched(s: Scenario, trade: { id: TradeId }): Promise<void> {
  expect(await s.look(trade)).toMatchObject({ status: 'open', stopKind: 'broker', openQuantity: '10' });
  const record = await s.record(trade);
  expect(record.entered).toBe('10');
  expect(record.working()).toMatchObject([{ side: 'sell', quantity: '10' }]);
}

scenarios('an activity called from outside', (scenario) => {
  scenario('T76 buys nothing for a trade that was never admitted', { prices }, async (s) => {
    const denied = await s.start({ quantity: '1000' });
    expect(denied).toMatchObject({ status: 'rejected' });
    for (const id of [denied.id, randomUUID() as TradeId]) await callActivity(s, 'placeOrder', forged(s, id));
    expect((await s.ledger()).orders).toEqual([]);
    expect(await refusals(s)).toBe(1);
  });

  type Change = [string, (s: Scenario) => Partial<OrderRef>];
  const beyond: Change[] = [
    ['a second time', () => ({ generation: 2 })],
    ['more than was admitted', () => ({ generation: 2, request: orderRequest({ quantity: '1000' }) })],
    ['something else', () => ({ generation: 2, request: orderRequest({ symbol: 'MSFT' }) })],
    ['the other way', () => ({ generation: 2, request: orderRequest({ side: 'sell_short' }) })],
    ['in another account', () => ({ generation: 2, account: 'paper-somebody-else' })],
    [
      'what the trade does not hold',
      () => ({
        leg: 'exit' as const,
        holding: { side: 'buy' as const, splits: [], external: [], absent: [] },
        request: orderRequest({ side: 'sell', quantity: '11' }),
      }),
    ],
  ];
  for (const [what, change] of beyond) {
    scenario(`T76 trades nothing for an open trade: ${what}`, { prices }, async (s) => {
      const trade = await openTrade(s);
      const before = (await s.ledger()).orders.length;
      await callActivity(s, 'placeOrder', forged(s, trade.id, change(s)));
      expect((await s.ledger()).orders).toHaveLength(before);
      const rows = await s.database.prisma.order.findMany({ where: { tradeId: trade.id, intent: 'REFUSED' } });
      expect(rows).toHaveLength(1);
      expect(await refusals(s)).toBe(rows[0]?.leg === 'entry' ? 1 : 0);
    });
  }

  scenario('T77 writes no record of a trade: an open one stays open', { prices }, async (s) => {
    const trade = await openTrade(s);
    const row = await s.row(trade);
    const view = { ...trade, status: 'closed', openQuantity: '0' };
    const exposure = { daily: '0', exposure: '0', pending: '0' };
    const record = { version: Date.now() * 2, view, state: row.state, journal: [], alerts: [], exposure };
    expect(await callActivity(s, 'recordTrade', record)).toContain('Activity');
    expect(await s.row(trade)).toMatchObject({ status: 'open', version: row.version });
    await expectUntouched(s, trade);
  });
});

scenarios('a ticket that was used', (scenario) => {
  scenario('T78 under another workflow id changes nothing but the audit record', { prices }, async (s) => {
    const input = s.inputOf();
    const { tradeId: id } = input.ticket;
    const start = (workflowId: string) =>
      plainClient(s).workflow.start(TRADE_WORKFLOW_TYPE, { taskQueue: TRADES_TASK_QUEUE, workflowId, args: [input] });
    await start(tradeWorkflowId(id));
    await eventually(
      async () => (await s.database.prisma.trade.count({ where: { id, status: 'open' } })) === 1,
      'open',
    );
    await s.until({ id }, ({ stopKind }) => stopKind === 'broker');

    const again = await start('trade-of-mine');
    const readable = s.client.workflow.getHandle(again.workflowId);
    expect(await readable.result()).toMatchObject({ status: 'rejected' });
    await expectUntouched(s, { id });
    const events = await s.database.prisma.auditEvent.findMany({ where: { action: 'trade.start_refused' } });
    expect(events).toMatchObject([{ subject: 'trade-of-mine', detail: { why: 'wrong_workflow_id' } }]);
  });
});

scenarios('a state that is carried in from outside', (scenario) => {
  scenario('T75 buys nothing beyond what was admitted', { prices }, async (s) => {
    const donor = await openTrade(s);
    const { state } = await s.row(donor);
    const input = s.inputOf();
    const { tradeId: id } = input.ticket;
    const wanted = { ...input.trade, quantity: '1000' };
    const carried = { ...(state as object), id, request: wanted, admission: 'accepted', orders: [], status: 'pending' };
    const handle = await plainClient(s).workflow.start(TRADE_WORKFLOW_TYPE, {
      ...{ taskQueue: TRADES_TASK_QUEUE, workflowId: tradeWorkflowId(id) },
      args: [input, { ...carried, ledger: { fills: [], splits: [], external: [] } }],
    });
    const orderWrites = async () => {
      const { events } = await handle.fetchHistory();
      return events?.filter(({ activityTaskStartedEventAttributes: started }) => started).length ?? 0;
    };
    await eventually(async () => (await orderWrites()) > 0, 'a try to buy');
    await pause(2_000);
    expect((await s.ledger()).orders).toHaveLength(2);
    await handle.terminate();
    await expectUntouched(s, donor);
  });
});
