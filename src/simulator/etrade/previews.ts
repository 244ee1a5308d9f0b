/** Previews that may be placed (docs/brokers/etrade.md, sections 5.2 and 5.3): once, within three minutes, and unchanged. */
import { isDeepStrictEqual } from 'node:util';
import type { Documents } from '../exchange/documents.js';
import type { Exchange } from '../exchange/exchange.js';
import { ETRADE_CODES, type EtradeError } from './answers.js';
import type { EtradeOrder, OrderBody } from './order-body.js';

interface Preview {
  account: string;
  clientOrderId: string;
  order: EtradeOrder;
  at: number;
  used: boolean;
}

const LIFE_MS = 3 * 60_000;
const FIRST_ID = 168_321_663_200;

const TIMED_OUT: EtradeError = {
  code: ETRADE_CODES.timedOut,
  message:
    'For your protection, we have timed out your original order request. If you would like to place this order, please resubmit it now.',
};

const INVALID: EtradeError = { code: ETRADE_CODES.invalidPreviewId, message: 'The preview id is invalid.' };

export class Previews {
  private readonly previews: Documents<Preview>;

  constructor(private readonly exchange: Exchange) {
    this.previews = exchange.documents('etrade-previews');
  }

  add(account: string, { clientOrderId, order }: OrderBody): number {
    const previewId = FIRST_ID + this.previews.entries().length;
    this.previews.set(String(previewId), { account, clientOrderId, order, at: this.exchange.now(), used: false });
    return previewId;
  }

  /** Uses up the preview that a placement names; answers why it cannot be placed. */
  take(account: string, { previewId, clientOrderId, order }: OrderBody): EtradeError | undefined {
    if (previewId === undefined) return TIMED_OUT;
    const preview = this.previews.get(previewId);
    if (preview?.account !== account || preview.used) return INVALID;
    const isOld = this.exchange.now() - preview.at >= LIFE_MS;
    const isSame = preview.clientOrderId === clientOrderId && isDeepStrictEqual(preview.order, order);
    if (isOld || !isSame) return TIMED_OUT;
    this.previews.set(previewId, { ...preview, used: true });
    return undefined;
  }
}
