/** Attacks by a worker that is not ours: whoever reaches Temporal's port can poll our task queues, and answer. */
import { setTimeout as pause } from 'node:timers/promises';
import proto from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { expect, inject } from 'vitest';
import { GUARDIAN_TASK_QUEUE, guardianWorkflowId, TRADES_TASK_QUEUE, type TradeId } from '../../src/domain/ids.js';
import { createLogger } from '../../src/platform/logger.js';
import { createGuardianClient } from '../../src/temporal/guardian-client.js';
import { legiblePayloads } from '../../src/temporal/legible-payloads.js';
import { callGuardians } from '../../src/worker/guardian-keeper.js';
import { eventually } from '../support/eventually.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';

const market = { prices: aapl(at('150')), guardianPauseMs: 1_000 };
const { CommandType } = proto.temporal.api.enums.v1;

async function openTrade(s: Scenario) {
  const trade = await s.start();
  return s.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker');
}

const alertsOf = async (s: Scenario, code: string) => s.database.prisma.alert.count({ where: { code } });

/** Takes the next task of a workflow and ends the workflow with it. */
async function completeNext(s: Scenario, taskQueue: string): Promise<void> {
  const { connection } = s.client;
  const { namespace } = s;
  const { taskToken } = await connection.withDeadline(Date.now() + 60_000, () =>
    connection.workflowService.pollWorkflowTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      identity: 'a rogue',
    }),
  );
  await connection.workflowService.respondWorkflowTaskCompleted({
    namespace,
    taskToken,
    identity: 'a rogue',
    commands: [
      {
        commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
        completeWorkflowExecutionCommandAttributes: {},
      },
    ],
  });
}

scenarios('a rogue worker', (scenario) => {
  scenario('T79 completes a trade: the guardian goes on with it', market, async (s) => {
    const trade = await openTrade(s);
    await eventually(() => Date.now() - Date.parse(trade.createdAt) > 5_000, 'the guardian cares for the trade');
    await s.stopWorker();
    await s.client.workflow.getHandle(trade.workflowId).signal('priceEvent');
    await completeNext(s, TRADES_TASK_QUEUE);
    const { status } = await s.client.workflow.getHandle(trade.workflowId).describe();
    expect(status.name).toBe('COMPLETED');

    await s.startWorker();
    await eventually(
      async () => (await s.journal(trade)).some(({ kind, data }) => kind === 'adopted' && data.from === 'completed'),
      'the trade is adopted',
      60_000,
    );
    const before = await s.view(trade);
    expect(await s.look(trade)).toMatchObject({ status: 'open', openQuantity: '10', stopOrderId: before.stopOrderId });
    expect((await s.record(trade)).working()).toMatchObject([{ side: 'sell', quantity: '10' }]);
    expect(await alertsOf(s, 'trade_adopted')).toBe(1);
  });

  scenario('T79 fails the account’s guardian: another one guards, and people hear of it', market, async (s) => {
    const trade = await openTrade(s);
    const handle = s.client.workflow.getHandle(guardianWorkflowId(s.account));
    await handle.terminate('as a client without our key can');
    const guardians = createGuardianClient(s.client, market.guardianPauseMs);
    const logger = createLogger({ name: 'test', level: 'fatal' });
    for (const _ of [1, 2]) await callGuardians({ prisma: s.database.prisma, logger, ...guardians });
    expect((await handle.describe()).status.name).toBe('RUNNING');
    // To the owner and to operators.
    expect(await alertsOf(s, 'guardian_restarted')).toBe(2);
    expect(await s.look(trade)).toMatchObject({ status: 'open', stopKind: 'broker' });
  });
});

let ours = false;
/** Ours takes no activity until the rogue has answered some. */
const activitiesLater = {
  type: 'custom',
  reserveSlot: async () => {
    while (!ours) await pause(50);
    return {};
  },
  tryReserveSlot: () => (ours ? {} : null),
  markSlotUsed: () => {},
  releaseSlot: () => {},
} as const;
const slots = (numSlots: number) => ({ type: 'fixed-size', numSlots }) as const;
const slowActivities = {
  tuner: {
    workflowTaskSlotSupplier: slots(10),
    activityTaskSlotSupplier: activitiesLater,
    localActivityTaskSlotSupplier: slots(10),
    nexusTaskSlotSupplier: slots(1),
  },
};

scenarios('answers of a rogue worker', (scenario) => {
  scenario('T79 are not believed, and a person hears of them', { ...market, worker: slowActivities }, async (s) => {
    const answered: string[] = [];
    const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
    const filled = [{ status: 'filled', filledQuantity: '10', averagePrice: '1', brokerOrderId: 'none' }];
    const answer = (name: string, what: unknown) => async () => {
      answered.push(name);
      return what;
    };
    const rogue = await Worker.create({
      ...{ connection, namespace: s.namespace, taskQueue: TRADES_TASK_QUEUE },
      // What it has no key for, it takes for text.
      dataConverter: { payloadCodecs: [legiblePayloads] },
      activities: {
        placeOrder: answer('placeOrder', filled),
        resolveOrder: answer('resolveOrder', null),
        cancelOrder: answer('cancelOrder', filled),
      },
    });
    try {
      await rogue.runUntil(async () => {
        const trade = await s.start();
        await eventually(
          () => answered.includes('placeOrder') && answered.includes('resolveOrder'),
          `the answers: ${answered}`,
          60_000,
        );
        expect(await s.view(trade)).toMatchObject({ filledQuantity: '0' });
        expect((await s.ledger()).orders).toEqual([]);
        ours = true;
      });
    } finally {
      await connection.close();
    }
    const { id } = await s.database.prisma.trade.findFirstOrThrow();
    const trade = { id: id as TradeId };
    expect(await s.alerts(trade)).toContainEqual({ severity: 1, code: 'foreign_worker' });
    await s.until(trade, ({ status }) => status === 'open' || status === 'needs_attention', 60_000);
  });
});

scenarios('a guardian whose task fails', (scenario) => {
  scenario('T79 is found by the keeper', market, async (s) => {
    const trade = await openTrade(s);
    const handle = s.client.workflow.getHandle(guardianWorkflowId(s.account));
    await s.stopWorker();
    const { runId } = await handle.describe();
    const { connection } = s.client;
    const guardians = createGuardianClient(s.client, market.guardianPauseMs);
    await eventually(
      async () => {
        const { taskToken } = await connection.withDeadline(Date.now() + 30_000, () =>
          connection.workflowService.pollWorkflowTaskQueue({
            ...{ namespace: s.namespace, identity: 'a rogue' },
            taskQueue: { name: GUARDIAN_TASK_QUEUE },
          }),
        );
        if (taskToken.length > 0) {
          await connection.workflowService.respondWorkflowTaskFailed({ namespace: s.namespace, taskToken });
        }
        return (await guardians.reviveGuardian('paper', s.account)) === 'stuck';
      },
      'the guardian is stuck',
      60_000,
    );
    await s.startWorker();
    expect((await handle.describe()).runId).not.toBe(runId);
    expect(await s.look(trade)).toMatchObject({ status: 'open' });
  });
});
