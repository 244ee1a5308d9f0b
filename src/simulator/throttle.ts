/** Rate limits: requests per caller and window. Windows follow the machine's clock, not the exchange's. */
export interface Allowance {
  isAllowed: boolean;
  limit: number;
  remaining: number;
  /** when the window ends, in UNIX seconds */
  reset: number;
}

export class Throttle {
  private readonly windows = new Map<string, { endsAt: number; used: number }>();

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** Counts one request. */
  take(caller: string, now: number): Allowance {
    const known = this.windows.get(caller);
    const window = known && known.endsAt > now ? known : { endsAt: now + this.windowMs, used: 0 };
    window.used++;
    this.windows.set(caller, window);
    const { limit } = this;
    const isAllowed = window.used <= limit;
    return { isAllowed, limit, remaining: Math.max(0, limit - window.used), reset: Math.ceil(window.endsAt / 1000) };
  }
}

/** Adds the rate-limit headers with the broker's prefix, in the broker's case. */
export function withLimits(answer: Response, prefix: string, { limit, remaining, reset }: Allowance): Response {
  if (answer.headers.has('x-hono-already-sent')) return answer;
  const values = { Limit: limit, Remaining: remaining, Reset: reset };
  for (const [name, value] of Object.entries(values)) {
    if (!answer.headers.has(prefix + name)) answer.headers.set(prefix + name, String(value));
  }
  return answer;
}
