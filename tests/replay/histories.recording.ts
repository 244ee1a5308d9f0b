import { it } from 'vitest';
import { tradeWorkflowId } from '../../src/domain/ids.js';
import { runsOf } from '../support/runs.js';
import { openScenario, paper, type Scenario } from '../support/scenario.js';
import { writeHistories } from './histories.js';
import { legible } from './legible.js';
import { type Life, lives } from './lives.js';

for (const life of lives) {
  it(life.name, async () => {
    const scenario = await openScenario(paper, life.options);
    try {
      await record(scenario, life);
    } finally {
      await scenario.close();
    }
  });
}

async function record(s: Scenario, { name, play, end }: Life): Promise<void> {
  const trade = await play(s);
  const isThere = (view: object) => Object.entries(end).every(([key, value]) => Reflect.get(view, key) === value);
  const { workflowId } = await s.until(trade, isThere, 60_000);
  const handle = s.client.workflow.getHandle(workflowId);
  // What ended has ended only when its workflow has; what is open is recorded when it has answered.
  if (trade.closedAt === null && isFinal(end)) await handle.result();
  else if (!isFinal(end)) await s.look(trade);
  const { raw } = await handle.describe();
  const firstRunId = raw.workflowExecutionInfo?.firstRunId;
  if (!firstRunId) throw new Error(`the first run of ${tradeWorkflowId(trade.id)} is not known`);
  const runs = await runsOf(s.client, workflowId, firstRunId);
  await writeHistories(name, await Promise.all(runs.map(legible)));
}

function isFinal({ status }: Life['end']): boolean {
  return status !== 'open';
}
