import {
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { tradeWorkflowId } from '../../src/domain/ids.js';
import { conclude, moveStatus } from '../../src/domain/trade/conclude.js';
import { newTradeState } from '../../src/domain/trade/new-trade.js';
import { nextStep } from '../../src/domain/trade/next-step.js';
import { isTradeInput, type TradeInput } from '../../src/domain/trade/request.js';
import type { TradeState } from '../../src/domain/trade/state.js';
import type { Reason } from '../../src/domain/trade/status.js';
import { toView } from '../../src/domain/trade/to-view.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { admission } from '../support/activity-profiles.js';
import { perform } from './perform.js';
import { Recorder } from './recorder.js';
import { type Control, commandOnCancel, isQuiet, registerHandlers } from './trade.handlers.js';

/**
 * The life of one trade. It asks the domain for the next step, takes it, applies the outcome to the state, and asks again.
 * `carried` is the state of the run before (continue-as-new), or what the guardian found of a trade that had ended.
 */
export async function trade(
  input: TradeInput,
  carried?: TradeState,
): Promise<TradeView | { status: 'rejected'; reason: Reason }> {
  if (!isTradeInput(input) || !isOwn(input)) return refuseStart(input);
  const state = carried ?? newTradeState(input, workflowInfo().workflowId, Date.now());
  const control: Control = {
    woken: false,
    commanded: false,
    looksAsked: 0,
    looksDone: 0,
    paused: false,
    recorded: false,
  };
  registerHandlers(state, control);
  commandOnCancel(state, control);
  return CancellationScope.nonCancellable(() => run(input, state, control));
}

/** A ticket is for one workflow id: under another the same start makes no trade, and touches none. */
function isOwn({ ticket }: TradeInput): boolean {
  return workflowInfo().workflowId === tradeWorkflowId(ticket.tradeId);
}

async function run(input: TradeInput, state: TradeState, control: Control): Promise<TradeView> {
  const recorder = new Recorder(state);
  for (;;) {
    conclude(state, Date.now());
    if (control.commanded && state.admission === 'accepted') {
      control.commanded = false;
      await recorder.publish();
    }
    const step = nextStep(state, Date.now());
    if (step.kind === 'finish') {
      if (step.exitReason !== undefined) state.exitReason = step.exitReason;
      if (step.reason !== undefined) state.reason = step.reason;
      moveStatus(state, step.status, Date.now());
      return finish(state, control, recorder);
    }
    if (step.kind !== 'wait') await perform(input, state, step);
    else await rest(input, state, control, recorder, step.until);
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
 * before is handled in this run, instead of failing the task that ends it. Under looks without a pause there is no such task.
 */
async function beginNewRun(input: TradeInput, state: TradeState, control: Control): Promise<void> {
  if (!control.paused) {
    control.paused = true;
    await sleep(1);
  }
  // A command that came in the pause is recorded first.
  if (isQuiet() && !control.commanded) await continueAsNew<typeof trade>(input, state);
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

/** An input that is not a start: the refusal is left in the audit record, and no trade is made. */
async function refuseStart(input: unknown): Promise<{ status: 'rejected'; reason: Reason }> {
  const verdict = await admission.admitTrade({ workflowId: workflowInfo().workflowId, input });
  const reason = verdict.accepted
    ? { code: 'invalid_start', message: 'The input is not a start of a trade.' }
    : verdict.reason;
  return { status: 'rejected', reason };
}
