import { z } from 'zod';
import type { Quote } from '../../domain/market.js';
import { amount } from '../../wire/json.js';
import { quoted } from '../../wire/quotes.js';
import { epochMs } from './schemas.js';
import { fromSchwabSymbol } from './symbols.js';

/** Fields by their numbers: the bid, the ask, the last price and the quote's time. Only those that changed are sent. */
const change = z.object({
  key: z.string(),
  delayed: z.boolean().optional(),
  '1': amount.optional(),
  '2': amount.optional(),
  '3': amount.optional(),
  '34': epochMs.optional(),
});
type Change = z.infer<typeof change>;

/** Puts the changes of `LEVELONE_EQUITIES` together to quotes. */
export class LevelOneQuotes {
  private readonly known = new Map<string, Change>();

  constructor(private readonly onQuote: (quote: Quote) => void) {}

  /** `timestamp`: when the message was sent, epoch milliseconds. False when it is not understood. */
  hear(json: unknown, timestamp: number): boolean {
    const heard = change.safeParse(json).data;
    if (!heard) return false;
    const state: Change = { ...this.known.get(heard.key), ...withoutGaps(heard) };
    this.known.set(heard.key, state);
    const { key, delayed, '1': bid, '2': ask, '3': last, '34': at = timestamp } = state;
    const symbol = fromSchwabSymbol(key) ?? key;
    // A delayed quote is as good as none.
    if (delayed !== true) {
      this.onQuote({ symbol, ...quoted('bid', bid), ...quoted('ask', ask), ...quoted('last', last), at });
    }
    return true;
  }
}

function withoutGaps(heard: Change): Change {
  const present = Object.entries(heard).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), key: heard.key };
}
