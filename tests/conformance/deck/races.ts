/** Two things at once: cancels that meet fills, orders that meet their opposite, and writes whose answers are lost. */
import { expect } from 'vitest';
import { type Bench, type Change, HELD, NOT_HELD, SYMBOLS } from '../bench.js';
import { from, group, ifOffered, type Remark } from '../card.js';
import { isLive } from '../order-facts.js';
import { ACCOUNT } from '../venues.js';

/** A final order stays what it is, and its cancel is no success that frees anything. */
async function cancelOfFinal(bench: Bench, orderId: string, status: string): Promise<undefined> {
  const before = await bench.order(orderId);
  expect(before.status).toBe(status);
  await bench.cancel(orderId);
  expect(await bench.order(orderId)).toEqual(before);
  return undefined;
}

/** Beside the like order for another quantity, the lost one is found by its own terms and is there once. */
function foundOnce(bench: Bench, operation: string, leg: 'entry' | 'exit' | 'stop', change: Change): Promise<Remark> {
  const other = bench.request(leg, { ...change, quantity: '3' });
  return ifOffered(bench, other, async (theirs) => {
    await bench.fault('timeout_after', operation);
    const ours = await bench.placed(bench.request(leg, { ...change, quantity: '4' }));
    expect(ours).toMatchObject({ quantity: '4', ...(change.symbol && { symbol: change.symbol }) });
    expect(await bench.ledger()).toMatchObject([{ orderId: theirs.orderId }, { orderId: ours.orderId }]);
    return undefined;
  });
}

/** Beside a working order of the other side: taken, or refused in the words for it. Nothing else. */
async function besideOpposite(bench: Bench, first: Change, second: Change): Promise<Remark> {
  await bench.placed(bench.entry({ quantity: '10', ...first }));
  const ending = await bench.send(
    bench.exit({ type: 'limit', limitPrice: '160', timeInForce: 'gtc', quantity: '10', ...second }),
  );
  if (ending.end === 'refused') {
    expect(bench.capabilities.refusesOpposite).toBe(true);
    expect(ending.refusal.code).toBe('opposite_order');
    expect(await bench.live()).toHaveLength(1);
    return 'refused: opposite_order';
  }
  await bench.orderOf(ending);
  expect(await bench.live()).toHaveLength(2);
  return undefined;
}

const OPPOSITE = 'W10 (“potential wash trade detected”, Alpaca’s users)';

