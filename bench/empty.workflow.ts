/** The reference: a Temporal workflow without our code, with as many steps as a complete trade. */
import {
  condition,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { EmptyActivities } from './empty-activities.js';

export const wake = defineSignal('wake');

const { nothing } = proxyActivities<EmptyActivities>({ startToCloseTimeout: '10s' });
const local = proxyLocalActivities<EmptyActivities>({ startToCloseTimeout: '10s' });

export async function empty(steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await nothing();
}

export async function emptyWithLocal(steps: number, localSteps: number): Promise<void> {
  for (let step = 0; step < localSteps; step++) await local.nothing();
  for (let step = 0; step < steps; step++) await nothing();
}

export async function wakingUp(times: number, pauseMs: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await sleep(pauseMs);
    await local.nothing();
  }
}

/** Ends after one activity, begun at a signal. */
export async function reacting(): Promise<void> {
  let woken = false;
  setHandler(wake, () => {
    woken = true;
  });
  await condition(() => woken);
  await nothing();
}
