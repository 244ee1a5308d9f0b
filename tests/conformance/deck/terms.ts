/** Terms of orders beyond their type: sides, sessions, times in force, increments, ids. */
import { expect } from 'vitest';
import { priceTick } from '../../../src/domain/instrument.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import { type Bench, NOT_HELD } from '../bench.js';
import { from, group, ifOffered } from '../card.js';
import { exact, isLive } from '../order-facts.js';
import { ACCOUNT } from '../venues.js';

const CHEAP = 'SNDL';
const EVENING_SECONDS = 6.5 * 3_600;

async function isNoOrder(bench: Bench, request: OrderRequest): Promise<undefined> {
  const ending = await bench.send(request);
  expect(ending).toMatchObject({ end: 'refused' });
  expect(['invalid_order', 'refused']).toContain(ending.end === 'refused' && ending.refusal.code);
  expect(await bench.ledger()).toEqual([]);
  return undefined;
}

export const terms = group('terms', 'the brokers’ references of orders (docs/brokers)', {
  'a short sale makes a short position, and a cover ends it': (bench) => {
    const short = { symbol: NOT_HELD, assetClass: 'equity', type: 'market' } as const;
    return ifOffered(bench, bench.request('entry', { ...short, side: 'sell_short' }), async (order) => {
      expect(order).toMatchObject({ side: 'sell_short', status: 'filled', filledQuantity: '40' });
      const positions = (await bench.broker.positions(ACCOUNT)).rows;
      expect(positions).toContainEqual(expect.objectContaining({ symbol: NOT_HELD, quantity: '-40' }));
      const cover = await bench.placed(bench.request('exit', { ...short, side: 'buy_to_cover' }));
      expect(cover).toMatchObject({ side: 'buy_to_cover', status: 'filled' });
      const after = (await bench.broker.positions(ACCOUNT)).rows;
      expect(after.filter(({ symbol }) => symbol === NOT_HELD)).toEqual([]);
      return undefined;
    });
  },
  'a stop above the market protects a short position': (bench) => {
    const short = { symbol: NOT_HELD, assetClass: 'equity' } as const;
    return ifOffered(bench, bench.request('entry', { ...short, side: 'sell_short' }), async () => {
      const stop = { ...short, side: 'buy_to_cover', type: 'stop', stopPrice: '160', timeInForce: 'gtc' } as const;
      const { orderId } = await bench.placed(bench.request('stop', stop));
      await bench.simulator.market(NOT_HELD, '161', '161.1', { last: '161' });
      expect(await bench.order(orderId)).toMatchObject({ side: 'buy_to_cover', status: 'filled', triggered: true });
      return undefined;
    });
  },
  'an order for the day ends with the day': async (bench) => {
    const { orderId } = await bench.placed(bench.entry({ timeInForce: 'day' }));
    bench.advance(10 * 3_600);
    expect(await bench.order(orderId)).toMatchObject({ status: 'expired', filledQuantity: '0' });
    return undefined;
  },
  'an order for the day that has filled in part keeps its fills when it ends': async (bench) => {
    const { orderId } = await bench.placed(bench.entry({ timeInForce: 'day' }));
    await bench.fill(orderId, '15', '140');
    bench.advance(10 * 3_600);
    expect(await bench.order(orderId)).toMatchObject({ status: 'expired', filledQuantity: '15' });
    return undefined;
  },
  'an order that is good till cancelled outlives the day': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(10 * 3_600);
    const order = await bench.order(orderId);
    expect(order.timeInForce).toBe('gtc');
    expect(isLive(order)).toBe(true);
    return undefined;
  },
  'a limit order for extended hours fills after the close': async (bench) => {
    bench.advance(EVENING_SECONDS);
    const request = bench.entry({ limitPrice: '150', timeInForce: 'day', session: 'extended' });
    expect(await bench.placed(request)).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  },
  'a market order for extended hours is not offered anywhere': async (bench) => {
    const before = await bench.asked();
    const ending = await bench.send(bench.marketEntry({ session: 'extended' }));
    expect(ending).toMatchObject({ end: 'refused', refusal: { code: 'not_offered' } });
    expect(await bench.asked()).toEqual(before);
    return undefined;
  },
  'a limit to buy between two ticks goes down, never up': from('Reg NMS rule 612; W17', async (bench) => {
    const order = await bench.placed(bench.entry({ limitPrice: '140.0009' }));
    expect(order.limitPrice).toBe('140');
    expect(await bench.ledger()).toMatchObject([{ limitPrice: '140' }]);
    return undefined;
  }),
  'a limit to sell between two ticks goes up, never down': from('Reg NMS rule 612; W17', async (bench) => {
    const request = bench.exit({ type: 'limit', limitPrice: '160.0001', timeInForce: 'gtc' });
    const order = await bench.placed(request);
    const up = exact('160')
      .plus(priceTick(request, exact('160')))
      .toString();
    expect(order.limitPrice).toBe(up);
    expect(await bench.ledger()).toMatchObject([{ limitPrice: up }]);
    return undefined;
  }),
  'a stop to sell between two ticks goes away from the market': from('Reg NMS rule 612; W17', async (bench) => {
    const order = await bench.placed(bench.stop({ stopPrice: '140.0009' }));
    expect(order.stopPrice).toBe('140');
    expect(await bench.ledger()).toMatchObject([{ stopPrice: '140' }]);
    return undefined;
  }),
  'a price below a dollar keeps its finer tick, and never gets worse': from('Reg NMS rule 612', async (bench) => {
    const cheap = { symbol: CHEAP, assetClass: 'equity', limitPrice: '0.4567' } as const;
    await bench.simulator.market(CHEAP, '0.5', '0.51', { last: '0.5' });
    return ifOffered(bench, bench.entry(cheap), async ({ limitPrice }) => {
      expect(exact(limitPrice ?? '0').atMost(exact('0.4567'))).toBe(true);
      expect(exact(limitPrice ?? '0').greaterThan(exact('0.455'))).toBe(true);
      return limitPrice === '0.4567' ? undefined : `at ${limitPrice}`;
    });
  }),
  'half a unit is taken as it is or refused, and never rounded': from('I-Q7', async (bench) => {
    const ending = await bench.send(bench.entry({ quantity: '0.5' }));
    if (ending.end === 'refused') {
      expect(await bench.ledger()).toEqual([]);
      return `refused: ${ending.refusal.code}`;
    }
    expect(await bench.orderOf(ending)).toMatchObject({ quantity: '0.5' });
    return undefined;
  }),
  'an order for nothing is no order': from('I-Q7', (bench) => {
    return isNoOrder(bench, bench.entry({ quantity: '0' }));
  }),
  'an order without the price that its type needs is no order': from('I-Q7', (bench) => {
    return isNoOrder(bench, bench.request('entry', { type: 'limit' }));
  }),
  'the order that a placement answers is the one that is read later': from('I-U2', async (bench) => {
    const request = bench.entry();
    const ending = await bench.send(request);
    const read = await bench.orderOf(ending);
    if (ending.end !== 'at_broker') throw new Error(ending.end);
    const { orderId, symbol, side, type, quantity, limitPrice, timeInForce } = ending.order;
    expect(read).toMatchObject({ orderId, symbol, side, type, quantity, limitPrice, timeInForce });
    return undefined;
  }),
  'an order carries our own id wherever the broker finds by it': async (bench) => {
    const request = bench.entry();
    const order = await bench.placed(request);
    if (!bench.capabilities.findsById) return 'no ids of ours';
    expect(order.clientOrderId).toBe(request.clientOrderId);
    return undefined;
  },
});
