/** An exchange in one step: never two orders live, never none, and a lost answer is looked for. */
import { expect } from 'vitest';
import type { BrokerOrder, WriteOutcome } from '../../../src/domain/order.js';
import { type Bench, NotExchanged } from '../bench.js';
import { type Card, group, NOT_OFFERED, type Remark } from '../card.js';
import { neighbourOf } from '../order-facts.js';
import { ACCOUNT } from '../venues.js';

/** A card for adapters that exchange. Another refuses it unsent. */
function exchanging(play: (bench: Bench, old: BrokerOrder) => Promise<Remark>): Card['play'] {
  return async (bench) => {
    const old = await bench.placed(bench.stop());
    bench.advance(2);
    try {
      return await play(bench, old);
    } catch (error) {
      if (!(error instanceof NotExchanged)) throw error;
      expect(bench.capabilities.replaceable[bench.assetClass]).toEqual([]);
      return NOT_OFFERED;
    }
  };
}

function orderOf(outcome: WriteOutcome): BrokerOrder {
  expect(outcome).toMatchObject({ outcome: 'accepted' });
  if (outcome.outcome !== 'accepted') throw new Error(outcome.outcome);
  return outcome.order;
}

/** One stop protects the holding: the new one, or still the old. */
async function expectOneLive(bench: Bench, stopPrice: string): Promise<void> {
  expect(await bench.live()).toMatchObject([{ stopPrice, quantity: '40' }]);
}

const EXECUTED: Readonly<Record<string, string>> = {
  timeout_after: 'whose answer times out',
  http_500_after: 'that is taken and answered with a server error',
  disconnect: 'whose connection breaks in the middle of the answer',
  malformed: 'whose answer is cut in half',
  html_200: 'that is answered with a page',
  slow: 'that is answered slowly',
  duplicate_delivery: 'that is delivered twice',
  location_missing: 'whose answer does not name the new order',
  location_wrong: 'whose answer names another order',
};
const NOT_EXECUTED: Readonly<Record<string, string>> = {
  timeout_before: 'that times out before it is taken',
  http_500: 'that is not taken and answered with a server error',
  http_429: 'that comes too often',
  redirect_307: 'that is sent elsewhere',
};

const executed = Object.entries(EXECUTED).map(([fault, what]): [string, Card['play']] => [
  `an exchange ${what} leaves the new order alone alive, and it is found`,
  exchanging(async (bench, old) => {
    await bench.fault(fault, 'replace');
    const request = bench.stop({ stopPrice: '141' });
    const sentAt = bench.now;
    const outcome = await bench.replace(old.orderId, request);
    const order = outcome.outcome === 'accepted' ? outcome.order : await bench.find(request, sentAt);
    expect(outcome.outcome === 'accepted' || outcome.outcome === 'unknown').toBe(true);
    expect(order?.orderId).not.toBe(old.orderId);
    await expectOneLive(bench, '141');
    expect(await bench.live()).toMatchObject([{ orderId: order?.orderId }]);
    expect(await bench.order(old.orderId)).toMatchObject({ status: 'cancelled' });
    return undefined;
  }),
]);

const notExecuted = Object.entries(NOT_EXECUTED).map(([fault, what]): [string, Card['play']] => [
  `an exchange ${what} leaves the old order alone alive`,
  exchanging(async (bench, old) => {
    await bench.fault(fault, 'replace');
    const request = bench.stop({ stopPrice: '141' });
    const sentAt = bench.now;
    const { outcome } = await bench.replace(old.orderId, request);
    expect(outcome === 'unknown' || outcome === 'not_placed').toBe(true);
    expect(await bench.find(request, sentAt)).toBeUndefined();
    await expectOneLive(bench, '140');
    return undefined;
  }),
]);

const tooLate = { outcome: 'rejected', refusal: { code: 'too_late' } };

