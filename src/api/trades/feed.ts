import type { StoredEvent } from '../../storage/journals.js';

/** Whoever has so many entries waiting reads too slowly; what it misses it gets when it resumes. */
const MOST_WAITING = 1_000;

/** Entries on their way from the one reader to one stream. */
export class Feed {
  /** absent when the stream is over, or entries were dropped: nothing more comes */
  private waiting: StoredEvent[] | undefined = [];
  private wake = (): void => {};

  get hasEnded(): boolean {
    return this.waiting === undefined;
  }

  add(entry: StoredEvent): void {
    if (this.waiting?.length === MOST_WAITING) this.end();
    this.waiting?.push(entry);
    this.wake();
  }

  /** What has come since the last call, in order; waits for something, at most so long. */
  async take(withinMs: number): Promise<StoredEvent[]> {
    if (this.waiting?.length === 0) await this.woken(withinMs);
    return this.waiting?.splice(0) ?? [];
  }

  /** Drops what is waiting. */
  end(): void {
    this.waiting = undefined;
    this.wake();
  }

  private woken(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
