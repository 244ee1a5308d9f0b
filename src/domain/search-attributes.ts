/**
 * Search attributes, the same for the API that starts a trade, the workflow that keeps them current and the namespace
 * that must know them. Keywords are never encrypted: no names, e-mail or amounts. Plain `{ name, type }` keys.
 */
interface Key<Type extends 'KEYWORD' | 'INT'> {
  name: string;
  type: Type;
}

export const ARBION_USER: Key<'KEYWORD'> = { name: 'ArbionUser', type: 'KEYWORD' };
export const ARBION_SYMBOL: Key<'KEYWORD'> = { name: 'ArbionSymbol', type: 'KEYWORD' };
export const ARBION_BROKER: Key<'KEYWORD'> = { name: 'ArbionBroker', type: 'KEYWORD' };
export const ARBION_STATUS: Key<'KEYWORD'> = { name: 'ArbionStatus', type: 'KEYWORD' };
export const ARBION_STRATEGY: Key<'KEYWORD'> = { name: 'ArbionStrategy', type: 'KEYWORD' };
export const ARBION_UNPROTECTED_SECONDS: Key<'INT'> = { name: 'ArbionUnprotectedSeconds', type: 'INT' };

/** What a namespace must know before the first trade starts: an unregistered attribute refuses the start. */
export const SEARCH_ATTRIBUTES = [
  ARBION_USER,
  ARBION_SYMBOL,
  ARBION_BROKER,
  ARBION_STATUS,
  ARBION_STRATEGY,
  ARBION_UNPROTECTED_SECONDS,
] as const;
