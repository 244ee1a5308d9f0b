/** Schwab's throttle of order writes: at most 120 a minute and account (wire contract, section 11). */

const WRITES_PER_MINUTE = 120;
const MINUTE_MS = 60_000;

export class OrderThrottle {
  private readonly writes = new Map<string, number[]>();

  /** Counts a write, or says that it is one too many; a refused write is not counted. */
  allows(account: string, now: number): boolean {
    const recent = (this.writes.get(account) ?? []).filter((at) => at > now - MINUTE_MS);
    const allowed = recent.length < WRITES_PER_MINUTE;
    if (allowed) recent.push(now);
    this.writes.set(account, recent);
    return allowed;
  }
}
