import { expect } from 'vitest';
import { decimal } from '../../src/domain/decimal.js';
import { tradeWorkflowId } from '../../src/domain/ids.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { cashFlow } from '../support/audit.js';
import { heldOf } from '../support/broker-record.js';
import { aapl, at } from '../support/prices.js';
import type { Scenario } from '../support/scenario.js';
import { group } from '../support/scenario.js';

const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice }) as const;

/** The statuses a trade went through after `pending`. */
async function statuses(s: Scenario, trade: TradeView): Promise<unknown[]> {
  return (await s.journal(trade)).filter(({ kind }) => kind === 'status').map(({ data }) => data.status);
}

export const tradeStatusTransitions = group('TestTradeStatusTransitions', (scenario) => {
  scenario('test_status_transition_pending_to_submitted', { prices: aapl(at('150')) }, async (s) => {
    const atTheSend: unknown[] = [];
    const seeStatus = async () => {
      atTheSend.push((await s.database.prisma.trade.findFirstOrThrow()).status);
    };
    s.faults.add({ on: 'place', leg: 'entry', kind: 'none', meanwhile: seeStatus });
    const trade = await s.start(limit('140'));
    await s.until(trade, ({ status }) => status === 'submitted');

    expect(atTheSend).toEqual(['pending']);
    expect(await statuses(s, trade)).toEqual(['submitted']);
    expect((await s.record(trade)).working()).toMatchObject([{ type: 'limit', limitPrice: '140' }]);
  });

  scenario('test_status_transition_submitted_to_executed', { prices: aapl(at('150'), at('140')) }, async (s) => {
    const trade = await s.start(limit('140'));
    await s.until(trade, ({ status }) => status === 'submitted');
    expect(await s.look(trade)).toMatchObject({ status: 'submitted', filledQuantity: '0', openedAt: null });

    const executed = await s.moveOn(trade, 1);
    expect(executed).toMatchObject({ status: 'open', filledQuantity: '10', averageFillPrice: '140' });
    expect((await s.record(trade)).only('entry')).toMatchObject({ status: 'filled', filledQuantity: '10' });
    expect(await statuses(s, trade)).toEqual(['submitted', 'open']);
  });

  scenario('test_status_transition_executed_to_closed', { prices: aapl(at('150'), at('142')) }, async (s) => {
    const trade = await s.start();
    await s.until(trade, ({ stopKind }) => stopKind === 'broker');
    await s.moveOn(trade, 1);
    const closed = await s.until(trade, ({ status }) => status === 'closed');

    expect(closed).toMatchObject({ exitReason: 'stop', exitPrice: '142', realizedPnl: '-80' });
    expect((await s.record(trade)).working()).toEqual([]);
    expect(heldOf(await s.ledger(), s.symbol)).toBe('0');
    // The answer to a placement may include the fill at once.
    const seen = await statuses(s, trade);
    expect(seen.filter((status) => status !== 'submitted')).toEqual(['open', 'closing', 'closed']);
  });

  const wholeDay = aapl(at('151'), at('150', { askSize: '4' }), at('150'), at('160'), at('165'));
  scenario('test_complete_trade_lifecycle', { prices: wholeDay, fillsInPart: true }, async (s) => {
    const life = lifeAt(s);
    const trade = await s.start({ ...limit('150'), quantity: '10', takeProfit: { percent: '10' }, strategy: 'demo' });
    await s.until(trade, ({ status }) => status === 'submitted');
    for (const minute of [1, 2, 3, 4]) await s.moveOn(trade, minute);
    const closed = await s.until(trade, ({ status }) => status === 'closed');

    // the ledger
    const record = await s.record(trade);
    expect(record.fills('entry').map(({ quantity, price }) => `${quantity}@${price}`)).toEqual(life.bought);
    expect(record.fills('exit').map(({ quantity, price }) => `${quantity}@${price}`)).toEqual([`${life.held}@165`]);
    const stops = record.of('stop').map(({ quantity, status }) => `${quantity} ${status}`);
    expect(stops).toEqual(life.stops.map((quantity) => `${quantity} cancelled`));
    expect(heldOf(await s.ledger(), s.symbol)).toBe('0');

    // the database
    const [paid, earned] = [cashFlow(record.fills('entry')), cashFlow(record.fills('exit'))];
    const profit = earned.minus(paid);
    expect(profit.toString()).toBe(life.profit);
    expect(closed).toMatchObject({
      filledQuantity: life.held,
      averageFillPrice: '150',
      exitPrice: '165',
      exitReason: 'target',
      realizedPnl: profit.toString(),
      fees: paid.plus(earned).times(decimal(s.traits.feeRate)).toString(),
      entryOrderId: record.only('entry').orderId,
      exitOrderId: record.only('exit').orderId,
      strategy: 'demo',
    });
    const orders = await s.database.prisma.order.findMany({ include: { executions: true } });
    const states = orders.map(({ intent, sends }) => `${intent} ${sends}`);
    expect(states).toEqual(Array(life.stops.length + 2).fill('CLOSED 1'));
    expect(await s.reservation(trade)).toEqual({ daily: paid.toString(), exposure: '0', pending: '0' });

    // the journal
    expect(await statuses(s, trade)).toEqual(['submitted', 'partially_filled', 'open', 'closing', 'closed']);
    const story = (await s.journal(trade)).map(({ kind }) => kind).filter((kind) => kind !== 'status');
    const closing = ['closing', 'order_cancelled', 'order_placed', 'fill'];
    expect(story).toEqual(['requested', 'risk_checked', 'order_placed', ...life.story, ...closing]);
    expect(await s.alerts(trade)).toEqual([]);

    // the history
    const handle = s.client.workflow.getHandle(tradeWorkflowId(trade.id));
    expect(await handle.result()).toMatchObject({ ...closed, unprotectedSeconds: expect.any(String) });
    const writes = s.faults.calls.filter(({ operation }) => ['place', 'cancel'].includes(operation));
    const sent = writes.map(({ operation, leg }) => `${operation} ${leg}`);
    expect(sent).toEqual(['place entry', ...life.writes, 'cancel stop', 'place exit']);
    const { events } = await handle.fetchHistory();
    const scheduled = (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes: task }) => task?.activityType?.name ?? [],
    );
    expect(scheduled).toEqual(sent.map((write) => write.replace(/ .*/, 'Order')));
    expect(decimal(closed.unprotectedSeconds).lessThan(decimal('10'))).toBe(true);
  });
});

const PROTECTED = ['order_placed', 'protected'];

/** How a trade whose entry for 10 fills 4 and then 6 comes by its stop, between the entry and the close. */
function lifeAt({ can, traits }: Scenario) {
  const whole = { bought: ['4@150', '6@150'], held: '10', profit: '150' };
  if (traits.cancelsRest) {
    const story = ['fill', 'order_cancelled', ...PROTECTED];
    const writes = ['cancel entry', 'place stop'];
    return { bought: ['4@150'], held: '4', profit: '60', stops: ['4'], story, writes };
  }
  if (!can.stopBesideEntry)
    return { ...whole, stops: ['10'], story: ['fill', 'fill', ...PROTECTED], writes: ['place stop'] };
  return {
    ...whole,
    stops: ['4', '10'],
    story: ['fill', ...PROTECTED, 'fill', 'order_cancelled', ...PROTECTED],
    writes: ['place stop', 'cancel stop', 'place stop'],
  };
}
