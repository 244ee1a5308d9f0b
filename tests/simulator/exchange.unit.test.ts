import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decimal, decimalString } from '../../src/domain/decimal.js';
import type { NewOrder, Placed, Submission } from '../../src/simulator/exchange/new-order.js';
import { averagePrice, type ExchangeOrder, executionsOf } from '../../src/simulator/exchange/orders.js';
import { type OpenExchange, openExchange, request, sellLimit, sellStop } from './exchange-fixture.js';

function taken(placed: Submission | Placed): ExchangeOrder {
  if (!('order' in placed)) throw new Error(`not taken: ${JSON.stringify(placed)}`);
  return placed.order;
}

const submit = async ({ exchange, account }: OpenExchange, order: NewOrder) =>
  taken(await exchange.submit(account, order));
function now({ exchange, account }: OpenExchange, { orderId }: ExchangeOrder): ExchangeOrder {
  const order = exchange.order(account, orderId);
  if (order === undefined) throw new Error(`order ${orderId} is gone`);
  return order;
}

async function withShares(): Promise<OpenExchange> {
  const open = openExchange();
  await open.prices('AAPL', '149.9', '150');
  await submit(open, { request: request() });
  return open;
}

describe('orders', () => {
  it('fill at the size that is shown, and go on with the next prices', async () => {
    const open = openExchange();
    await open.prices('AAPL', '149.9', '150', { askSize: '15' });
    const order = await submit(open, { request: request() });
    expect(order.state).toMatchObject({ status: 'partially_filled', filled: decimal('15') });
    await open.prices('AAPL', '150.9', '151');
    expect(now(open, order).state.status).toBe('filled');
    expect(averagePrice(now(open, order))?.toString()).toBe('150.625');
    expect(open.exchange.holdings(open.account).position('AAPL').toString()).toBe('40');
  });

  it('that repeat a client order id make no second one, also when both arrive at once', async () => {
    const open = openExchange();
    await open.prices('AAPL', '149.9', '150');
    const order = { request: request({ clientOrderId: 'same' }), uniqueClientId: true };
    const answers = await Promise.all([1, 2].map(() => open.exchange.submit(open.account, order)));
    expect(answers.map((answer) => Object.keys(answer)[0]).sort()).toEqual(['duplicate', 'order']);
    expect(open.exchange.orders(open.account)).toHaveLength(1);
  });

  it('fill or kill: nothing unless all; immediate or cancel: what there is', async () => {
    const open = openExchange();
    await open.prices('AAPL', '149.9', '150', { askSize: '15' });
    const limit = { type: 'limit' as const, limitPrice: decimalString('150') };
    const killed = await submit(open, { request: request(limit), lifetime: 'fok' });
    expect(killed.state).toMatchObject({ status: 'cancelled', filled: decimal('0') });
    const rest = await submit(open, { request: request(limit), lifetime: 'ioc' });
    expect(rest.state).toMatchObject({ status: 'cancelled', filled: decimal('15') });
  });

  it('wait for the session, and meet the prices as they stand when it opens', async () => {
    const open = openExchange();
    await open.prices('AAPL', '149.9', '150');
    open.exchange.market.forceSession('closed');
    await open.exchange.advance();
    const order = await submit(open, { request: request() });
    expect(order.state.status).toBe('working');
    await open.exchange.advance();
    open.exchange.market.forceSession(undefined);
    await open.exchange.advance();
    expect(now(open, order).state.status).toBe('filled');
  });

  it('rest through a halt', async () => {
    const open = await withShares();
    const stop = await submit(open, { request: sellStop('140') });
    open.exchange.market.halt('AAPL');
    await open.prices('AAPL', '130', '131', { last: '130' });
    expect(now(open, stop).state).toMatchObject({ status: 'working', triggered: false });
    await open.exchange.advance();
    open.exchange.market.resume('AAPL');
    await open.exchange.advance();
    expect(now(open, stop).state.status).toBe('filled');
  });

  it('end when their time is over', async () => {
    const open = await withShares();
    const stop = await submit(open, { request: sellStop('140'), expiresAt: open.exchange.now() + 60_000 });
    open.clock.advance(61);
    await open.exchange.advance();
    expect(now(open, stop).state.status).toBe('expired');
  });

  it('are replaced by new ones, or edited in place with what was filled', async () => {
    const open = await withShares();
    const stop = await submit(open, { request: sellStop('140') });
    const moved = taken(await open.exchange.replace(stop, { request: sellStop('145') }));
    expect(moved).toMatchObject({ replaces: stop.orderId });
    expect(now(open, stop)).toMatchObject({ replacedBy: moved.orderId, state: { status: 'cancelled' } });
    const edited = taken(
      await open.exchange.edit(moved, { request: sellStop('146', { quantity: decimalString('30') }) }),
    );
    expect(edited).toMatchObject({ orderId: moved.orderId, state: { quantity: decimal('30') } });
  });
});

