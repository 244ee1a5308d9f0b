/** How often to look for windows that are over. */
const SWEEP_MS = 60_000;

interface OpenWindow {
  passes: number;
  /** by the process's own clock, which never goes back */
  endsAt: number;
}

/**
 * How many this process has let pass in the windows that are open: what is left of a count when its store goes away, or
 * comes back empty.
 */
export class OwnPasses {
  private readonly windows = new Map<string, OpenWindow>();
  private sweptAt = 0;

  /** Lets one more pass in a window that its store says lasts `remainingMs`; else answers how long ours still lasts. */
  take(key: string, limit: number, remainingMs: number): { taken: true } | { taken: false; remainingMs: number } {
    const now = performance.now();
    this.sweep(now);
    const known = this.windows.get(key);
    const window = known && known.endsAt > now ? known : { passes: 0, endsAt: now + remainingMs };
    if (window.passes >= limit) return { taken: false, remainingMs: window.endsAt - now };
    window.passes += 1;
    this.windows.set(key, window);
    return { taken: true };
  }

  private sweep(now: number): void {
    if (now - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = now;
    for (const [key, { endsAt }] of this.windows) if (endsAt <= now) this.windows.delete(key);
  }
}