export const replaces = group('exchanges', {
  'a stop is moved in one step, under a new id': exchanging(async (bench, old) => {
    const next = orderOf(await bench.replace(old.orderId, bench.stop({ stopPrice: '141' })));
    expect(next.orderId).not.toBe(old.orderId);
    expect(await bench.order(next.orderId)).toMatchObject({ stopPrice: '141', quantity: '40' });
    expect(await bench.order(old.orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    await expectOneLive(bench, '141');
    return undefined;
  }),
  'a stop is made larger in one step, as an entry fills': exchanging(async (bench, old) => {
    const next = orderOf(await bench.replace(old.orderId, bench.stop({ quantity: '60' })));
    expect(await bench.live()).toMatchObject([{ orderId: next.orderId, quantity: '60' }]);
    return undefined;
  }),
  'a stop is made smaller in one step': exchanging(async (bench, old) => {
    const next = orderOf(await bench.replace(old.orderId, bench.stop({ quantity: '10' })));
    expect(await bench.live()).toMatchObject([{ orderId: next.orderId, quantity: '10' }]);
    return undefined;
  }),
  'an entry’s limit is moved in one step': exchanging(async (bench, { orderId }) => {
    await bench.cancel(orderId);
    const old = await bench.placed(bench.entry());
    bench.advance(2);
    const next = orderOf(await bench.replace(old.orderId, bench.entry({ limitPrice: '141' })));
    expect(await bench.live()).toMatchObject([{ orderId: next.orderId, limitPrice: '141' }]);
    return undefined;
  }),
  'a moved order can be moved again, and cancelled': exchanging(async (bench, old) => {
    const next = orderOf(await bench.replace(old.orderId, bench.stop({ stopPrice: '141' })));
    bench.advance(2);
    const last = orderOf(await bench.replace(next.orderId, bench.stop({ stopPrice: '142' })));
    await expectOneLive(bench, '142');
    bench.advance(2);
    expect(await bench.cancel(last.orderId)).toEqual({ outcome: 'accepted' });
    expect(await bench.live()).toEqual([]);
    return undefined;
  }),
  ...Object.fromEntries([...executed, ...notExecuted]),
  'an exchange that the broker turns down leaves the old order alone alive': exchanging(async (bench, old) => {
    await bench.fault('reject', 'replace');
    const { outcome } = await bench.replace(old.orderId, bench.stop({ stopPrice: '141' }));
    expect(outcome).not.toBe('accepted');
    await expectOneLive(bench, '140');
    return undefined;
  }),
  'an exchange into a stop that the market has passed leaves the old one alone alive': exchanging(
    async (bench, old) => {
      const outcome = await bench.replace(old.orderId, bench.stop({ stopPrice: '155' }));
      expect(outcome).toMatchObject({ outcome: 'rejected', refusal: { code: 'stop_through_market' } });
      await expectOneLive(bench, '140');
      return undefined;
    },
  ),
  'an exchange of a filled order comes too late': exchanging(async (bench, old) => {
    await bench.market('139', '139.1');
    const outcome = await bench.replace(old.orderId, bench.stop({ stopPrice: '130' }));
    expect(outcome).toMatchObject({ outcome: 'rejected' });
    expect(await bench.live()).toEqual([]);
    return undefined;
  }),
  'an exchange of an order that has filled since comes too late': exchanging(async (bench, old) => {
    await bench.fill(old.orderId, '10', '140');
    const outcome = await bench.replace(old.orderId, bench.stop({ stopPrice: '141' }), '0');
    expect(outcome).toMatchObject(tooLate);
    expect(await bench.live()).toMatchObject([{ orderId: old.orderId, filledQuantity: '10' }]);
    return undefined;
  }),
  'an exchange that meets a fill on its way makes no second order': exchanging(async (bench, old) => {
    await bench.fault('gap', 'replace', { percent: -20, match: { symbol: bench.symbol } });
    const { outcome } = await bench.replace(old.orderId, bench.stop({ stopPrice: '141' }));
    expect(outcome).not.toBe('accepted');
    const orders = await bench.ledger();
    expect(orders.filter(({ filledQuantity }) => filledQuantity !== '0')).toHaveLength(1);
    expect(await bench.live()).toEqual([]);
    return undefined;
  }),
  'an exchange of an order that other hands cancel on the way makes none': exchanging(async (bench, old) => {
    await bench.fault('external_cancel', 'replace', { match: { symbol: bench.symbol } });
    const { outcome } = await bench.replace(old.orderId, bench.stop({ stopPrice: '141' }));
    expect(outcome).not.toBe('accepted');
    expect(await bench.live()).toEqual([]);
    return undefined;
  }),
  'of two exchanges of one order only the first is made': exchanging(async (bench, old) => {
    const first = orderOf(await bench.replace(old.orderId, bench.stop({ stopPrice: '141' })));
    const { outcome } = await bench.replace(old.orderId, bench.stop({ stopPrice: '142' }));
    expect(outcome).not.toBe('accepted');
    expect(await bench.live()).toMatchObject([{ orderId: first.orderId }]);
    return undefined;
  }),
  'the rest of a partly filled order is exchanged, or the exchange is refused': exchanging(async (bench, old) => {
    await bench.fill(old.orderId, '10', '140');
    const outcome = await bench.replace(old.orderId, bench.stop({ quantity: '30', stopPrice: '141' }), '10');
    expect(await bench.live()).toMatchObject([{ orderId: orderOf(outcome).orderId, quantity: '30' }]);
    expect(await bench.order(old.orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '10' });
    return undefined;
  }),
  'an exchange is not sent when the old order cannot be read': exchanging(async (bench, old) => {
    await bench.fault('http_500', 'get_order');
    const outcome = await bench.replace(old.orderId, bench.stop({ stopPrice: '141' }));
    expect(outcome).toMatchObject({ outcome: 'not_placed' });
    await expectOneLive(bench, '140');
    return undefined;
  }),
  'an exchange of an order that nobody knows makes none': exchanging(async (bench, old) => {
    const unknownId = neighbourOf(old.orderId);
    const { outcome } = await bench.replace(unknownId, bench.stop({ stopPrice: '141' }));
    expect(outcome).not.toBe('accepted');
    await expectOneLive(bench, '140');
    return undefined;
  }),
  'a stop that is moved by a cancel and a new one is never there twice, nor is anything sold twice': async (bench) => {
    const old = await bench.placed(bench.stop());
    bench.advance(2);
    await bench.fault('stop_fills_on_cancel', 'cancel');
    await bench.cancel(old.orderId);
    const { status, filledQuantity } = await bench.order(old.orderId);
    expect({ status, filledQuantity }).toEqual({ status: 'filled', filledQuantity: '40' });
    expect(await bench.live()).toEqual([]);
    return undefined;
  },
  'a moved stop triggers at its new price, and sells once': exchanging(async (bench, old) => {
    const next = orderOf(await bench.replace(old.orderId, bench.stop({ stopPrice: '145' })));
    bench.advance(2);
    await bench.market('144', '144.1');
    expect(await bench.order(next.orderId)).toMatchObject({ status: 'filled', triggered: true });
    const positions = await bench.broker.positions(ACCOUNT);
    expect(positions.find(({ symbol }) => symbol === bench.symbol)?.quantity).toBe('60');
    return undefined;
  }),
});
