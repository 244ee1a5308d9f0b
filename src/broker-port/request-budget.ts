/** Every broker allows so many calls. One bucket per broker account is shared by all processes. */

/** Whose turn comes first when calls are short: a stop before a close, a close before an entry, reads last. */
export type CallPriority = 'stop' | 'close' | 'entry' | 'poll';

export interface BudgetedCall {
  broker: string;
  account: string;
  priority: CallPriority;
  /** order writes and reads are counted apart where the broker counts them apart */
  kind: 'write' | 'read';
}

export interface RequestBudget {
  /** Waits for the call's turn. @throws BudgetExhausted when it would not come within `withinMs`. */
  take(call: BudgetedCall, withinMs: number): Promise<void>;
  /** The broker said 429: nothing but stops and closes for so long. */
  slowDown(broker: string, account: string, forMs: number): Promise<void>;
}

export class BudgetExhausted extends Error {
  override readonly name = 'BudgetExhausted';

  constructor(readonly retryAfterMs: number) {
    super(`the request budget is used up for ${retryAfterMs} ms`);
  }
}

/** No limit: for brokers that are ours, and for tests. */
export const unlimited: RequestBudget = { take: async () => {}, slowDown: async () => {} };
