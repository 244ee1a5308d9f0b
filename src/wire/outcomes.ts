import { BrokerUnavailable, type CancelOutcome } from '../broker-port/broker.js';
import type { WriteOutcome } from '../domain/order.js';
import { NotPlaced } from './caller.js';
import { AnswerLost } from './http.js';

type Failed = Extract<WriteOutcome, { outcome: 'not_placed' | 'unknown' }>;

/** A write whose call may fail on its way: what that says of the order. */
export async function writing(write: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
  try {
    return await write();
  } catch (error) {
    return failureOf(error);
  }
}

/** The same for a cancel: one that was not sent leaves the order as it was, so it only has to be asked for again. */
export async function cancelling(cancel: () => Promise<CancelOutcome>): Promise<CancelOutcome> {
  try {
    return await cancel();
  } catch (error) {
    return { outcome: 'unknown', detail: failureOf(error).detail };
  }
}

/** A read that cannot be made, or whose answer cannot be understood, says nothing about the world. */
export async function reading<Answer>(read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof NotPlaced || error instanceof AnswerLost || error instanceof UnexpectedAnswer) {
      throw new BrokerUnavailable(error.message, { cause: error });
    }
    throw error;
  }
}

/** An answer of a form, a status or a word that is not in the broker's contract. Told to a person; never guessed at. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

function failureOf(error: unknown): Failed {
  if (error instanceof NotPlaced) {
    const { message, retryAfterMs } = error;
    return { outcome: 'not_placed', detail: message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (error instanceof AnswerLost || error instanceof UnexpectedAnswer) {
    return { outcome: 'unknown', detail: error.message };
  }
  throw error;
}
