/** The faults of a run: each hits every call that it applies to with the same probability (failure model, 3.2). */
import type { LiveBroker } from '../../src/domain/broker-login.js';
import type { TestSimulator } from '../simulator/simulator-fixture.js';
import type { Dice } from './dice.js';

interface MixedFault {
  kind: string;
  /** the simulator's operations; all trading operations unless named */
  on?: readonly string[];
  seconds?: number;
  /** a factor of the rate */
  share?: number;
  /** brokers at which no client could handle the fault */
  notAt?: { brokers: readonly LiveBroker[]; on: readonly string[] };
}

const PLACEMENTS = ['place_entry', 'place_stop', 'place_exit'] as const;
const WRITES = [...PLACEMENTS, 'preview', 'cancel', 'replace'] as const;
const READS = ['get_order', 'list_orders', 'quote', 'positions', 'other'] as const;
/** How long the simulator waits before it breaks a connection: a lost answer, without the full timeout. */
const SILENT_SECONDS = 0.7;

const FAULT_MIX: readonly MixedFault[] = [
  { kind: 'reject', on: [...PLACEMENTS, 'preview'] },
  { kind: 'timeout_before', seconds: SILENT_SECONDS },
  { kind: 'timeout_after', seconds: SILENT_SECONDS },
  { kind: 'http_500', on: WRITES },
  { kind: 'http_500_after' },
  // Longer than the HTTP timeouts: 3 s for a stop, 10 s for other writes.
  { kind: 'slow', on: ['place_stop'], seconds: 4 },
  { kind: 'slow', on: ['place_entry', 'place_exit', 'cancel'], seconds: 11 },
  { kind: 'slow', on: READS, seconds: 2 },
  // At Schwab the same body sent twice makes two orders.
  { kind: 'duplicate_delivery', notAt: { brokers: ['schwab'], on: PLACEMENTS } },
  { kind: 'stale_read', on: ['get_order', 'list_orders', 'positions'], seconds: 3 },
  // Two kinds of malformed answers.
  { kind: 'malformed', share: 0.5 },
  { kind: 'html_200', share: 0.5 },
  { kind: 'http_429', seconds: 1 },
  { kind: 'unauthorized' },
  { kind: 'disconnect' },
  { kind: 'late_reject', on: PLACEMENTS },
  { kind: 'partial_fill', on: PLACEMENTS },
  { kind: 'cancel_too_late', on: ['cancel'] },
  { kind: 'fill_after_cancel_ack', on: ['cancel'] },
  { kind: 'stop_fills_on_cancel', on: ['cancel'] },
];

/** Plans the whole mix in random order, since a call gets only the first fault that applies. */
export async function planFaults(simulator: TestSimulator, broker: LiveBroker, rate: number, dice: Dice) {
  const planned = FAULT_MIX.flatMap(({ kind, on = [...WRITES, ...READS], seconds, share = 1, notAt }) => {
    const operations = on.filter((one) => !(notAt?.brokers.includes(broker) && notAt.on.includes(one)));
    return operations.map((operation) => ({
      ...{ kind, operation, broker, probability: rate * share, seed: dice.whole(0, 2 ** 31) },
      ...(seconds === undefined ? {} : { seconds }),
    }));
  });
  const shuffled = planned.map((fault) => ({ fault, at: dice.next() })).sort((one, other) => one.at - other.at);
  for (const { fault } of shuffled) {
    await simulator.control('faults', fault);
  }
}

/** How often each kind was applied. */
export async function faultHits(simulator: TestSimulator): Promise<Record<string, number>> {
  const { body } = await simulator.call('GET', '/control/faults');
  const hits: Record<string, number> = {};
  for (const { kind, hits: count } of body.items) hits[kind] = (hits[kind] ?? 0) + count;
  return hits;
}
