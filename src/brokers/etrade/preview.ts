import type { Preparation } from '../../broker-port/broker.js';
import { NotPlaced } from '../../wire/caller.js';
import { beforehand, notSent } from '../../wire/outcomes.js';
import { contentOf, type EtradeAnswer, summaryOf } from './answers.js';
import { refusalOfPreview } from './refusals.js';
import { previewed } from './schemas.js';

/** A preview makes nothing: whatever becomes of the call, no order is there. */
export async function previewing(preview: () => Promise<Preparation>): Promise<Preparation> {
  try {
    return await beforehand(preview);
  } catch (error) {
    if (error instanceof NotPlaced) return notSent(error);
    throw error;
  }
}

export function preparationOf(answer: EtradeAnswer): Preparation {
  if (answer.kind === 'error') {
    const refusal = refusalOfPreview(answer);
    return refusal ? { outcome: 'rejected', refusal } : { outcome: 'not_placed', detail: summaryOf(answer) };
  }
  const { previewId } = contentOf(answer, previewed, 'preview').PreviewOrderResponse.PreviewIds;
  return { outcome: 'ready', token: previewId };
}
