import type { TestSimulator } from '../simulator-fixture.js';

/** The prices of the day that each client goes through. */
export async function quoteAll(simulator: TestSimulator): Promise<void> {
  await simulator.market('AAPL', '212.30', '212.40', { last: '212.35' });
  await simulator.market('MSFT', '410', '410.10', { last: '410' });
  await simulator.market('BTC-USD', '68000', '68010', { last: '68005' });
  await simulator.market('ETH-USD', '3400', '3401');
}
