/** Where a broker's answers have what a card changes on its way, and what people's rows look like there. */
import type { Body } from '../../simulator/simulator-fixture.js';

/** What stands in an answer: the rows of lists of orders, every order wherever it is shown, fills, and what is held. */
export type Part = 'lists' | 'orders' | 'fills' | 'positions';

/** The members that lead to the rows, in answers to calls of such a path; `*`: through each of a list. */
interface Place {
  path: RegExp;
  members: readonly string[];
}

/** Makes another row of one of ours. */
export type Form = (row: Body) => Body;

/** Orders that a person may have beside ours. */
export type OrderForm =
  | 'money'
  | 'legs'
  | 'linked'
  | 'otherAsset'
  | 'otherType'
  | 'otherTerm'
  | 'otherState'
  | 'withoutTerms'
  | 'withoutId'
  | 'nothing';

/** What a person may hold beside what is ours. */
export type PositionForm =
  | 'otherAsset'
  | 'withoutAverage'
  | 'withoutSymbol'
  | 'zero'
  | 'short'
  | 'fraction'
  | 'classShare'
  | 'unreadable'
  | 'nothing';

/** Words for the states of an order. */
export type StateKind = 'waiting' | 'cancelling' | 'cancelled' | 'expired' | 'rejected';

/** The sides of a quote: a price as text, or none. */
export interface Sides {
  bid: string | null;
  ask: string | null;
}

export interface WireForms {
  places: Readonly<Record<Part, readonly Place[]>>;
  /** of an order's row, in any form */
  idOf(row: Body): string;
  /** the row with this state */
  withState(row: Body, word: string): Body;
  /** whether the row is what is held of the bench's own symbol */
  isHeld(row: Body): boolean;
  /** the held row with another quantity, as the broker writes it */
  holding(row: Body, quantity: string | null): Body;
  orders: Readonly<Partial<Record<OrderForm, Form>>>;
  positions: Readonly<Partial<Record<PositionForm, Form>>>;
  states: Readonly<Record<StateKind, readonly string[]>>;
  /** the members that are amounts */
  amounts: readonly string[];
  /** the answer with these sides in every quote */
  quoted(body: Body, sides: Sides): Body;
}

/** The answer with the rows at its places changed. What is no list is the only row. */
export function changed(body: Body, [member, ...rest]: readonly string[], change: (rows: Body[]) => Body[]): Body {
  if (body === null || body === undefined) return body;
  if (member === undefined) return Array.isArray(body) ? change(body) : change([body])[0];
  if (member === '*') return Array.isArray(body) ? body.map((row) => changed(row, rest, change)) : body;
  return member in body ? { ...body, [member]: changed(body[member], rest, change) } : body;
}

/** An object with some of its members in another way. */
export const having =
  (members: object): Form =>
  (row) => ({ ...row, ...members });
