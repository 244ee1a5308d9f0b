import { expect } from 'vitest';
import { decimalString } from '../../src/domain/decimal.js';
import { tradeWorkflowId } from '../../src/domain/ids.js';
import { aapl, at } from '../support/prices.js';
import { scenarios } from '../support/scenario.js';

scenarios('a worker that keeps no workflow in its memory', (scenario) => {
  const day = aapl(at('151'), at('150', { askSize: '4' }), at('150'), at('155'), at('165'));
  const uncached = { prices: day, worker: { maxCachedWorkflows: 0 }, settings: { continueAsNewEvents: 60 } };
  scenario('replays a whole life at every step, and it goes as it always does', uncached, async (s) => {
    const entry = { orderType: 'limit', limitPrice: '148', quantity: '10' } as const;
    const trade = await s.start({ ...entry, takeProfit: { percent: '20' } });
    await s.until(trade, ({ status }) => status === 'submitted');
    await s.trades.replaceOrder(trade.id, { limitPrice: decimalString('150') });
    expect(await s.moveOn(trade, 1)).toMatchObject({ status: 'partially_filled', openQuantity: '4' });
    expect(await s.moveOn(trade, 2)).toMatchObject({ status: 'open', openQuantity: '10' });
    await s.moveOn(trade, 3);
    const exits = { stopPrice: decimalString('145'), takeProfitPrice: decimalString('165') };
    expect(await s.trades.adjustExits(trade.id, exits)).toMatchObject(exits);
    await s.moveOn(trade, 4);

    const closed = await s.until(trade, ({ status }) => status === 'closed', 30_000);
    expect(closed).toMatchObject({ exitReason: 'target', exitPrice: '165', realizedPnl: '150' });
    const record = await s.record(trade);
    expect(record.of('stop').map(({ quantity, stopPrice }) => `${quantity}@${stopPrice}`)).toEqual([
      '4@142.5',
      '10@142.5',
      '10@145',
    ]);
    const handle = s.client.workflow.getHandle(tradeWorkflowId(trade.id));
    expect(await handle.result()).toMatchObject({ status: 'closed' });
    const { events } = await handle.fetchHistory();
    expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  });
});
