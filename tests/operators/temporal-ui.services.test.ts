import { expect } from 'vitest';
import { payloadEncryption } from '../../src/temporal/payload-encryption.js';
import { TEST_RING } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { aapl, at } from '../support/prices.js';
import { scenarios } from '../support/scenario.js';

/** What the console asks, through the codec behind our sign-in. */
const payloadCodec = payloadEncryption(TEST_RING);
const market = { prices: aapl(at('150')) };

scenarios('what an operator sees in Temporal', (scenario) => {
  scenario('finds trades by status, user, symbol, broker and strategy', market, async (s) => {
    const trade = await s.start({ strategy: 'momentum' });
    await s.until(trade, ({ status }) => status === 'open');
    const query = [
      'WorkflowType = "trade"',
      'ArbionStatus = "open"',
      `ArbionUser = "${s.userId}"`,
      'ArbionSymbol = "AAPL"',
      'ArbionBroker = "paper"',
      'ArbionStrategy = "momentum"',
    ].join(' AND ');
    await eventually(async () => (await s.client.workflow.count(query)).count === 1, query);
    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
    const closed = `ArbionStatus = "closed" AND ArbionUser = "${s.userId}"`;
    await eventually(async () => (await s.client.workflow.count(closed)).count === 1, closed);
  });

  scenario('reads in words what the trade holds, what protects it and when it looks next', market, async (s) => {
    const trade = await s.start();
    await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    const handle = s.client.workflow.getHandle(trade.workflowId);
    const details = await handle
      .query<string>('__temporal_workflow_metadata')
      .then((metadata) => JSON.stringify(metadata));
    expect(details).toContain('Long AAPL');
    expect(details).toContain('holding 10 of 10');
    expect(details).toContain('stop 142.5 is working at the broker for 10');
    expect(details).toContain('next look');
    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
  });

  scenario('each activity and timer says what it is about', market, async (s) => {
    const trade = await s.start();
    await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
    const { events } = await s.client.workflow.getHandle(trade.workflowId).fetchHistory();
    const { payloadConverter } = s.client.options.loadedDataConverter;
    const encrypted = (events ?? []).flatMap(({ userMetadata }) => userMetadata?.summary ?? []);
    const summaries = (await payloadCodec.decode(encrypted)).map((payload) => payloadConverter.fromPayload(payload));
    expect(summaries).toEqual(
      expect.arrayContaining([
        'entry 1: buy 10 market',
        'stop 1: sell 10 stop 142.5',
        'cancel stop 1: sell 10 stop 142.5',
        'exit 1: sell 10 market',
      ]),
    );
  });

  scenario('T42 what signals say of prices and fills is looked up, not believed', market, async (s) => {
    const trade = await s.start();
    const { stopOrderId } = await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    const handle = s.client.workflow.getHandle(trade.workflowId);
    const writes = s.faults.writes;
    const before = await s.ledger();
    const filled = { orderId: stopOrderId, leg: 'stop', status: 'filled', filledQuantity: '10', price: '142.5' };
    for (const forged of [filled, { ...filled, status: 'cancelled' }, { orderId: 'not-ours', status: 'filled' }]) {
      await handle.signal('brokerEvent', forged);
    }
    for (const price of ['0.01', '141', '1000000']) {
      await handle.signal('priceEvent', { symbol: 'AAPL', bid: price, ask: price, last: price });
    }
    expect(await s.look(trade)).toMatchObject({
      status: 'open',
      stopOrderId,
      filledQuantity: '10',
      openQuantity: '10',
    });
    expect(await s.ledger()).toEqual(before);
    expect(s.faults.writes).toBe(writes);
    await s.trades.close(trade.id, {});
    await s.until(trade, ({ status }) => status === 'closed');
  });

  scenario(
    'B81 T29 T42 signals that carry nonsense are taken for what their name says, and harm nothing',
    market,
    async (s) => {
      const trade = await s.start();
      await s.until(trade, ({ stopKind }) => stopKind === 'broker');
      const handle = s.client.workflow.getHandle(trade.workflowId);
      const writes = s.faults.writes;
      await handle.signal('priceEvent', { symbol: 42, price: 'NaN' });
      await handle.signal('brokerEvent', null);
      await handle.signal('noSuchSignal', 'x'.repeat(10_000));
      expect(await s.look(trade)).toMatchObject({ status: 'open', stopKind: 'broker' });
      expect(s.faults.writes).toBe(writes);
      await handle.signal('closeTrade', { by: { deep: [1] }, reason: 7 });
      expect(await s.until(trade, ({ status }) => status === 'closed')).toMatchObject({ openQuantity: '0' });
    },
  );
});
