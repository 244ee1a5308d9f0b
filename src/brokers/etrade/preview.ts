import type { Preparation } from '../../broker-port/broker.js';
import { NotPlaced } from '../../wire/caller.js';
import { beforehand, notSent } from '../../wire/outcomes.js';
import { contentOf, type EtradeAnswer, summaryOf } from './answers.js';
import { refusalOfPreview } from './refusals.js';
import { previewed } from './schemas.js';

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
    return await beforehand(preview);
  } catch (error) {
    if (error instanceof NotPlaced) return notSent(error);
    throw error;
  }
}

export function preparationOf(answer: EtradeAnswer, replacedId?: string): Preparation {
  if (answer.kind === 'error') {
    const refusal = refusalOfPreview(answer);
    return refusal ? { outcome: 'rejected', refusal } : { outcome: 'not_placed', detail: summaryOf(answer) };
  }
  const { previewId } = contentOf(answer, previewed, 'preview').PreviewOrderResponse.PreviewIds;
  return { outcome: 'ready', token: tokenOf({ previewId, ...(replacedId !== undefined && { replacedId }) }) };
}
