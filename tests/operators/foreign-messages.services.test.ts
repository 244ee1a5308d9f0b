import { expect } from 'vitest';
import { aapl, at } from '../support/prices.js';
import { scenarios } from '../support/scenario.js';

const market = { prices: aapl(at('150')) };

scenarios('messages of clients that are not ours', (scenario) => {
  scenario('T29 changes that are no prices are refused, and the trade goes on', market, async (s) => {
    const trade = await s.start();
    const open = await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    const handle = s.client.workflow.getHandle(trade.workflowId);
    const nonsense: unknown[] = [
      undefined,
      null,
      'stop',
      { stopPrice: 'abc' },
      { stopPrice: 140 },
      { stopPrice: 'abc', takeProfitPrice: '200' },
      { stopPrice: '-1' },
      { stopPrice: '0' },
      { takeProfitPrice: 200 },
      { takeProfitPrice: 'NaN' },
      { takeProfitPrice: { price: '200' } },
    ];
    for (const change of nonsense) {
      await expect(handle.executeUpdate('adjustExits', { args: [change] })).rejects.toThrow();
    }
    expect(await s.look(trade)).toMatchObject({ status: 'open', stopOrderId: open.stopOrderId, takeProfitPrice: null });
    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
  });

  scenario(
    'changes of the entry that are no prices or quantities are refused, and the trade goes on',
    market,
    async (s) => {
      const trade = await s.start({ orderType: 'limit', limitPrice: '149', stopLoss: { price: '140' } });
      await s.until(trade, ({ status }) => status === 'submitted');
      const handle = s.client.workflow.getHandle(trade.workflowId);
      const nonsense: unknown[] = [
        { limitPrice: 'abc' },
        { limitPrice: 148 },
        { limitPrice: '-148' },
        { quantity: 'many' },
        { quantity: 5 },
        { quantity: '1e400' },
      ];
      for (const change of nonsense) {
        await expect(handle.executeUpdate('replaceOrder', { args: [change] })).rejects.toThrow();
      }
      expect(await s.look(trade)).toMatchObject({ status: 'submitted', limitPrice: '149', quantity: '10' });
      await s.trades.cancel(trade.id, {});
      await s.until(trade, ({ status }) => status === 'cancelled');
    },
  );

  scenario('B81 T29 a signal whose payload cannot be read does not stop the trade', market, async (s) => {
    const trade = await s.start();
    await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    const unreadable = [
      { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{no json') },
      { metadata: { encoding: Buffer.from('binary/unheard-of') }, data: Buffer.from([1, 2, 3]) },
      {},
    ];
    for (const payload of unreadable) {
      for (const signalName of ['priceEvent', 'closeTrade']) {
        await s.client.workflowService.signalWorkflowExecution({
          namespace: s.namespace,
          workflowExecution: { workflowId: trade.workflowId },
          signalName,
          input: { payloads: [payload] },
        });
      }
    }
    expect(await s.until(trade, ({ status }) => status === 'closed')).toMatchObject({ openQuantity: '0' });
    const { events } = await s.client.workflow.getHandle(trade.workflowId).fetchHistory();
    expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  });
});
