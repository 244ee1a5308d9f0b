/** The faults that were asked for, and which call meets which. */
import type { BrokerName } from '../exchange/accounts.js';
import type { Documents } from '../exchange/documents.js';
import { type FaultRequest, isExternalEvent, type Operation } from './fault.js';

/** What a call says about itself. */
export interface CallFacts {
  broker: BrokerName;
  operation: Operation;
  account?: string | undefined;
  /** in the one form used inside (`BTC-USD`) */
  symbol?: string | undefined;
  side?: 'buy' | 'sell' | undefined;
}

/** `seen`: calls that fitted; `hits`: those that met the fault. */
export type PlannedFault = FaultRequest & { id: string; seen: number; hits: number };

export class FaultPlan {
  constructor(private readonly planned: Documents<PlannedFault>) {}

  add(request: FaultRequest): PlannedFault {
    const id = String(Number(this.planned.entries().at(-1)?.[0] ?? 0) + 1);
    const fault = { ...request, id, seen: 0, hits: 0 };
    this.planned.set(id, fault);
    return fault;
  }

  list(): PlannedFault[] {
    return this.planned.values();
  }

  clear(): void {
    for (const [id] of this.planned.entries()) this.planned.delete(id);
  }

  /** The first planned fault that befalls this call; it is counted. */
  draw(call: CallFacts): PlannedFault | undefined {
    for (const fault of this.planned.values()) {
      if (!fits(fault, call) || isUsedUp(fault)) continue;
      const isHit = fault.probability === undefined || chance(fault.seed ?? 1, fault.seen) < fault.probability;
      const counted = { ...fault, seen: fault.seen + 1, hits: fault.hits + (isHit ? 1 : 0) };
      this.planned.set(fault.id, counted);
      if (isHit) return counted;
    }
    return undefined;
  }

  /** Counts a hit that no call brought about. */
  countAtOnce(fault: PlannedFault): void {
    this.planned.set(fault.id, { ...fault, hits: fault.hits + 1 });
  }
}

/** What happens to the world need not wait for a call, unless one is named. */
export function appliesAtOnce({ kind, operation, count }: FaultRequest): boolean {
  return isExternalEvent(kind) && operation === '*' && count === 1;
}

function fits({ operation, broker, match = {} }: PlannedFault, call: CallFacts): boolean {
  if (operation !== '*' && operation !== call.operation) return false;
  if (broker !== undefined && broker !== call.broker) return false;
  return (['account', 'symbol', 'side'] as const).every((name) => {
    return match[name] === undefined || match[name] === call[name];
  });
}

function isUsedUp({ count, hits }: PlannedFault): boolean {
  return count !== undefined && hits >= count;
}

/** The n-th draw of a seed, in [0, 1): the same again after a restart (mulberry32 over a mixed counter). */
function chance(seed: number, n: number): number {
  let state = (seed + Math.imul(n + 1, 0x6d2b79f5)) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
