/** An order is moved as a trade moves it: cancelled, its end confirmed by a read, the new one placed. */
import { expect } from 'vitest';
import type { Bench } from '../bench.js';
import { groupWithLags } from '../card.js';
import { ACCOUNT } from '../venues.js';

/** After so long the positions show what has happened, however much they lag. */
const POSITIONS_SECONDS = 11;

/** One stop protects the holding. */
async function expectOneLive(bench: Bench, stopPrice: string, quantity = '40'): Promise<void> {
  expect(await bench.live()).toMatchObject([{ stopPrice, quantity }]);
}

export const moves = groupWithLags('moves', 'F30', {
  'a stop is moved by a cancel, its confirmation and a new stop': async (bench) => {
    const old = await bench.placed(bench.stop());
    const { ended, next } = await bench.move(old.orderId, bench.stop({ stopPrice: '141' }));
    expect(ended).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    expect(next.orderId).not.toBe(old.orderId);
    expect(next).toMatchObject({ stopPrice: '141', quantity: '40' });
    await expectOneLive(bench, '141');
    return undefined;
  },
  'a stop is made larger, as an entry fills': async (bench) => {
    const old = await bench.placed(bench.stop());
    await bench.move(old.orderId, bench.stop({ quantity: '60' }));
    await expectOneLive(bench, '140', '60');
    return undefined;
  },
  'a stop is made smaller': async (bench) => {
    const old = await bench.placed(bench.stop());
    await bench.move(old.orderId, bench.stop({ quantity: '10' }));
    await expectOneLive(bench, '140', '10');
    return undefined;
  },
  'an entry’s limit is moved': async (bench) => {
    const old = await bench.placed(bench.entry());
    const { next } = await bench.move(old.orderId, bench.entry({ limitPrice: '141' }));
    expect(await bench.live()).toMatchObject([{ orderId: next.orderId, limitPrice: '141' }]);
    return undefined;
  },
  'a moved order can be moved again, and cancelled': async (bench) => {
    const old = await bench.placed(bench.stop());
    const { next } = await bench.move(old.orderId, bench.stop({ stopPrice: '141' }));
    const { next: last } = await bench.move(next.orderId, bench.stop({ stopPrice: '142' }));
    await expectOneLive(bench, '142');
    bench.advance(2);
    expect(await bench.cancel(last.orderId)).toEqual({ outcome: 'accepted' });
    expect(await bench.live()).toEqual([]);
    return undefined;
  },
  'a new stop that the market has passed is refused, and the old place is free for a stop': async (bench) => {
    const old = await bench.placed(bench.stop());
    bench.advance(2);
    await bench.cancel(old.orderId);
    const refused = await bench.send(bench.stop({ stopPrice: '155' }));
    expect(refused).toMatchObject({ end: 'refused', refusal: { code: 'stop_through_market' } });
    await bench.placed(bench.stop());
    await expectOneLive(bench, '140');
    return undefined;
  },
  'the rest of a partly filled stop is moved, and no share is sold twice': async (bench) => {
    const old = await bench.placed(bench.stop());
    await bench.fill(old.orderId, '10', '140');
    const { ended } = await bench.move(old.orderId, bench.stop({ quantity: '30', stopPrice: '141' }));
    expect(ended).toMatchObject({ status: 'cancelled', filledQuantity: '10' });
    await expectOneLive(bench, '141', '30');
    return undefined;
  },
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
  'a moved stop triggers at its new price, and sells once': async (bench) => {
    const old = await bench.placed(bench.stop());
    const { next } = await bench.move(old.orderId, bench.stop({ stopPrice: '145' }));
    bench.advance(2);
    await bench.market('144', '144.1');
    expect(await bench.order(next.orderId)).toMatchObject({ status: 'filled', triggered: true });
    bench.advance(POSITIONS_SECONDS);
    const positions = (await bench.broker.positions(ACCOUNT)).rows;
    expect(positions.find(({ symbol }) => symbol === bench.symbol)?.quantity).toBe('60');
    return undefined;
  },
});
