import { continueAsNew, setCurrentDetails, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { GuardianMemory } from '../../activities/contracts.js';
import { guarding } from '../support/activity-profiles.js';
import { untilBelieved } from '../support/until-believed.js';
import { type GuardianState, guard, guardianState } from './guardian.messages.js';

interface GuardianInput extends GuardianMemory {
  broker: string;
  account: string;
  /** milliseconds between two passes, for tests */
  pauseMs?: number;
}

const PAUSE_MS = 30_000;
/** While a trade may have shares without a stop. */
const UNSURE_PAUSE_MS = 10_000;
/** With nothing to guard for so many passes the guardian ends; the next trade's start starts it again. */
const IDLE_PASSES = 10;
const REMEMBERED_ADOPTIONS = 50;

/**
 * One per broker account. Every pass compares the account's open trades with their workflows and adopts those whose
 * workflow was terminated or failed. It trusts the database and the broker only, and never opens exposure.
 */
export async function guardian(input: GuardianInput): Promise<GuardianState> {
  const { broker, account } = input;
  let memory = memoryOf(input);
  const state: GuardianState = { passes: 0, guarded: 0, adopted: [] };
  let called = false;
  setHandler(guardianState, () => state);
  setHandler(guard, () => {
    called = true;
  });
  for (let idle = 0; idle < IDLE_PASSES || called; ) {
    const pass = await untilBelieved(() => guarding.guardAccount({ broker, account, ...memory }));
    memory = memoryOf(pass);
    state.passes += 1;
    state.guarded = pass.guarded;
    state.adopted = [...state.adopted, ...pass.adopted].slice(-REMEMBERED_ADOPTIONS);
    setCurrentDetails(`guarding ${pass.guarded} open trades of ${account}; adopted so far: ${state.adopted.length}`);
    idle = pass.guarded > 0 || called ? 0 : idle + 1;
    called = false;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof guardian>({ ...input, ...memory });
    await sleep(input.pauseMs ?? (pass.unsure ? UNSURE_PAUSE_MS : PAUSE_MS), { summary: 'next pass' });
  }
  return state;
}

function memoryOf({ blindSince, unreadableSince, unseenSince }: GuardianMemory): GuardianMemory {
  return { blindSince, unreadableSince, unseenSince };
}
