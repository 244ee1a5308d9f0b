import type { CustomSlotSupplier, SlotPermit, WorkflowSlotInfo } from '@temporalio/worker';

/** How many workflow tasks may be under way at once, by what they cost. */
export interface WorkflowSlots {
  /** whose workflow is in memory: they mostly wait for a broker */
  cached: number;
  /** whose workflow must first be replayed from its history, or begun */
  cold: number;
}

interface Permit extends SlotPermit {
  isSticky: boolean;
}

/**
 * Takes up few tasks that need a replay. All replays of a process share one thread, and the server counts five seconds from
 * the moment a task is taken: with forty at once after another worker's death each would be late, be given out again and
 * be replayed again, and nobody's position be looked at meanwhile. Those not taken wait at the server, for any worker.
 */
export function createWorkflowSlots({ cached, cold }: WorkflowSlots): CustomSlotSupplier<WorkflowSlotInfo> {
  const [ofCached, ofCold] = [new Slots(cached), new Slots(cold)];
  const slotsFor = (isSticky: boolean) => (isSticky ? ofCached : ofCold);
  return {
    type: 'custom',
    reserveSlot: async ({ isSticky }, signal) => {
      await slotsFor(isSticky).take(signal);
      return { isSticky } satisfies Permit;
    },
    tryReserveSlot: ({ isSticky }) => (slotsFor(isSticky).takeNow() ? ({ isSticky } satisfies Permit) : null),
    markSlotUsed: () => {},
    releaseSlot: ({ permit }) => slotsFor((permit as Permit).isSticky).giveBack(),
  };
}

class Slots {
  private readonly waiting = new Set<() => void>();

  constructor(private free: number) {}

  takeNow(): boolean {
    if (this.free === 0) return false;
    this.free -= 1;
    return true;
  }

  /** @throws the signal's reason when the slot is no longer wanted */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.takeNow()) return;
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        this.waiting.delete(proceed);
        reject(signal.reason);
      };
      const proceed = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.add(proceed);
    });
  }

  giveBack(): void {
    const [next] = this.waiting;
    if (!next) {
      this.free += 1;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}
