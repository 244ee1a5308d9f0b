import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  setHandler,
} from '@temporalio/workflow';
import {
  checkEntryChange,
  checkExitsChange,
  followWish,
  type RequestRefusal,
  requestEntryChange,
  requestExitsChange,
  type Wish,
} from '../../src/domain/trade/requests.js';
import type { TradeState } from '../../src/domain/trade/state.js';
import { isFinalStatus, type Reason } from '../../src/domain/trade/status.js';
import { toView } from '../../src/domain/trade/to-view.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import {
  type AdjustExits,
  adjustExits,
  brokerEvent,
  cancelTrade,
  closeTrade,
  lookNow,
  priceEvent,
  type ReplaceOrder,
  replaceOrder,
  riskVerdict,
  type StandDown,
  tradeState,
} from './trade.messages.js';

/** How handlers talk to the main loop: they note what is wanted and wake it; it alone acts. */
export interface Control {
  woken: boolean;
  /** somebody asked the trade to end: this is recorded before it acts, so that a wish which was confirmed is never forgotten */
  wished: boolean;
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
  const heed = (name: Wish['name']) => (request?: StandDown) => {
    followWish(state, { name, request }, Date.now());
    control.wished = true;
    wake();
  };
  setHandler(closeTrade, heed('closeTrade'));
  setHandler(cancelTrade, heed('cancelTrade'));
  setHandler(riskVerdict, () => shielded(() => answerVerdict(state, control)));
  setHandler(lookNow, () => shielded(() => answerLook(state, control, hint)));
  setHandler(replaceOrder, (change) => shielded(() => answerReplace(state, change, wake)), {
    validator: (change: ReplaceOrder) => refuse(checkEntryChange(state, change)),
  });
  setHandler(adjustExits, (change) => shielded(() => answerAdjust(state, change, wake)), {
    validator: (change: AdjustExits) => refuse(checkExitsChange(state, change)),
  });
}

/** Cancel from the Temporal UI: the trade stands down safely, as its `onCancel` says, and then completes. */
export function standDownOnCancel(state: TradeState, control: Control): void {
  CancellationScope.current().cancelRequested.catch(() => {
    followWish(state, { name: 'cancelTrade', request: { by: 'cancelled in Temporal' } }, Date.now());
    control.wished = true;
    control.woken = true;
  });
}

/** The moment at which nothing that was said to the trade is half answered. */
export function isQuiet(): boolean {
  return allHandlersFinished();
}

/** A refusal is told when the trade stands recorded as refused. */
async function answerVerdict(state: TradeState, control: Control) {
  await condition(() => state.admission === 'accepted' || control.recorded);
  const trade = toView(state, Date.now());
  if (state.admission === 'accepted') return { accepted: true, trade } as const;
  return { accepted: false, trade, reason: state.reason ?? { code: 'refused', message: 'Refused.' } } as const;
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
  requestExitsChange(state, wanted);
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
      message: 'The broker has not confirmed the change yet. Read the trade again.',
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
