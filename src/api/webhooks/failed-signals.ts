/** Limits signals that prove nothing by their address: who guesses, or floods, soon costs no more than a look into memory. */
import { RateLimited } from '../../domain/errors.js';
import type { RateLimits } from '../../platform/rate-limit-settings.js';
import type { RateLimiter } from '../../storage/rate-limits.js';
import { enforceFailedSignalLimit } from '../http/rate-limit.js';

/** Of addresses, and of senders: this process remembers the latest. */
const MOST_REMEMBERED = 10_000;

/** Whom a signal comes from, and to which webhook. */
interface Sender {
  address: string;
  webhookId: string;
}

export interface FailedSignals {
  /** @throws RateLimited while the address has failed too often, unless this sender has succeeded before */
  requirePatience(sender: Sender): void;
  /** Counts a failure. @throws RateLimited when it was one too many */
  failed(sender: Sender): Promise<void>;
  /** Whoever shares an address with a sender, as all users of a signal service do, must not be able to keep it out. */
  succeeded(sender: Sender): void;
}

export function createFailedSignals(limiter: RateLimiter, limits: RateLimits): FailedSignals {
  const refusedUntil = new Map<string, number>();
  const known = new Map<string, true>();
  return {
    requirePatience: (sender) => {
      const leftMs = (refusedUntil.get(sender.address) ?? 0) - performance.now();
      if (leftMs > 0 && !known.has(nameOf(sender))) throw new RateLimited(Math.ceil(leftMs / 1_000));
    },
    failed: async ({ address }) => {
      try {
        await enforceFailedSignalLimit(limiter, limits, address);
      } catch (error) {
        if (error instanceof RateLimited) {
          remember(refusedUntil, address, performance.now() + error.retryAfterSeconds * 1_000);
        }
        throw error;
      }
    },
    succeeded: (sender) => remember(known, nameOf(sender), true),
  };
}

function nameOf({ address, webhookId }: Sender): string {
  return `${address} ${webhookId.toLowerCase()}`;
}

/** The latest are kept: a Map lists its keys in the order in which they came. */
function remember<Value>(memory: Map<string, Value>, key: string, value: Value): void {
  memory.delete(key);
  memory.set(key, value);
  if (memory.size <= MOST_REMEMBERED) return;
  const [oldest] = memory.keys();
  if (oldest !== undefined) memory.delete(oldest);
}
