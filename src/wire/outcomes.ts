/** What a call that failed on its way says about an order, or about the world. */
import { AmbiguousOrder, BrokerUnavailable, type CancelOutcome, OutOfCalls } from '../broker-port/broker.js';
import { BudgetExhausted } from '../broker-port/request-budget.js';
import type { WriteOutcome } from '../domain/order.js';
import { UnexpectedAnswer } from './answers.js';
import { NotPlaced } from './caller.js';
import { AnswerLost } from './http.js';

type NotSent = Extract<WriteOutcome, { outcome: 'not_placed' }>;
type Unknown = Extract<WriteOutcome, { outcome: 'unknown' }>;

/** A write whose call may fail on its way. */
export async function writing(write: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
  try {
    return await write();
  } catch (error) {
    return failureOf(error);
  }
}

/** The same for a cancel: one that was not sent leaves the order as it was, and can be sent again. */
export async function cancelling(cancel: () => Promise<CancelOutcome>): Promise<CancelOutcome> {
  try {
    return await cancel();
  } catch (error) {
    return { outcome: 'unknown', detail: failureOf(error).detail };
  }
}

/** A read that fails, or whose answer is not understood, says nothing about the world. @throws BrokerUnavailable */
export async function reading<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotPlaced && error.cause instanceof BudgetExhausted) {
      throw new OutOfCalls(error.message, { cause: error });
    }
    if (error instanceof NotPlaced || error instanceof AnswerLost || error instanceof UnexpectedAnswer) {
      throw new BrokerUnavailable(error.message, { cause: error });
    }
    throw error;
  }
}

/** A call that a write needs first and that makes no order: when it fails, nothing was sent. @throws NotPlaced */
export async function beforehand<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await reading(read);
  } catch (error) {
    if (!(error instanceof BrokerUnavailable)) throw error;
    const retryAfterMs = error.cause instanceof NotPlaced ? error.cause.retryAfterMs : undefined;
    throw new NotPlaced(error.message, retryAfterMs, { cause: error });
  }
}

/** A read after a write whose answer alone is not enough: when it fails, the outcome of the write is unknown. */
export async function concluding(read: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
  try {
    return await reading(read);
  } catch (error) {
    if (!(error instanceof BrokerUnavailable || error instanceof AmbiguousOrder)) throw error;
    return { outcome: 'unknown', detail: error.message };
  }
}

/** What `not_placed` looks like for a call that was not made, or was turned away unread. */
export function notSent({ message, retryAfterMs }: NotPlaced): NotSent {
  return { outcome: 'not_placed', detail: message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function failureOf(error: unknown): NotSent | Unknown {
  if (error instanceof NotPlaced) return notSent(error);
  if (error instanceof AnswerLost || error instanceof UnexpectedAnswer) {
    return { outcome: 'unknown', detail: error.message };
  }
  throw error;
}
