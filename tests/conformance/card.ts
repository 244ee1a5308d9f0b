import { expect } from 'vitest';
import type { BrokerOrder, OrderRequest } from '../../src/domain/order.js';
import type { Bench } from './bench.js';

/** What a broker's nature makes of a card that it passes; nothing to remark where it is as the title says. */
export type Remark = string | undefined;

export interface Card {
  group: string;
  /** in plain English; it names the card for ever */
  title: string;
  /** The same at every broker. */
  play(bench: Bench): Promise<Remark>;
}

export const NOT_OFFERED = 'not offered';
export const LEFT_UNKNOWN = 'unknown: a person decides';

/** The cards of a group. */
export function group(name: string, plays: Readonly<Record<string, Card['play']>>): Card[] {
  return Object.entries(plays).map(([title, play]) => ({ group: name, title, play }));
}

/** Sends an order that not every broker offers: one that does not has to say so before anything is sent. */
export async function ifOffered(
  bench: Bench,
  request: OrderRequest,
  then: (order: BrokerOrder) => Promise<Remark>,
): Promise<Remark> {
  const before = await bench.asked();
  const ending = await bench.send(request);
  if (ending.end !== 'refused' || ending.refusal.code !== 'not_offered') return then(await bench.orderOf(ending));
  expect(await bench.asked()).toEqual(before);
  return NOT_OFFERED;
}
