import type { Preparation } from '../../broker-port/broker.js';
import { BrokerUnavailable } from '../../broker-port/broker.js';
import { NotPlaced } from '../../wire/caller.js';
import { reading, UnexpectedAnswer } from '../../wire/outcomes.js';
import type { EtradeAnswer } from './answers.js';
import { refusalOfPreview } from './refusals.js';
import { checked, previewed } from './schemas.js';

/** What a place needs of its preview: its id, and the order that it is to take the place of. */
export interface Preview {
  previewId: string;
  replacedId?: string;
}

/** `168321663200`, or `168321663200/527` where it takes the place of an order. */
export function tokenOf({ previewId, replacedId }: Preview): string {
  return replacedId === undefined ? previewId : `${previewId}/${replacedId}`;
}

/** @throws RangeError when it is no token of ours */
export function previewOf(token: string | undefined): Preview {
  const match = /^(\d+)(?:\/(\d+))?$/.exec(token ?? '');
  if (!match) throw new RangeError('E*TRADE takes no order without its preview');
  const [, previewId = '', replacedId] = match;
  return { previewId, ...(replacedId !== undefined && { replacedId }) };
}

/** A preview makes nothing: whatever becomes of the call, no order is there. */
export async function previewing(preview: () => Promise<Preparation>): Promise<Preparation> {
  try {
    return await reading(preview);
  } catch (error) {
    if (!(error instanceof BrokerUnavailable)) throw error;
    const { message, cause } = error;
    const retryAfterMs = cause instanceof NotPlaced ? cause.retryAfterMs : undefined;
    return { outcome: 'not_placed', detail: message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
}

export function preparationOf(answer: EtradeAnswer, replacedId?: string): Preparation {
  if (answer.kind === 'error') {
    const refusal = refusalOfPreview(answer);
    if (refusal) return { outcome: 'rejected', refusal };
    return { outcome: 'not_placed', detail: `E*TRADE's error ${answer.code}: ${answer.message}` };
  }
  if (answer.kind === 'empty') throw new UnexpectedAnswer('E*TRADE answered a preview with nothing');
  const { previewId } = checked(previewed, answer.document, 'preview').PreviewOrderResponse.PreviewIds;
  return { outcome: 'ready', token: tokenOf({ previewId, ...(replacedId !== undefined && { replacedId }) }) };
}
