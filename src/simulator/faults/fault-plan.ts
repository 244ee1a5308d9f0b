/** The planned faults, and which call gets which. */
import type { BrokerName } from '../exchange/accounts.js';
import type { Documents } from '../exchange/documents.js';
import { type FaultRequest, isExternalEvent, type Operation } from './fault.js';

/** What is known about a call. */
export interface CallFacts {
  broker: BrokerName;
  operation: Operation;
  account?: string | undefined;
  /** in Arbion's own form (`BTC-USD`) */
  symbol?: string | undefined;
  side?: 'buy' | 'sell' | undefined;
}

/** `seen`: calls that matched; `hits`: those to which the fault was applied. */
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

  /** Draws the fault for this call, the first planned one that applies, and counts it. */
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

  /** Counts a hit without a call. */
  countAtOnce(fault: PlannedFault): void {
    this.planned.set(fault.id, { ...fault, hits: fault.hits + 1 });
  }
}

/** Whether a fault applies at once: an external event that names no operation need not wait for a call. */
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

/** The n-th random number of a seed, in [0, 1); the same after a restart (mulberry32 over a mixed counter). */
function chance(seed: number, n: number): number {
  let state = (seed + Math.imul(n + 1, 0x6d2b79f5)) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
