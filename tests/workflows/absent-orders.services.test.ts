import { expect } from 'vitest';
import { aapl, at } from '../support/prices.js';
import { scenarios } from '../support/scenario.js';

const isProtected = ({ stopKind }: { stopKind: string | null }) => stopKind === 'broker';
const asksAPerson = ({ status }: { status: string }) => status === 'needs_attention';

scenarios('an order that never arrived at a broker without our ids', (scenario) => {
  const withoutIds = {
    prices: aapl(at('150')),
    capabilities: { settleWindowMs: 2_500, refusesRepeats: false, findsById: false },
  };
  scenario('is sent again as its own twin when the account still holds everything', withoutIds, async (s) => {
    const trade = await s.start();
    await s.until(trade, isProtected);
    s.faults.add({ on: 'place', leg: 'exit', kind: 'request_lost' });
    await s.trades.close(trade.id, {});
    const closed = await s.until(trade, ({ status }) => status === 'closed', 90_000);
    expect(closed).toMatchObject({ exitReason: 'manual', openQuantity: '0' });
    expect(s.faults.sent('place', 'exit')).toBe(2);
    expect((await s.record(trade)).of('exit')).toHaveLength(1);
  });

  scenario('holds the same order of another trade up no longer than that', withoutIds, async (s) => {
    s.faults.add({ on: 'place', leg: 'entry', kind: 'request_lost' });
    const lost = await s.start();
    await s.until(lost, asksAPerson, 60_000);
    const twin = await s.start();
    expect(await s.view(twin)).toMatchObject({ entryOrderId: null });

    await s.trades.cancel(lost.id, { by: 'a person who looked' });
    await s.until(lost, ({ status }) => status === 'cancelled');
    expect(await s.until(twin, isProtected, 60_000)).toMatchObject({ filledQuantity: '10' });
  });
});
