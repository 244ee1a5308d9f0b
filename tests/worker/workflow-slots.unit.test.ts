import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createWorkflowSlots } from '../../src/worker/workflow-slots.js';

const CACHED = 3;
const COLD = 2;

const asking = (isSticky: boolean) => ({
  ...{ slotType: 'workflow' as const, taskQueue: 'trades', workerIdentity: 'test', workerBuildId: '' },
  isSticky,
});

type Step = { what: 'ask' | 'try'; isSticky: boolean } | { what: 'giveBack' | 'giveUp'; which: number };

/** What a worker does with its slots, in any order. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constantFrom('ask' as const, 'try' as const), isSticky: fc.boolean() }),
  fc.record({ what: fc.constantFrom('giveBack' as const, 'giveUp' as const), which: fc.nat() }),
);

it('never has more tasks of a kind under way than it may, and lets nobody wait while one is free', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const worker = new Worker();
      for (const each of steps) {
        worker.take(each);
        await new Promise(setImmediate);
        for (const [isSticky, most] of [[true, CACHED] as const, [false, COLD] as const]) {
          expect(worker.held(isSticky)).toBeLessThanOrEqual(most);
          expect(worker.waits(isSticky) && worker.held(isSticky) < most).toBe(false);
        }
      }
    }),
  );
});

class Worker {
  private readonly slots = createWorkflowSlots({ cached: CACHED, cold: COLD });
  private readonly permits: { permit: object; isSticky: boolean }[] = [];
  private readonly waiting = new Map<AbortController, boolean>();

  take(step: Step): void {
    if ('which' in step) {
      if (step.what === 'giveBack') this.giveBack(step.which);
      else this.giveUp(step.which);
    } else if (step.what === 'ask') void this.ask(step.isSticky);
    else this.tryOnce(step.isSticky);
  }

  held = (isSticky: boolean) => this.permits.filter((one) => one.isSticky === isSticky).length;
  waits = (isSticky: boolean) => [...this.waiting.values()].includes(isSticky);

  private async ask(isSticky: boolean): Promise<void> {
    const controller = new AbortController();
    this.waiting.set(controller, isSticky);
    const permit = await this.slots.reserveSlot(asking(isSticky), controller.signal).catch(() => undefined);
    this.waiting.delete(controller);
    if (permit) this.permits.push({ permit, isSticky });
  }

  private tryOnce(isSticky: boolean): void {
    const permit = this.slots.tryReserveSlot(asking(isSticky));
    if (permit) this.permits.push({ permit, isSticky });
  }

  private giveUp(which: number): void {
    [...this.waiting.keys()].at(which % (this.waiting.size || 1))?.abort();
  }

  private giveBack(which: number): void {
    const [given] = this.permits.splice(which % (this.permits.length || 1), 1);
    if (given) this.slots.releaseSlot({ permit: given.permit });
  }
}

it('serves those who wait in the order in which they came', async () => {
  const slots = createWorkflowSlots({ cached: 1, cold: 1 });
  const never = new AbortController().signal;
  const first = await slots.reserveSlot(asking(false), never);
  const served: string[] = [];
  const second = slots.reserveSlot(asking(false), never).then((permit) => {
    served.push('second');
    return permit;
  });
  const third = slots.reserveSlot(asking(false), never).then(() => served.push('third'));
  expect(slots.tryReserveSlot(asking(false))).toBeNull();
  slots.releaseSlot({ permit: first });
  slots.releaseSlot({ permit: await second });
  await third;
  expect(served).toEqual(['second', 'third']);
});
