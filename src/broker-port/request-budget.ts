/** Every broker allows so many calls. One bucket per broker account is shared by all processes. */

/** Whose turn comes first when calls are short: a stop before a close, a close before an entry, then looks, people's reads last. */
export type CallPriority = 'stop' | 'close' | 'entry' | 'poll' | 'person';

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

/** The same budget for a process whose reads are for people to look at: no trade waits for them. */
export function forPeople(budget: RequestBudget): RequestBudget {
  return {
    take: (call, withinMs) =>
      budget.take({ ...call, priority: call.priority === 'poll' ? 'person' : call.priority }, withinMs),
    slowDown: (broker, account, forMs) => budget.slowDown(broker, account, forMs),
  };
}

/** No limit: for brokers that are ours, and for tests. */
export const unlimited: RequestBudget = { take: async () => {}, slowDown: async () => {} };
