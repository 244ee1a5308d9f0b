import { closeStep, finishStep } from './closing.js';
import { entryStep } from './entry.js';
import { lookupStep } from './lost-order.js';
import { lookOrWait } from './polling.js';
import { protectStep } from './protection.js';
import { activeOrder, type TradeState, totals } from './state.js';
import { cancelWorking, type Step } from './step.js';

/**
 * The whole life of a trade as one pure decision. The workflow takes the step, applies its outcome to the state, and asks
 * again; so every state can be continued by anybody who holds it.
 *
 * 1. An order whose outcome is unknown is looked for before anything else is done with its leg.
 * 2. The entry is placed, changed or cancelled.
 * 3. To close: the entry ends → the broker confirms that the stop is cancelled → what is left is sold → flat.
 * 4. Otherwise the stop's quantity and price are kept as the open quantity and the plan want them.
 */
export function nextStep(state: TradeState, now: number): Step {
  if (state.admission === 'waiting') return { kind: 'admit' };
  if (state.admission === 'refused') return { kind: 'finish', status: 'rejected' };
  return lookupStep(state, now) ?? entryStep(state, now) ?? positionStep(state, now) ?? lookOrWait(state, now);
}

function positionStep(state: TradeState, now: number): Step | undefined {
  if (state.closing) return closeStep(state, now);
  if (totals(state).open.isPositive()) return protectStep(state, now);
  const stop = activeOrder(state, 'stop');
  if (stop) return cancelWorking(stop, now);
  return activeOrder(state, 'entry') ? undefined : finishStep(state);
}
