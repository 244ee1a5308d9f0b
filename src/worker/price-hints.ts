import type { TradeId } from '../domain/ids.js';

export type Hint = (tradeId: TradeId, event: 'brokerEvent' | 'priceEvent') => Promise<void>;

/** A trade gets a hint about crossed levels at most this often; it looks by itself every minute. */
const REPEAT_MS = 5_000;

/** Wakes the trades whose entry, stop or target a quote has crossed. Only hints: one that is lost costs time, never money. */
export class PriceHints {
  private readonly hinted = new Map<TradeId, number>();

  constructor(private readonly hint: Hint) {}

  async give(crossed: readonly TradeId[]): Promise<void> {
    const now = Date.now();
    for (const [id, at] of this.hinted) if (now - at >= REPEAT_MS) this.hinted.delete(id);
    const due = crossed.filter((id) => !this.hinted.has(id));
    for (const id of due) this.hinted.set(id, now);
    await Promise.all(due.map((id) => this.hint(id, 'priceEvent')));
  }
}
