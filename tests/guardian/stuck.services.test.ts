import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { type TradeId, tradeWorkflowId } from '../../src/domain/ids.js';
import { createDataConverter } from '../../src/temporal/data-converter.js';
import { createGuardianClient } from '../../src/temporal/guardian-client.js';
import { dataConverter } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { devServer } from '../support/temporal.js';

/** The server counts the attempts of a task anew with each message that comes in. */
it('a trade whose task fails is stuck however many messages it gets, and what they asked for is not lost', async () => {
  const { address, namespace } = await devServer();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter });
  const strange = createDataConverter([{ id: 'strange', key: randomBytes(32) }]);
  const foreign = new Client({ connection, namespace, dataConverter: strange });
  const workflowsPath = fileURLToPath(new URL('./failing.workflow.ts', import.meta.url));
  const logger = new DefaultLogger('ERROR');
  const worker = await Worker.create({
    ...{ connection: native, namespace, taskQueue: 'failing', dataConverter },
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
  });
  const running = worker.run();
  try {
    const { standingOf, missedCommands } = createGuardianClient(client);
    const id = randomUUID() as TradeId;
    const handle = await client.workflow.start('trade', {
      workflowId: tradeWorkflowId(id),
      taskQueue: 'failing',
      workflowTaskTimeout: '5s',
    });
    await handle.signal('closeTrade', { by: 'a trader', reason: 'risk' });
    await foreign.workflow.getHandle(handle.workflowId).signal('cancelTrade', 'of which nobody has the key');
    await eventually(async () => {
      await handle.signal('priceEvent');
      return (await standingOf(id)) === 'stuck';
    }, 'a trade that is stuck');
    await handle.cancel();
    // What comes during a task is in the history after it.
    await eventually(async () => (await missedCommands(id)).length === 3, 'the cancellation in the history');
    expect(await missedCommands(id)).toEqual([
      { name: 'closeTrade', request: { by: 'a trader', reason: 'risk' } },
      { name: 'cancelTrade', request: { by: 'a client of Temporal' } },
      { name: 'cancelTrade', request: { by: 'cancelled in Temporal' } },
    ]);
    await handle.terminate();
    expect(await missedCommands(id)).toHaveLength(3);
  } finally {
    worker.shutdown();
    await running;
    await native.close();
    await connection.close();
  }
});

it('a trade whose task is never done in time is stuck as well', async () => {
  const { address, namespace } = await devServer();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter });
  const { standingOf } = createGuardianClient(client);
  const id = randomUUID() as TradeId;
  const taskQueue = { name: `too-slow-${id}` };
  const handle = await client.workflow.start('trade', {
    ...{ workflowId: tradeWorkflowId(id), taskQueue: taskQueue.name, workflowTaskTimeout: '1s' },
  });
  try {
    await eventually(async () => {
      // A worker that takes the task, and does not come to it.
      const taken = await connection.withDeadline(Date.now() + 60_000, () =>
        connection.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue, identity: 'too slow' }),
      );
      if (taken.taskToken.length > 0) await handle.signal('priceEvent');
      return (await standingOf(id)) === 'stuck';
    }, 'a trade that is stuck');
    const { events } = await handle.fetchHistory();
    expect(events?.filter((event) => event.workflowTaskTimedOutEventAttributes).length).toBeGreaterThanOrEqual(3);
  } finally {
    await handle.terminate();
    await connection.close();
  }
});
