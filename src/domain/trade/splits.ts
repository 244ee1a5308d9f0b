/** Splits: announced ones change every number of the trade, suspected ones hold it until a person has looked. */
import { type Decimal, type DecimalString, decimal } from '../decimal.js';
import { priceTick } from '../instrument.js';
import type { Split } from '../market.js';
import { needAttention } from './attention.js';
import { roundStop } from './exit-prices.js';
import { withSplit } from './ledger.js';
import { note } from './report.js';
import type { TradeState } from './state.js';

export function applySplit(state: TradeState, split: Split, now: number): void {
  const before = state.ledger;
  const { ratio: shares, at, price } = split;
  state.ledger = withSplit(state.ledger, { ratio: shares, at, ...(price !== undefined && { price }) });
  if (state.ledger === before) return;
  const ratio = decimal(split.ratio);
  const { plan, protection } = state;
  if (plan.stopPrice !== undefined)
    plan.stopPrice = roundStop(state.request, decimal(plan.stopPrice).dividedBy(ratio)).toString();
  if (plan.targetPrice !== undefined) plan.targetPrice = onTick(state, decimal(plan.targetPrice).dividedBy(ratio));
  if (plan.limitOffset !== undefined) plan.limitOffset = onTick(state, decimal(plan.limitOffset).dividedBy(ratio));
  if (protection.trailBest !== undefined)
    protection.trailBest = decimal(protection.trailBest).dividedBy(ratio).toString();
  for (const order of state.orders) {
    // The broker reports the new price of working ones itself.
    if (order.state === 'done' && order.stopPrice !== undefined)
      order.stopPrice = roundStop(state.request, decimal(order.stopPrice).dividedBy(ratio)).toString();
  }
  forgetPrices(state);
  note(state, now, 'split', `${split.at}`, { ratio: split.ratio });
}

function onTick(state: TradeState, price: Decimal): DecimalString {
  return price.roundedToTick(priceTick(state.request, price), 'half_even').toString();
}

/** Prices from before the split say nothing about those after it. */
function forgetPrices({ monitor }: TradeState): void {
  delete monitor.quote;
  delete monitor.doubtful;
  delete monitor.breachedSince;
}

export function holdForSplit(state: TradeState, now: number): void {
  const { symbol } = state.request;
  state.monitor.splitsBefore ??= state.ledger.splits.length;
  if (state.attention && state.attention.code !== 'suspected_split') state.monitor.attentionBefore = state.attention;
  needAttention(
    state,
    {
      code: 'suspected_split',
      message: `${symbol} looks as if its shares had been split. Arbion leaves the stop as it is and sells nothing. Check the quantity at the broker, then adjust the stop or close the trade.`,
    },
    now,
  );
}

/** What a person was asked before is asked again. */
export function endHold(state: TradeState): void {
  const { attentionBefore } = state.monitor;
  if (state.attention?.code === 'suspected_split') delete state.attention;
  if (attentionBefore && !state.attention) state.attention = attentionBefore;
  delete state.monitor.attentionBefore;
}
