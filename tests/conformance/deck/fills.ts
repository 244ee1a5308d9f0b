/** What is filled is counted once, whole and exactly, whether the broker shows single fills or only cumulative ones. */
import { expect } from 'vitest';
import { Decimal, decimal } from '../../../src/domain/decimal.js';
import type { BrokerOrder } from '../../../src/domain/order.js';
import type { Bench } from '../bench.js';
import { from, group } from '../card.js';
import { exact, filledValue } from '../order-facts.js';
import { ACCOUNT } from '../venues.js';

type Fill = readonly [quantity: string, price: string];

/** A resting purchase of 40 that is filled in these pieces, read after each of them. */
async function filledIn(bench: Bench, fills: readonly Fill[]): Promise<BrokerOrder> {
  const { orderId } = await bench.placed(bench.entry());
  let filled = Decimal.zero;
  let value = Decimal.zero;
  for (const [quantity, price] of fills) {
    bench.advance(1);
    await bench.fill(orderId, quantity, price);
    filled = filled.plus(exact(quantity));
    value = value.plus(exact(quantity).times(exact(price)));
    const order = await bench.order(orderId);
    expect(order.filledQuantity).toBe(filled.toString());
    expect(order.status).toBe(filled.equals(decimal(order.quantity)) ? 'filled' : 'partially_filled');
    expectValue(order, value);
  }
  return bench.order(orderId);
}

/** A cumulative fill has an average price, of six decimals. */
function expectValue(order: BrokerOrder, value: Decimal): void {
  const tolerance = order.fillsInTotal ? exact('0.0001') : Decimal.zero;
  expect(filledValue(order).minus(value).absolute().atMost(tolerance)).toBe(true);
}

const pieces = (count: number): Fill[] => {
  const rest = 40 - (count - 1);
  return [...Array<Fill>(count - 1).fill(['1', '139.5']), [String(rest), '139.25']];
};

export const fills = group('fills', 'F18, I-Q1', {
  'an order fills in one piece': async (bench) => {
    await filledIn(bench, [['40', '140']]);
    return undefined;
  },
  'an order fills in two pieces': async (bench) => {
    await filledIn(bench, [
      ['15', '140'],
      ['25', '139.99'],
    ]);
    return undefined;
  },
  'an order fills in three pieces of odd sizes': async (bench) => {
    await filledIn(bench, [
      ['1', '139.87'],
      ['13', '139.13'],
      ['26', '140'],
    ]);
    return undefined;
  },
  'an order fills in seven pieces': async (bench) => {
    await filledIn(bench, pieces(7));
    return undefined;
  },
  'an order fills one by one, forty times': async (bench) => {
    await filledIn(bench, pieces(40));
    return undefined;
  },
  'fills between two cents are shown exactly': async (bench) => {
    await filledIn(bench, [
      ['7', '139.9871'],
      ['33', '139.0003'],
    ]);
    return undefined;
  },
  'fills of the same price, size and instant count each': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    for (let fill = 0; fill < 3; fill++) await bench.fill(orderId, '5', '140');
    const order = await bench.order(orderId);
    expect(order.filledQuantity).toBe('15');
    expectValue(order, exact('2100'));
    return undefined;
  },
  'a fill has the same id in every read, and in the eyes of every process': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    await bench.fill(orderId, '15', '140');
    const ids = ({ executions, fillsInTotal }: BrokerOrder) => {
      return [...executions, ...(fillsInTotal ? [fillsInTotal] : [])].map(({ executionId }) => executionId);
    };
    const first = ids(await bench.order(orderId));
    expect(first).toHaveLength(1);
    bench.advance(60);
    expect(ids(await bench.order(orderId))).toEqual(first);
    const other = await bench.another().order(ACCOUNT, orderId);
    expect(other && ids(other)).toEqual(first);
    return undefined;
  },
  'fills of two orders are never mixed': async (bench) => {
    const first = await bench.placed(bench.entry());
    const second = await bench.placed(bench.entry({ limitPrice: '139' }));
    await bench.fill(first.orderId, '10', '140');
    await bench.fill(second.orderId, '20', '139');
    expect(await bench.order(first.orderId)).toMatchObject({ filledQuantity: '10' });
    expect(await bench.order(second.orderId)).toMatchObject({ filledQuantity: '20' });
    expectValue(await bench.order(second.orderId), exact('2780'));
    return undefined;
  },
  'a market order fills as far as the market goes': async (bench) => {
    await bench.market('149.9', '150', { askSize: '15' });
    const order = await bench.placed(bench.marketEntry());
    expect(order.filledQuantity).toBe('15');
    expectValue(order, exact('2250'));
    return undefined;
  },
  'a limit order at the market fills in part, and goes on with the next prices': async (bench) => {
    await bench.market('149.9', '150', { askSize: '15' });
    const { orderId } = await bench.placed(bench.entry({ limitPrice: '150' }));
    expect(await bench.order(orderId)).toMatchObject({ status: 'partially_filled', filledQuantity: '15' });
    bench.advance(1);
    await bench.market('149.8', '149.9', { askSize: '25' });
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  },
  'an order of which half is filled on arrival says so': async (bench) => {
    await bench.fault('partial_fill', 'place_entry');
    const order = await bench.placed(bench.entry({ limitPrice: '150' }));
    expect(order).toMatchObject({ status: 'partially_filled', filledQuantity: '20' });
    return undefined;
  },
  'a purchase fills at a better price than its limit': async (bench) => {
    const order = await bench.placed(bench.entry({ limitPrice: '155' }));
    expectValue(order, exact('6000'));
    return undefined;
  },
  'a stop that fills in part goes on': async (bench) => {
    const { orderId } = await bench.placed(bench.stop());
    bench.advance(2);
    await bench.market('139.5', '139.6', { bidSize: '10' });
    expect(await bench.order(orderId)).toMatchObject({
      status: 'partially_filled',
      filledQuantity: '10',
      triggered: true,
    });
    bench.advance(1);
    await bench.market('139.4', '139.5', { bidSize: '30' });
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  },
  'a fill that is taken back is not shown any more': from('F56', async (bench) => {
    const { orderId } = await bench.placed(bench.marketEntry());
    expect(await bench.order(orderId)).toMatchObject({ filledQuantity: '40' });
    await bench.simulator.fault('bust', '*', { count: 1, match: { side: 'buy' } });
    const order = await bench.order(orderId);
    expect(order.filledQuantity).toBe('0');
    expect(order.executions).toEqual([]);
    expect(order.fillsInTotal).toBeUndefined();
    return undefined;
  }),
  'what a purchase costs, with its fees, is what the cash is less by': from(
    'W9; Coinbase’s `commission` (CDP reference)',
    async (bench) => {
      const before = await bench.broker.accountSnapshot(ACCOUNT);
      const order = await bench.placed(bench.marketEntry());
      const after = await bench.broker.accountSnapshot(ACCOUNT);
      const fees = Decimal.sum(order.executions.map(({ fee }) => decimal(fee)));
      const paid = decimal(before.cash).minus(decimal(after.cash));
      expect(paid.toString()).toBe(filledValue(order).plus(fees).toString());
      return fees.isZero() ? undefined : 'with fees';
    },
  ),
  'a fill has the exchange’s own time': async (bench) => {
    bench.advance(60);
    const placedAt = bench.now;
    const order = await bench.placed(bench.marketEntry());
    const [fill = order.fillsInTotal] = order.executions;
    expect(Math.abs((fill?.at ?? 0) - placedAt)).toBeLessThan(1_000);
    return undefined;
  },
});
