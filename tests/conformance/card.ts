import { expect } from 'vitest';
import type { BrokerOrder, OrderRequest } from '../../src/domain/order.js';
import type { Bench } from './bench.js';

/** What a broker's nature makes of a card that it passes; nothing to remark where it is as the title says. */
export type Remark = string | undefined;

export interface Card {
  group: string;
  /** in plain English; it names the card for ever */
  title: string;
  /** who says that brokers do so: a form of docs/brokers/wire-forms.md, a rule, or a point of our own failure model */
  source: string;
  /** whether it is played a second time, or only, at an exchange whose lists and positions lag behind */
  lags?: 'too' | 'only';
  /** The same at every broker. */
  play(bench: Bench): Promise<Remark>;
}

export const NOT_OFFERED = 'not offered';
export const NO_SUCH_FORM = 'no form of this broker';
export const LEFT_UNKNOWN = 'unknown: a person decides';

/** A card with a source of its own. */
type Sourced = Pick<Card, 'source' | 'play'>;

export function from(source: string, play: Card['play']): Sourced {
  return { source, play };
}

type Plays = Readonly<Record<string, Card['play'] | Sourced>>;

/** The cards of a group, which have its source where they name none. */
export function group(name: string, source: string, plays: Plays, lags?: Card['lags']): Card[] {
  return Object.entries(plays).map(([title, play]) => ({
    ...{ group: name, title, source, ...(lags && { lags }) },
    ...(typeof play === 'function' ? { play } : play),
  }));
}

/** The same, played a second time with lists and positions that lag behind. */
export function groupWithLags(name: string, source: string, plays: Plays): Card[] {
  return group(name, source, plays, 'too');
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
