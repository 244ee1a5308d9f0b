import {
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { nextAction } from '../../src/domain/trade/next-action.js';
import { isTradeInput, type TradeInput } from '../../src/domain/trade/request.js';
import { moveStatus, settle } from '../../src/domain/trade/settle.js';
import { newTradeState, type TradeState } from '../../src/domain/trade/state.js';
import type { Reason } from '../../src/domain/trade/status.js';
import { toView } from '../../src/domain/trade/to-view.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { admission } from '../support/activity-profiles.js';
import { perform } from './perform.js';
import { Recorder } from './recorder.js';
import { type Control, isQuiet, registerHandlers, standDownOnCancel } from './trade.handlers.js';

/**
 * The life of one trade. It asks the domain what to do next, does it, folds the outcome into the state, and asks again.
 * `carried` is the state of the run before (continue-as-new), or what the guardian found of a trade that had ended.
 */
export async function trade(
  input: TradeInput,
  carried?: TradeState,
): Promise<TradeView | { status: 'rejected'; reason: Reason }> {
  if (!isTradeInput(input)) return refuseStart(input);
  const state = carried ?? newTradeState(input, workflowInfo().workflowId, Date.now());
  const control: Control = { woken: false, wished: false, looksAsked: 0, looksDone: 0, paused: false, recorded: false };
  registerHandlers(state, control);
  standDownOnCancel(state, control);
  return CancellationScope.nonCancellable(() => run(input, state, control));
}

async function run(input: TradeInput, state: TradeState, control: Control): Promise<TradeView> {
  const recorder = new Recorder(state);
  for (;;) {
    settle(state, Date.now());
    if (control.wished && state.admission === 'accepted') {
      control.wished = false;
      await recorder.publish();
    }
    const action = nextAction(state, Date.now());
    if (action.kind === 'finish') {
      if (action.exitReason !== undefined) state.exitReason = action.exitReason;
      if (action.reason !== undefined) state.reason = action.reason;
      moveStatus(state, action.status, Date.now());
      return finish(state, control, recorder);
    }
    if (action.kind !== 'wait') await perform(input, state, action);
    else await rest(input, state, control, recorder, action.until);
  }
}

/** Everything is done for now: publish, maybe begin a new run, and sleep until a message or the next look. */
async function rest(
  input: TradeInput,
  state: TradeState,
  control: Control,
  recorder: Recorder,
  until: number,
): Promise<void> {
  await recorder.publish();
  if (control.woken) {
    control.woken = false;
    return;
  }
  control.looksDone = control.looksAsked;
  if (mayContinueAsNew(state)) await beginNewRun(input, state, control);
  const summary = `next look ${new Date(until).toISOString().slice(11, 19)}`;
  // The caller of a look is answered from here on: only then may a new run begin, however often looks are asked for.
  const mayGoOn = () => control.woken || mayContinueAsNew(state);
  await condition(mayGoOn, Math.max(1, until - Date.now()), { summary });
  control.woken = false;
}

/**
 * A pause first, once in a run, that puts the end of the run into a task of its own: an update that came during the look
 * before is heard in this run, instead of failing the task that ends it. Under looks without a pause there is no such task.
 */
async function beginNewRun(input: TradeInput, state: TradeState, control: Control): Promise<void> {
  if (!control.paused) {
    control.paused = true;
    await sleep(1);
  }
  // A wish that came in the pause is recorded first.
  if (isQuiet() && !control.wished) await continueAsNew<typeof trade>(input, state);
}

/** Only at rest and with every message answered, so that none is lost or doubled at the boundary. */
function mayContinueAsNew(state: TradeState): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  const due = continueAsNewSuggested || historyLength >= state.settings.continueAsNewEvents;
  return due && isQuiet();
}

async function finish(state: TradeState, control: Control, recorder: Recorder): Promise<TradeView> {
  await recorder.publishLast();
  control.recorded = true;
  setCurrentDetails(recorder.card());
  await condition(isQuiet);
  return toView(state, Date.now());
}

/** A start that is none: the refusal is left in the audit record, and no trade comes of it. */
async function refuseStart(input: unknown): Promise<{ status: 'rejected'; reason: Reason }> {
  const verdict = await admission.admitTrade({ workflowId: workflowInfo().workflowId, input });
  const reason = verdict.accepted
    ? { code: 'invalid_start', message: 'The start was not understood.' }
    : verdict.reason;
  return { status: 'rejected', reason };
}
