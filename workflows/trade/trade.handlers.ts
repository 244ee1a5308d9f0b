import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  setHandler,
} from '@temporalio/workflow';
import {
  applyCommand,
  CANCELLATION,
  type Command,
  checkEntryChange,
  checkExitsChange,
  type RequestRefusal,
  requestEntryChange,
  requestExitsChange,
} from '../../src/domain/trade/commands.js';
import type { TradeState } from '../../src/domain/trade/state.js';
import { isFinalStatus, type Reason } from '../../src/domain/trade/status.js';
import { toView } from '../../src/domain/trade/to-view.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import {
  type AdjustExits,
  adjustExits,
  brokerEvent,
  type CommandDetails,
  cancelTrade,
  closeTrade,
  lookNow,
  priceEvent,
  type ReplaceOrder,
  replaceOrder,
  riskVerdict,
  tradeState,
} from './trade.messages.js';

/** How handlers reach the main loop: they note what is asked for and wake it; it alone acts. */
export interface Control {
  woken: boolean;
  /** a command was received: it is recorded before the trade acts, so that one which was confirmed is never forgotten */
  commanded: boolean;
  /** looks asked for by `lookNow`, and how many of them the loop had seen when it last came to rest */
  looksAsked: number;
  looksDone: number;
  /** the run has paused before its end */
  paused: boolean;
  /** the trade has ended, and its last record is written */
  recorded: boolean;
}

const CHANGE_ANSWER_TIMEOUT = '60s';

export function registerHandlers(state: TradeState, control: Control): void {
  const wake = () => {
    control.woken = true;
  };
  const hint = () => {
    state.monitor.lookWanted = true;
    wake();
  };
  setHandler(tradeState, () => toView(state, Date.now()));
  setHandler(brokerEvent, hint);
  setHandler(priceEvent, hint);
  const onCommand = (name: Command['name']) => (request?: CommandDetails) => {
    applyCommand(state, { name, request }, Date.now());
    control.commanded = true;
    wake();
  };
  setHandler(closeTrade, onCommand('closeTrade'));
  setHandler(cancelTrade, onCommand('cancelTrade'));
  setHandler(riskVerdict, () => shielded(() => answerVerdict(state, control)));
  setHandler(lookNow, () => shielded(() => answerLook(state, control, hint)));
  setHandler(replaceOrder, (change) => shielded(() => answerReplace(state, change, wake)), {
    validator: (change: ReplaceOrder) => refuse(checkEntryChange(state, change)),
  });
  setHandler(adjustExits, (change) => shielded(() => answerAdjust(state, change, wake)), {
    validator: (change: AdjustExits) => refuse(checkExitsChange(state, change)),
  });
}

/** Cancel from the Temporal UI: the command to cancel. The trade does as its `onCancel` says, and then completes. */
export function commandOnCancel(state: TradeState, control: Control): void {
  CancellationScope.current().cancelRequested.catch(() => {
    applyCommand(state, CANCELLATION, Date.now());
    control.commanded = true;
    control.woken = true;
  });
}

/** Whether every message to the trade has been answered. */
export function isQuiet(): boolean {
  return allHandlersFinished();
}

/** A refusal is answered when the trade is recorded as refused. */
async function answerVerdict(state: TradeState, control: Control) {
  await condition(() => state.admission === 'accepted' || control.recorded);
  const trade = toView(state, Date.now());
  if (state.admission === 'accepted') return { accepted: true, trade } as const;
  return {
    accepted: false,
    trade,
    reason: state.reason ?? { code: 'refused', message: 'The trade was refused.' },
  } as const;
}

async function answerLook(state: TradeState, control: Control, hint: () => void): Promise<TradeView> {
  hint();
  control.looksAsked += 1;
  const mine = control.looksAsked;
  await condition(() => control.looksDone >= mine || isFinalStatus(state.status));
  return toView(state, Date.now());
}

async function answerReplace(state: TradeState, wanted: ReplaceOrder, wake: () => void): Promise<TradeView> {
  refuse(checkEntryChange(state, wanted));
  requestEntryChange(state, wanted);
  wake();
  const change = () => state.entryChange;
  await condition(() => change()?.step === 'done' || change()?.step === 'refused', CHANGE_ANSWER_TIMEOUT);
  return answerChange(state, change());
}

async function answerAdjust(state: TradeState, wanted: AdjustExits, wake: () => void): Promise<TradeView> {
  refuse(checkExitsChange(state, wanted));
  requestExitsChange(state, wanted, Date.now());
  wake();
  const change = () => state.exitsChange;
  await condition(() => change()?.step !== 'asked', CHANGE_ANSWER_TIMEOUT);
  return answerChange(state, change());
}

function answerChange(state: TradeState, change: { step: string; reason?: Reason } | undefined): TradeView {
  if (change?.step === 'done') return toView(state, Date.now());
  throw failure(
    change?.reason ? typeOf(change.reason) : 'broker-error',
    change?.reason ?? {
      code: 'UNCONFIRMED',
      message: 'The broker has not confirmed the change yet. Read the trade again in a moment.',
    },
  );
}

function typeOf(reason: Reason): string {
  if (reason.code === 'too_late' || reason.code === 'invalid-state') return 'invalid-state';
  return reason.limit === undefined ? 'broker-error' : 'risk-denied';
}

function refuse(refusal: RequestRefusal | undefined): void {
  if (refusal) throw failure(refusal.type, refusal.reason);
}

function failure(type: string, reason: Reason): ApplicationFailure {
  return ApplicationFailure.create({ type, message: reason.message, details: [reason], nonRetryable: true });
}

/** A cancelled trade still answers. */
function shielded<T>(answer: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(answer);
}
