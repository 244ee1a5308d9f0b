/** Attacks by somebody who reaches Temporal's port: a plain client and a rogue worker, without our key and even with it. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { expect, inject } from 'vitest';
import {
  clientOrderId,
  FLATTEN_WORKFLOW_TYPE,
  GUARDIAN_TASK_QUEUE,
  GUARDIAN_WORKFLOW_TYPE,
  type Leg,
  TRADE_WORKFLOW_TYPE,
  TRADES_TASK_QUEUE,
  type TradeId,
  tradeWorkflowId,
} from '../../src/domain/ids.js';
import type { OrderRef } from '../../src/domain/trade/order-ref.js';
import { legiblePayloads } from '../../src/temporal/legible-payloads.js';
import { dataConverter } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { orderRequest } from '../support/orders.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';

const prices = aapl(at('150'));
const failureConverterPath = fileURLToPath(new URL('../../workflows/failure-converter.cjs', import.meta.url));

/** A client without our payload codec. */
function plainClient(s: Scenario): Client {
  return new Client({
    ...{ connection: s.client.connection, namespace: s.namespace, identity: 'somebody@elsewhere' },
    dataConverter: withoutKey,
  });
}

const withoutKey = { payloadCodecs: [legiblePayloads] };

/** Calls one of our activities from a workflow of a rogue worker, and answers what that saw. */
async function callActivity(
  s: Scenario,
  activity: string,
  input: unknown,
  converter: DataConverter = dataConverter,
): Promise<unknown> {
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const workflowsPath = fileURLToPath(new URL('./rogue.workflow.ts', import.meta.url));
  const worker = await Worker.create({
    ...{ connection, namespace: s.namespace, taskQueue: 'rogue' },
    // Without the key, what it cannot read it takes for nothing.
    dataConverter: converter,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath,
      failureConverterPath,
      logger: new DefaultLogger('ERROR'),
    }),
  });
  const args = [activity, TRADES_TASK_QUEUE, input];
  const workflow = { workflowId: `rogue-${randomUUID()}`, taskQueue: 'rogue', args };
  const client = new Client({ connection: s.client.connection, namespace: s.namespace, dataConverter: converter });
  try {
    return await worker.runUntil(client.workflow.execute('rogue', workflow));
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

const commandsFromOutside = (s: Scenario) =>
  s.database.prisma.auditEvent.findMany({ where: { action: 'trade.commanded_from_outside' } });

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
  scenario('T76 does nothing without our key', { prices }, async (s) => {
    const trade = await openTrade(s);
    for (const activity of [
      'placeOrder',
      'cancelOrder',
      'recordTrade',
      'admitTrade',
      'approveChange',
      'lookAtMarket',
    ]) {
      expect(await callActivity(s, activity, forged(s, trade.id, { generation: 2 }), withoutKey)).toContain('Activity');
    }
    expect(await s.database.prisma.order.count()).toBe(2);
    expect(await s.database.prisma.auditEvent.count({ where: { action: 'temporal.activity_refused' } })).toBe(6);
    await expectUntouched(s, trade);
  });

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
    const change = { tradeId: trade.id, quantity: '1', exposure };
    expect(await callActivity(s, 'approveChange', change)).toContain('Activity');
    expect(await s.row(trade)).toMatchObject({ status: 'open', version: row.version });
    expect(await s.reservation(trade)).not.toMatchObject(exposure);
    const refused = await s.database.prisma.auditEvent.findMany({ where: { action: 'temporal.activity_refused' } });
    expect(refused.map(({ detail }) => detail)).toEqual([
      { activity: 'recordTrade', trade: trade.id },
      { activity: 'approveChange', trade: trade.id },
    ]);
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

scenarios('a message that was not encrypted by us', (scenario) => {
  scenario('T75 carries no state in: the trade is the one that the ticket is for', { prices }, async (s) => {
    const donor = await openTrade(s);
    const { state } = await s.row(donor);
    const input = s.inputOf();
    const { tradeId: id } = input.ticket;
    const carried = { ...(state as object), id, request: { ...input.trade, quantity: '1000' }, orders: [] };
    await plainClient(s).workflow.start(TRADE_WORKFLOW_TYPE, {
      ...{ taskQueue: TRADES_TASK_QUEUE, workflowId: tradeWorkflowId(id) },
      args: [input, carried],
    });
    await eventually(
      async () => (await s.database.prisma.trade.count({ where: { id, status: 'open' } })) === 1,
      'open',
    );
    expect((await s.record({ id })).entered).toBe('10');
  });

  scenario('T29 changes no trade, nor does one of ours in another update', { prices }, async (s) => {
    const trade = await openTrade(s);
    const change = { stopPrice: '1' };
    const raw = plainClient(s).workflow.getHandle(trade.workflowId);
    await expect(raw.executeUpdate('adjustExits', { args: [change] })).rejects.toThrow();
    const ours = s.client.workflow.getHandle(trade.workflowId);
    const args: [object] = [{ ...change, update: 'adjustExits another' }];
    await expect(ours.executeUpdate<unknown, [object]>('adjustExits', { args })).rejects.toThrow();
    expect(await s.look(trade)).toMatchObject({ stopPrice: trade.stopPrice });
  });

  scenario('T42 closes a trade without a say in who did so, and why', { prices }, async (s) => {
    const trade = await openTrade(s);
    const raw = plainClient(s).workflow.getHandle(trade.workflowId);
    await raw.signal('closeTrade', { by: 'the owner', reason: 'kill_switch' });
    const closed = await s.until(trade, ({ status }) => status === 'closed');
    expect(closed).toMatchObject({ exitReason: 'manual' });
    expect(await s.journal(trade)).toContainEqual({
      kind: 'closing',
      data: { by: 'a client of Temporal', reason: 'manual' },
    });
    expect(await commandsFromOutside(s)).toMatchObject([
      {
        subject: trade.id,
        detail: { command: 'closeTrade', by: 'a client of Temporal', sender: 'somebody@elsewhere' },
      },
    ]);
  });

  scenario(
    'T42 cancels a trade as anybody may who reaches Temporal, and is named in the audit record',
    { prices },
    async (s) => {
      const trade = await openTrade(s);
      const raw = plainClient(s).workflow.getHandle(trade.workflowId);
      for (const _ of [1, 2, 3]) await raw.signal('cancelTrade', { by: 'the owner' });
      await raw.cancel();
      await s.until(trade, ({ status }) => status === 'closed');
      expect(await commandsFromOutside(s)).toMatchObject([
        { subject: trade.id, detail: { command: 'cancelTrade', sender: 'somebody@elsewhere' } },
      ]);
    },
  );

  scenario('T45 closes no trades of others, and guards no account', { prices }, async (s) => {
    const trade = await openTrade(s);
    for (const [type, args] of [
      [FLATTEN_WORKFLOW_TYPE, [{ by: s.userId }]],
      [GUARDIAN_WORKFLOW_TYPE, [{ broker: 'paper', account: 'paper-somebody' }]],
    ] as const) {
      const options = { taskQueue: GUARDIAN_TASK_QUEUE, workflowId: `mine-${type}`, args: [...args] };
      const handle = await plainClient(s).workflow.start(type, options);
      await expect(handle.result()).rejects.toThrow();
    }
    await expectUntouched(s, trade);
  });
});
