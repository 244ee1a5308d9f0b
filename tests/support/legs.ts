import type { Leg } from '../../src/domain/ids.js';

const LEGS: Partial<Record<string, Leg>> = { e: 'entry', s: 'stop', x: 'exit' };

/** The leg that a client order id of ours speaks of; undefined for an order of somebody else. */
export function legOfClientOrder(clientOrderId: string): Leg | undefined {
  return LEGS[/^arb-[0-9a-f]{32}-([esx])\d+$/.exec(clientOrderId)?.[1] ?? ''];
}
