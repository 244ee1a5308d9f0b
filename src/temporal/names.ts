/** Search attributes, the same for the API that starts a trade and the workflow that keeps them current. Keywords are never encrypted: no names, e-mail or amounts. */
import { defineSearchAttributeKey } from '@temporalio/common';

export const ARBION_USER = defineSearchAttributeKey('ArbionUser', 'KEYWORD');
export const ARBION_SYMBOL = defineSearchAttributeKey('ArbionSymbol', 'KEYWORD');
export const ARBION_BROKER = defineSearchAttributeKey('ArbionBroker', 'KEYWORD');
export const ARBION_STATUS = defineSearchAttributeKey('ArbionStatus', 'KEYWORD');
export const ARBION_STRATEGY = defineSearchAttributeKey('ArbionStrategy', 'KEYWORD');
export const ARBION_UNPROTECTED_SECONDS = defineSearchAttributeKey('ArbionUnprotectedSeconds', 'INT');

/** What a namespace must know before the first trade starts: an unregistered attribute refuses the start. */
export const SEARCH_ATTRIBUTES = [
  ARBION_USER,
  ARBION_SYMBOL,
  ARBION_BROKER,
  ARBION_STATUS,
  ARBION_STRATEGY,
  ARBION_UNPROTECTED_SECONDS,
] as const;

export const TRADE_WORKFLOW_TYPE = 'trade';