export const races = group('races', 'F26 to F30', {
  'a cancel of an order that has expired changes nothing': async (bench) => {
    const { orderId } = await bench.placed(bench.entry({ timeInForce: 'day' }));
    bench.advance(10 * 3_600);
    return cancelOfFinal(bench, orderId, 'expired');
  },
  'a cancel of an order that was rejected changes nothing': async (bench) => {
    await bench.fault('late_reject', 'place_entry');
    const ending = await bench.send(bench.entry());
    bench.advance(5);
    const { orderId } = await bench.orderOf(ending);
    return cancelOfFinal(bench, orderId, 'rejected');
  },
  'a cancel of an order that was partly filled and then cancelled changes nothing': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    await bench.fill(orderId, '15', '140');
    bench.advance(2);
    await bench.cancel(orderId);
    return cancelOfFinal(bench, orderId, 'cancelled');
  },
  'a fill on the way of a cancel is counted, and only the rest is cancelled': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(2);
    await bench.fault('timeout_before', 'cancel');
    await bench.cancel(orderId);
    await bench.fill(orderId, '15', '140');
    expect(await bench.cancel(orderId)).toEqual({ outcome: 'accepted' });
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '15' });
    return undefined;
  },
  'a partly filled order that fills wholly after its cancel was taken ends as filled': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    await bench.fill(orderId, '15', '140');
    bench.advance(2);
    await bench.fault('fill_after_cancel_ack', 'cancel', { seconds: 5 });
    expect(await bench.cancel(orderId)).toEqual({ outcome: 'accepted' });
    const between = await bench.order(orderId);
    expect(isLive(between)).toBe(true);
    expect(between.filledQuantity).toBe('15');
    bench.advance(6);
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  },
  'a stop whose cancel was taken and that sells all the same leaves nothing to sell': from(
    'F24, F26',
    async (bench) => {
      const { orderId } = await bench.placed(bench.stop({ quantity: HELD }));
      bench.advance(2);
      await bench.fault('fill_after_cancel_ack', 'cancel', { seconds: 5 });
      await bench.cancel(orderId);
      bench.advance(6);
      expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: HELD });
      const exit = await bench.send(bench.exit({ quantity: HELD }));
      expect(exit).toMatchObject({ end: 'refused', refusal: { code: 'oversold' } });
      return undefined;
    },
  ),
  'a cancel whose first two answers are lost ends once': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(2);
    for (const fault of ['timeout_after', 'http_500_after']) {
      await bench.fault(fault, 'cancel');
      await bench.cancel(orderId);
    }
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
    expect(await bench.live()).toEqual([]);
    return undefined;
  },
  'a purchase at the market whose answer is lost is found with its fills': (bench) =>
    foundOnce(bench, 'place_entry', 'entry', { type: 'market' }),
  'a sale at the market whose answer is lost is found with its fills': (bench) =>
    foundOnce(bench, 'place_exit', 'exit', { type: 'market' }),
  'a short sale whose answer is lost is found, and exists once': (bench) =>
    foundOnce(bench, 'place_entry', 'entry', { symbol: NOT_HELD, assetClass: 'equity', side: 'sell_short' }),
  'a trailing stop whose answer is lost is found, and exists once': (bench) =>
    foundOnce(bench, 'place_stop', 'stop', { type: 'trailing_stop', trailPercent: '10', timeInForce: 'gtc' }),
  'a stop with a limit whose answer is lost is found, and exists once': (bench) =>
    foundOnce(bench, 'place_stop', 'stop', {
      ...{ type: 'stop_limit', stopPrice: '140', limitPrice: '138', timeInForce: 'gtc' },
    }),
  'an order for shares with a class whose answer is lost is found by our name for them': from(
    'W3 (BRK/B, four code bases)',
    async (bench) => {
      await bench.simulator.market('BRK.B', '480.1', '480.3', { last: '480.2' });
      const share = { symbol: 'BRK.B', assetClass: 'equity', type: 'limit', limitPrice: '450' } as const;
      return foundOnce(bench, 'place_entry', 'entry', { ...share, timeInForce: 'gtc' });
    },
  ),
  'a limit to sell beside a purchase that it cannot meet rests, or is refused in the words for it': from(
    OPPOSITE,
    (bench) => besideOpposite(bench, { limitPrice: '140' }, { limitPrice: '160' }),
  ),
  'an exit at the market beside a working purchase is taken, or refused in the words for it': from(
    OPPOSITE,
    async (bench) => {
      await bench.placed(bench.entry({ quantity: '10' }));
      const ending = await bench.send(bench.exit({ quantity: '10' }));
      if (ending.end !== 'refused') {
        expect(await bench.orderOf(ending)).toMatchObject({ status: 'filled' });
        return undefined;
      }
      expect(ending.refusal.code).toBe('opposite_order');
      expect(await bench.live()).toHaveLength(1);
      return 'refused: opposite_order';
    },
  ),
  'a purchase in another symbol is no opposite': from(OPPOSITE, (bench) => {
    const other = bench.assetClass === 'crypto' ? 'ETH-USD' : NOT_HELD;
    return bench.simulator
      .market(other, '149.9', '150', { last: '149.95' })
      .then(() => besideOpposite(bench, { symbol: other }, { symbol: SYMBOLS[bench.assetClass] }));
  }),
  'once the working purchase is cancelled, the stop is taken': from(OPPOSITE, async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    await bench.send(bench.stop());
    bench.advance(2);
    await bench.cancel(orderId);
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
    if ((await bench.live()).length === 0) await bench.placed(bench.stop());
    expect(await bench.live()).toMatchObject([{ side: 'sell', quantity: '40' }]);
    return undefined;
  }),
  'the stop for the filled part of a purchase is taken at last when the rest is cancelled': from(
    'F18, F27, W10',
    async (bench) => {
      const { orderId } = await bench.placed(bench.entry());
      await bench.fill(orderId, '15', '140');
      bench.advance(2);
      await bench.cancel(orderId);
      expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '15' });
      await bench.placed(bench.stop({ quantity: '15' }));
      const { position } = await bench.broker.look(ACCOUNT, bench.symbol, bench.assetClass, [], 0);
      expect(Number(position)).toBeGreaterThanOrEqual(100);
      return undefined;
    },
  ),
});
