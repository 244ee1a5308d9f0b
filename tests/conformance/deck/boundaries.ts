/** Where a page ends, a limit begins or a credential is refused in the middle: nothing is left out, and nothing is done twice. */
import { expect } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { type Bench, HELD } from '../bench.js';
import { from, group, type Remark } from '../card.js';
import { ACCOUNT } from '../venues.js';

/** As many open orders as a page holds, or one more. */
async function allListed(bench: Bench, count: number): Promise<undefined> {
  const placed = new Set<string>();
  for (let order = 0; order < count; order++) {
    placed.add((await bench.placed(bench.entry({ quantity: '1', limitPrice: '100' }))).orderId);
  }
  const open = await bench.openOrders();
  expect(open).toHaveLength(count);
  expect(new Set(open.map(({ orderId }) => orderId))).toEqual(placed);
  return undefined;
}

/** Of so many pieces, each of them one share. */
async function allFills(bench: Bench, count: number): Promise<Remark> {
  const { orderId } = await bench.placed(bench.entry({ quantity: String(count) }));
  for (let piece = 0; piece < count; piece++) await bench.fill(orderId, '1', '140');
  const { status, filledQuantity, executions, fillsInTotal } = await bench.order(orderId);
  expect({ status, filledQuantity }).toEqual({ status: 'filled', filledQuantity: String(count) });
  if (fillsInTotal) return 'no single fills';
  expect(new Set(executions.map(({ executionId }) => executionId)).size).toBe(count);
  return undefined;
}

/** Of so many symbols, beside what is held from the beginning. */
async function allHeld(bench: Bench, count: number): Promise<undefined> {
  const end = bench.assetClass === 'crypto' ? '-USD' : '';
  const letters = [...'ABCDEFGHIJKL'];
  const names = letters.flatMap((one) => letters.map((two) => `H${one}${two}${end}`)).slice(0, count);
  const before = (await bench.broker.positions(ACCOUNT)).rows;
  for (const symbol of names) {
    await bench.simulator.market(symbol, '1', '1.01', { last: '1' });
    await bench.placed(bench.marketEntry({ symbol, quantity: '2' }));
  }
  const { rows } = await bench.broker.positions(ACCOUNT);
  expect(rows).toHaveLength(before.length + count);
  expect(new Set(rows.map(({ symbol }) => symbol))).toEqual(new Set([...names, ...before.map(({ symbol }) => symbol)]));
  return undefined;
}

/** A refusal of the credential in the middle of several calls: made with a newer one, or failed as a whole. */
async function renewed<Read>(bench: Bench, read: () => Promise<Read>): Promise<Read | undefined> {
  if (bench.venue.loginSeconds === undefined) {
    await expect(read()).rejects.toThrow(BrokerUnavailable);
    return undefined;
  }
  return read();
}

const KEYS = 'fails: keys are not renewed';
const ORDER_PAGES = 'pages of orders: E*TRADE 100, Coinbase 250, Alpaca 500 (their references)';
const FILL_PAGES = 'pages of fills: Alpaca 100, Coinbase 250 (their references)';
const POSITION_PAGES = 'pages of positions: E*TRADE 50 (accounts API v1)';

export const boundaries = group('boundaries', 'F14, F17', {
  'a hundred open orders are all listed, once each': from(ORDER_PAGES, (bench) => allListed(bench, 100)),
  'a hundred and one open orders are all listed, once each': from(ORDER_PAGES, (bench) => allListed(bench, 101)),
  'two hundred and fifty-one open orders are all listed, once each': from(ORDER_PAGES, (bench) =>
    allListed(bench, 251),
  ),
  'an order that fills in a hundred pieces has them all': from(FILL_PAGES, (bench) => allFills(bench, 100)),
  'an order that fills in a hundred and one pieces has them all': from(FILL_PAGES, (bench) => allFills(bench, 101)),
  'fifty more holdings are all shown, once each': from(POSITION_PAGES, (bench) => allHeld(bench, 50)),
  'a list that meets a limit of calls on its second page fails as a whole': from('F17; pages', async (bench) => {
    await allListed(bench, 101);
    bench.turns.length = 0;
    await bench.another().openOrders(ACCOUNT);
    if (bench.turns.length < 2) return 'one page';
    let calls = 0;
    const broker = await bench.rewriting((answer) => (++calls === 2 ? { ...answer, status: 429, text: '{}' } : answer));
    await expect(broker.openOrders(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
    return undefined;
  }),
  'a list whose credential is refused on the way is whole': from('F46', async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    await bench.fault('unauthorized', 'list_orders');
    const open = await renewed(bench, () => bench.broker.openOrders(ACCOUNT));
    if (!open) return KEYS;
    expect(open.rows).toContainEqual(expect.objectContaining({ orderId }));
    return undefined;
  }),
  'a look whose credential is refused on the way is whole': from('F46', async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    await bench.fault('unauthorized', 'positions');
    const look = await renewed(bench, () =>
      bench.another().look(ACCOUNT, bench.symbol, bench.assetClass, [orderId], 0),
    );
    if (!look) return KEYS;
    expect(look).toMatchObject({ position: HELD, orders: [{ orderId }] });
    return undefined;
  }),
  'a search whose credential is refused on the way finds the lost order': from('F46', async (bench) => {
    await bench.fault('timeout_after', 'place_entry');
    const request = bench.entry();
    const sentAt = bench.now;
    const preparation = await bench.broker.prepare?.(ACCOUNT, request);
    await bench.broker.place(ACCOUNT, request, preparation?.outcome === 'ready' ? preparation.token : undefined);
    await bench.fault('unauthorized', '*');
    const found = await renewed(bench, () => bench.broker.find(ACCOUNT, request, sentAt, new Set()));
    if (!found) return KEYS;
    expect(found.orderId).toBe((await bench.ledger())[0].orderId);
    return undefined;
  }),
  'a cancel that comes too often leaves its order working, and the account waits': from('F17', async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(2);
    await bench.fault('http_429', 'cancel', { seconds: 7 });
    expect(await bench.cancel(orderId)).toMatchObject({ outcome: 'unknown' });
    expect(bench.slowDowns).toHaveLength(1);
    expect(await bench.live()).toMatchObject([{ orderId }]);
    return undefined;
  }),
  'a stop that comes too often three times is there once in the end': from('F17, F20', async (bench) => {
    for (let again = 0; again < 3; again++) {
      await bench.fault('http_429', 'place_stop', { seconds: 7 });
      const ending = await bench.send(bench.stop());
      if (ending.end === 'at_broker') return undefined;
      expect(ending.end).toBe('not_placed');
      expect(await bench.ledger()).toEqual([]);
      bench.advance(8);
    }
    const { orderId } = await bench.placed(bench.stop());
    expect(await bench.live()).toMatchObject([{ orderId }]);
    return undefined;
  }),
});