describe('linked orders', () => {
  const bracket = (): NewOrder => ({
    request: request(),
    children: [{ request: sellLimit('160') }, { request: sellStop('140') }],
    oneCancelsOther: true,
  });

  it('wait for the whole entry, and end with each other', async () => {
    const open = openExchange();
    await open.prices('AAPL', '149.9', '150', { askSize: '15' });
    const entry = await submit(open, bracket());
    const legs = () => open.exchange.orders(open.account).filter(({ parent }) => parent === entry.orderId);
    expect(legs().map(({ state }) => state.status)).toEqual(['submitted', 'submitted']);
    await open.prices('AAPL', '149.9', '150');
    expect(legs().map(({ state }) => state.status)).toEqual(['working', 'working']);
    await open.prices('AAPL', '139', '139.1', { last: '139' });
    expect(legs().map(({ state }) => state.status)).toEqual(['cancelled', 'filled']);
    expect(open.exchange.holdings(open.account).positions).toEqual([]);
  });

  it('stand for what is left after a partial fill of one', async () => {
    const open = openExchange();
    await open.prices('AAPL', '149.9', '150');
    await submit(open, bracket());
    await open.prices('AAPL', '160', '160.1', { bidSize: '10' });
    const [, target, stop] = open.exchange.orders(open.account);
    expect(target?.state.filled.toString()).toBe('10');
    expect(stop?.state.quantity.toString()).toBe('30');
  });

  it('never fill both when one event reaches both', async () => {
    const open = openExchange();
    await open.prices('AAPL', '149.9', '150');
    await submit(open, bracket());
    await open.prices('AAPL', '161', '161.1', { last: '130' });
    expect(open.exchange.holdings(open.account).positions).toEqual([]);
    const filled = open.exchange.orders(open.account).filter(({ state }) => state.status === 'filled');
    expect(filled).toHaveLength(2);
  });

  it('keep the end they were given while they wait', async () => {
    const open = openExchange();
    await open.prices('AAPL', '149.9', '150');
    const end = open.exchange.now() + 60_000;
    await submit(open, { request: request(), children: [{ request: sellStop('140'), expiresAt: end }] });
    expect(open.exchange.orders(open.account).at(-1)?.state).toMatchObject({ status: 'working', expiresAt: end });
  });

  it('end with an entry that is cancelled', async () => {
    const open = openExchange();
    await open.prices('AAPL', '149.9', '150', { askSize: '15' });
    const entry = await submit(open, bracket());
    await open.exchange.cancel(entry);
    expect(open.exchange.orders(open.account).map(({ state }) => state.status)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
  });

  it('are taken as a pair or not at all', async () => {
    const open = await withShares();
    const pair = await open.exchange.submitPair(open.account, [
      { request: sellLimit('160') },
      { request: sellStop('140') },
    ]);
    expect(taken(pair).state.status).toBe('working');
    const second = await open.exchange.submitPair(open.account, [
      { request: sellLimit('170') },
      { request: sellStop('130') },
    ]);
    expect(second).toMatchObject({ refusal: { code: 'oversold' } });
  });
});

describe('the ledger file', () => {
  it('gives the same exchange again after the process is gone', async () => {
    const open = await withShares();
    const stop = await submit(open, { request: sellStop('140'), details: { note: 'kept' } });
    open.exchange.documents('tokens').set('a', { expires: 5 });
    open.exchange.clock.set({ now: open.exchange.now() + 1000, speed: 0 });
    const again = openExchange(open.directory, open.clock);
    expect(again.exchange.order(open.account, stop.orderId)).toEqual(now(open, stop));
    expect(again.exchange.holdings(open.account)).toMatchObject({ cash: decimal('94000') });
    expect(again.exchange.documents('tokens').get('a')).toEqual({ expires: 5 });
    expect(again.exchange.now()).toBe(open.exchange.now());
    await again.prices('AAPL', '139', '139.1', { last: '139' });
    expect(now(again, stop).state.status).toBe('filled');
  });

  it('drops a line that was never finished', async () => {
    const open = await withShares();
    appendFileSync(join(open.directory, 'ledger.jsonl'), '[{"type":"reset"');
    const again = openExchange(open.directory, open.clock);
    expect(again.exchange.orders(open.account)).toHaveLength(1);
    expect(executionsOf(again.exchange.orders(open.account)[0] ?? { events: [] })).toHaveLength(1);
  });
});
