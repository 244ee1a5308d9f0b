import { expect, it } from 'vitest';
import { requestClose } from '../../../src/domain/trade/commands.js';
import { SimulatedTrade } from './simulated-trade.js';

/** A life in which the stop vanishes, a person is asked, and then closes the trade. */
function entriesOfALife(laterMs: number) {
  const trade = new SimulatedTrade({ request: { onStopMissing: 'ask' } });
  trade.rest();
  // A workflow task that is run again does all that follows once more, somewhat later.
  trade.now += laterMs;
  trade.cancelByHand('stop');
  trade.look();
  requestClose(trade.state, 'manual', trade.now);
  trade.rest();
  expect(trade.state.status).toBe('closed');
  const { journal, alerts } = trade.state.pending;
  return { journal: journal.map(({ key }) => key), alerts: alerts.map(({ key }) => key) };
}

it('what is concluded once more, later, is the same entries and alerts', () => {
  const entries = entriesOfALife(0);
  expect(entries.journal.filter((key) => key.startsWith('attention:') || key.startsWith('closing:'))).toHaveLength(2);
  expect(entriesOfALife(7_000)).toEqual(entries);
});
