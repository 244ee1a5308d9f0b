import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import {
  ARBION_BROKER,
  ARBION_STATUS,
  ARBION_STRATEGY,
  ARBION_SYMBOL,
  ARBION_UNPROTECTED_SECONDS,
  ARBION_USER,
} from '../../src/domain/search-attributes.js';
import type { TradeState } from '../../src/domain/trade/state.js';

/** Keeps what operators search by in step with the trade; writes an event only when something changed. */
export function publishSearchAttributes(state: TradeState): void {
  const current = workflowInfo().typedSearchAttributes;
  const seconds = Math.ceil(state.protection.unprotectedMs / 1000);
  const statusChanged = current.get(ARBION_STATUS) !== state.status;
  const complete = current.get(ARBION_USER) !== undefined;
  if (complete && !statusChanged) return;
  upsertSearchAttributes([
    { key: ARBION_STATUS, value: state.status },
    ...(seconds > 0 ? [{ key: ARBION_UNPROTECTED_SECONDS, value: seconds }] : []),
    ...(complete ? [] : identity(state)),
  ]);
}

/** A foreign client may have started the trade without attributes. */
function identity(state: TradeState) {
  const { symbol, broker, strategy } = state.request;
  return [
    { key: ARBION_USER, value: state.userId as string },
    { key: ARBION_SYMBOL, value: symbol },
    { key: ARBION_BROKER, value: broker },
    ...(strategy === undefined ? [] : [{ key: ARBION_STRATEGY, value: strategy }]),
  ];
}
