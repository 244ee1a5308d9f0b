import { expect } from 'vitest';
import { GUARDIAN_TASK_QUEUE, guardianWorkflowId } from '../../src/domain/ids.js';
import type { GuardianState } from '../../workflows/guardian/guardian.messages.js';
import { eventually } from '../support/eventually.js';
import { aapl, at } from '../support/prices.js';
import { scenarios } from '../support/scenario.js';

scenarios('a guardian with nothing to guard', (scenario) => {
  scenario('stays when it is called in its last pause', { prices: aapl(at('150')) }, async (s) => {
    const handle = await s.client.workflow.start('guardian', {
      workflowId: guardianWorkflowId('paper-nobody'),
      taskQueue: GUARDIAN_TASK_QUEUE,
      args: [{ broker: 'paper', account: 'paper-nobody', pauseMs: 1_500 }],
    });
    const passes = async () => (await handle.query<GuardianState>('guardianState')).passes;
    await eventually(async () => (await passes()) === 10, 'the last pass', 60_000);
    await handle.signal('guard');
    await eventually(async () => (await passes()) === 11, 'another pass');
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
  });
});
