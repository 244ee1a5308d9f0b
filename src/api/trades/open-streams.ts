import { RateLimited } from '../../domain/errors.js';

/** How many streams of this process are open, by user and by address. */
export class OpenStreams {
  private readonly counts = new Map<string, number>();

  /** @param retryAfterSeconds after which time one of the open ones may have ended */
  constructor(private readonly retryAfterSeconds: number) {}

  /**
   * Counts one more under each key; what it returns takes it back.
   * @throws RateLimited when one of the keys has as many as it may
   */
  begin(most: Record<string, number>): () => void {
    const keys = Object.keys(most);
    const isFull = Object.entries(most).some(([key, limit]) => this.of(key) >= limit);
    if (isFull) throw new RateLimited(this.retryAfterSeconds);
    for (const key of keys) this.counts.set(key, this.of(key) + 1);
    return () => {
      for (const key of keys) this.takeBack(key);
    };
  }

  private of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  private takeBack(key: string): void {
    if (this.of(key) > 1) this.counts.set(key, this.of(key) - 1);
    else this.counts.delete(key);
  }
}
