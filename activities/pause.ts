import { setTimeout } from 'node:timers/promises';

/** Waits without yielding when there is nothing to wait for. */
export async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await setTimeout(milliseconds);
}
