/**
 * Takes one step of a trade: notes that it begins, asks whoever drives the trade to do it, applies the answer, notes that it
 * ends. The workflow answers by activities; a simulation answers at once. Nothing else applies outcomes to a trade.
 */
import {
  type Admission,
  applyAdmission,
  applyChangeVerdict,
  type ChangedEntry,
  type ChangeVerdict,
  changedEntryOf,
} from './admission.js';
import { conclude } from './conclude.js';
import { applyFailedLook, applyLook, type LookRequest, lookRequest, type TradeLook } from './look.js';
import { beginResending, countLookup, markUnknown, reportAmbiguous, scheduleLookup } from './lost-order.js';
import { applyOrderFacts, type OrderFact } from './order-facts.js';
import { type CancelOrder, cancelRef, type OrderRef, orderRef } from './order-ref.js';
import { beginLooking, lookAgainSoon, scheduleLook } from './polling.js';
import { beginCancelling, beginPlacing, endCancelling, endPlacing } from './sending.js';
import type { TradeOrder, TradeState } from './state.js';
import type { Reason } from './status.js';
import type { Step } from './step.js';

/** There is no answer. What was asked for may have happened all the same. */
export interface Failed {
  failed: string;
  /** of a look-up: several orders at the broker could be the one */
  ambiguous?: boolean;
  /** of a look: our own budget of calls had no room for it */
  outOfCalls?: boolean;
}

/** What a step asks for, and what is answered. */
interface Questions {
  admit: { request: undefined; answer: Admission | Failed };
  /** the risk check of a changed entry */
  approve: { request: ChangedEntry; answer: ChangeVerdict | Failed };
  place: { request: OrderRef; answer: OrderFact[] | Failed };
  /** the identical order once more */
  resend: { request: OrderRef; answer: OrderFact[] | Failed };
  /** reads only: what became of a send */
  resolve: { request: OrderRef; answer: OrderFact[] | Failed };
  cancel: { request: CancelOrder; answer: OrderFact[] | Failed };
  look: { request: LookRequest; answer: TradeLook | Failed };
}
type Kind = keyof Questions;
type Answer = Questions[Kind]['answer'];

/** One question of the driver. */
type Ask = { [K in Kind]: { kind: K; request: Questions[K]['request'] } }[Kind];

/** Whoever drives a trade answers every kind of question, at once or later. */
export type Answers = { [K in Kind]: (request: Questions[K]['request']) => Questions[K]['answer'] };
export type LaterAnswers = { [K in Kind]: (request: Questions[K]['request']) => Promise<Questions[K]['answer']> };

type Asking<Result = void> = Generator<Ask, Result, Answer>;
/** What the driver takes: everything but to wait and to finish. */
export type DrivenStep = Exclude<Step, { kind: 'wait' } | { kind: 'finish' }>;

/** Takes a step with answers that are there at once. */
export function drive(state: TradeState, step: DrivenStep, clock: () => number, answers: Answers): void {
  const asking = takeStep(state, step, clock);
  for (let next = asking.next(); !next.done; ) next = asking.next(answerTo<Answer>(next.value, answers));
}

/** Takes a step with answers that are waited for. */
export async function driveLater(
  state: TradeState,
  step: DrivenStep,
  clock: () => number,
  answers: LaterAnswers,
): Promise<void> {
  const asking = takeStep(state, step, clock);
  for (let next = asking.next(); !next.done; ) next = asking.next(await answerTo<Promise<Answer>>(next.value, answers));
}

function answerTo<Given>({ kind, request }: Ask, answers: Record<Kind, (request: never) => Given>): Given {
  // Kind and request of a question belong together by its type.
  return answers[kind](request as never);
}

/** @param clock workflow time, epoch milliseconds: read again after each answer */
function* takeStep(state: TradeState, step: DrivenStep, clock: () => number): Asking {
  switch (step.kind) {
    case 'admit':
      return yield* admit(state, clock);
    case 'approve':
      return yield* approve(state);
    case 'place':
      return yield* place(state, step.order, clock);
    case 'cancel':
      return yield* cancel(state, step.order, clock);
    case 'resolve':
      return yield* step.resend ? resend(state, step.order, clock) : resolve(state, step.order, clock);
    case 'look':
      return yield* look(state, clock);
  }
}

function* ask<K extends Kind>(kind: K, request: Questions[K]['request']): Asking<Questions[K]['answer']> {
  return (yield { kind, request } as Ask) as Questions[K]['answer'];
}

function isFailed(answer: Answer): answer is Failed {
  return 'failed' in answer;
}

function* admit(state: TradeState, clock: () => number): Asking {
  const answer = yield* ask('admit', undefined);
  const reason = noRiskCheck('The risk check could not be made in time, so the trade was not started.');
  applyAdmission(state, isFailed(answer) ? { accepted: false, reason } : answer, clock());
}

function* approve(state: TradeState): Asking {
  const answer = yield* ask('approve', changedEntryOf(state));
  const reason = noRiskCheck('The risk check could not be made in time, so the entry was not changed.');
  applyChangeVerdict(state, isFailed(answer) ? { approved: false, reason } : answer);
}

function noRiskCheck(message: string): Reason {
  return { code: 'risk_check_unavailable', message };
}

function* place(state: TradeState, order: TradeOrder, clock: () => number): Asking {
  beginPlacing(state, order, clock());
  applySend(state, order, yield* ask('place', orderRef(state, order)), clock);
}

function* resend(state: TradeState, order: TradeOrder, clock: () => number): Asking {
  beginResending(order, clock());
  applySend(state, order, yield* ask('resend', orderRef(state, order)), clock);
}

/** Whatever goes wrong with a send, from here on the order is looked for. */
function applySend(state: TradeState, order: TradeOrder, answer: OrderFact[] | Failed, clock: () => number): void {
  if (isFailed(answer)) markUnknown(state, order, answer.failed, clock());
  else {
    applyOrderFacts(state, answer, clock());
    endPlacing(order, clock());
  }
}

function* resolve(state: TradeState, order: TradeOrder, clock: () => number): Asking {
  const answer = yield* ask('resolve', orderRef(state, order));
  if (!isFailed(answer)) {
    countLookup(order, clock());
    applyOrderFacts(state, answer, clock());
  } else if (answer.ambiguous) reportAmbiguous(state, order, clock());
  scheduleLookup(state, order, clock());
}

function* cancel(state: TradeState, order: TradeOrder, clock: () => number): Asking {
  beginCancelling(state, order, clock());
  const answer = yield* ask('cancel', cancelRef(state, order));
  if (!isFailed(answer)) applyOrderFacts(state, answer, clock());
  endCancelling(state, order, clock());
}

function* look(state: TradeState, clock: () => number): Asking {
  beginLooking(state, clock());
  const answer = yield* ask('look', lookRequest(state, clock()));
  const outOfCalls = isFailed(answer) && answer.outOfCalls === true;
  if (isFailed(answer)) applyFailedLook(state, outOfCalls, clock());
  else applyLook(state, answer, clock());
  conclude(state, clock());
  scheduleLook(state, clock());
  if (outOfCalls) lookAgainSoon(state, clock());
}
