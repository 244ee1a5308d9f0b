import type { Payload, PayloadCodec } from '@temporalio/common';

/**
 * Any client of the namespace may send a trade anything, and what the SDK cannot read fails the workflow task, again and
 * again: one such signal would freeze the trade. So what cannot be read arrives as null, which nobody believes.
 */
export const legiblePayloads: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => payloads.map((payload) => (isLegible(payload) ? payload : NOTHING)),
};

const NOTHING: Payload = { metadata: { encoding: Buffer.from('binary/null') } };

function isLegible({ metadata, data }: Payload): boolean {
  switch (metadata?.encoding && Buffer.from(metadata.encoding).toString()) {
    case 'binary/null':
    case 'binary/plain':
      return true;
    case 'json/plain':
      return isJson(Buffer.from(data ?? []).toString());
    default:
      return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
