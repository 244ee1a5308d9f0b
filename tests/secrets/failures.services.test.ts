/** What errors say stands in histories, encrypted like everything else; whoever has the key reads it. */
import { expect } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import { payloadEncryption } from '../../src/temporal/payload-encryption.js';
import { TEST_RING } from '../support/encryption.js';
import { aapl, at } from '../support/prices.js';
import { type Scenario, scenarios } from '../support/scenario.js';
import { spelledOut } from './spelled-out.js';

const codec = payloadEncryption(TEST_RING);
const market = { prices: aapl(at('150')) };

async function historyOf(s: Scenario, workflowId: string) {
  const { events } = await s.client.workflow.getHandle(workflowId).fetchHistory();
  return events ?? [];
}

scenarios('T20 a failure in a history', (scenario) => {
  scenario('of an activity says nothing to whoever has no key', market, async (s) => {
    s.faults.add({ on: 'place', leg: 'entry', kind: 'answer_lost' });
    s.faults.add({ on: 'find', kind: 'request_lost' });
    const trade = await s.start();
    await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    const events = await historyOf(s, trade.workflowId);
    const failures = events.flatMap(
      ({ activityTaskStartedEventAttributes: started, activityTaskFailedEventAttributes: failed }) =>
        started?.lastFailure ?? failed?.failure ?? [],
    );
    expect(failures.length).toBeGreaterThan(0);
    for (const { message, stackTrace, encodedAttributes } of failures) {
      expect({ message, stackTrace }).toEqual({ message: 'Encoded failure', stackTrace: '' });
      const [payload] = await codec.decode(encodedAttributes ? [encodedAttributes] : []);
      const { message: said, stack_trace: stack } = JSON.parse(Buffer.from(payload?.data ?? []).toString());
      expect([said, stack]).toEqual(['by plan', expect.stringContaining('faulty-broker.ts')]);
    }
    expect(spelledOut(events)).not.toMatch(/by plan|faulty-broker/);
  });

  scenario('of an update says it to who asked, and nothing to whoever has no key', market, async (s) => {
    const trade = await s.start({ orderType: 'limit', limitPrice: '140' });
    await s.until(trade, ({ status }) => status === 'submitted');
    const refusal = { code: 'refused', message: 'the moon is full' } as const;
    s.faults.add({ on: 'place', leg: 'entry', kind: 'refused', refusal });
    const change = s.trades.replaceOrder(trade.id, { limitPrice: decimalString('141') });
    await expect(change).rejects.toThrow('the moon is full');
    const events = await historyOf(s, trade.workflowId);
    const failures = events.flatMap(
      ({ workflowExecutionUpdateCompletedEventAttributes: done }) => done?.outcome?.failure ?? [],
    );
    expect(failures).toMatchObject([{ message: 'Encoded failure', stackTrace: '' }]);
    expect(spelledOut(events)).not.toContain('the moon is full');
  });
});
