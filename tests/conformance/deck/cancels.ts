/** A cancel is a request: the order's own read says whether it ended, and what it filled before. */
import { expect } from 'vitest';
import { type Card, groupWithLags } from '../card.js';
import { isLive, neighbourOf } from '../order-facts.js';
import { ACCOUNT } from '../venues.js';

/** After so long the positions show what has happened, however much they lag. */
const POSITIONS_SECONDS = 11;

/** Faults on the way of a cancel; after each, whoever asks until the order is final comes to the same end. */
const ON_THE_WAY: Readonly<Record<string, string>> = {
  timeout_before: 'that times out before it is taken',
  timeout_after: 'whose answer times out',
  http_500: 'that is not taken and answered with a server error',
  http_500_after: 'that is taken and answered with a server error',
  http_429: 'that comes too often',
  malformed: 'whose answer is cut in half',
  html_200: 'that is answered with a page',
  disconnect: 'whose connection breaks in the middle of the answer',
  redirect_307: 'that is sent elsewhere',
  slow: 'that is answered slowly',
  duplicate_delivery: 'that is delivered twice',
};

/** Of these nothing was taken: it would be wrong to say so. */
const NOT_TAKEN = ['timeout_before', 'http_500', 'http_429', 'redirect_307'];

const onTheWay = Object.entries(ON_THE_WAY).map(([fault, what]): [string, Card['play']] => [
  `a cancel ${what} ends with the order cancelled, and its fills kept`,
  async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    await bench.fill(orderId, '15', '140');
    bench.advance(2);
    await bench.fault(fault, 'cancel');
    const { outcome } = await bench.cancel(orderId);
    if (NOT_TAKEN.includes(fault)) expect(outcome).toBe('unknown');
    if (isLive(await bench.order(orderId))) expect(await bench.cancel(orderId)).toEqual({ outcome: 'accepted' });
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '15' });
    expect(await bench.live()).toEqual([]);
    return undefined;
  },
]);

const tooLate = { outcome: 'rejected', refusal: { code: 'too_late' } };

export const cancels = groupWithLags('cancels', 'F26 to F29', {
  'a cancel of a resting order is taken, and a read confirms it': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    expect(await bench.cancel(orderId)).toEqual({ outcome: 'accepted' });
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    return undefined;
  },
  'a cancel of a resting stop gives the holding back': async (bench) => {
    const { orderId } = await bench.placed(bench.stop({ quantity: '100' }));
    bench.advance(2);
    expect(await bench.cancel(orderId)).toEqual({ outcome: 'accepted' });
    expect(await bench.placed(bench.exit({ quantity: '100' }))).toMatchObject({ status: 'filled' });
    return undefined;
  },
  ...Object.fromEntries(onTheWay),
  'a cancel of a filled order comes too late': async (bench) => {
    const { orderId } = await bench.placed(bench.marketEntry());
    expect(await bench.cancel(orderId)).toMatchObject(tooLate);
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  },
  'a second cancel changes nothing': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    await bench.cancel(orderId);
    expect((await bench.cancel(orderId)).outcome).not.toBe('unknown');
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
    return undefined;
  },
  'a cancel of an order that nobody knows is never taken for done': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    const unknownId = neighbourOf(orderId);
    expect((await bench.cancel(unknownId)).outcome).not.toBe('accepted');
    expect(await bench.live()).toHaveLength(1);
    return undefined;
  },
  'an order that fills just before its cancel ends as filled': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(2);
    await bench.fault('cancel_too_late', 'cancel');
    expect(await bench.cancel(orderId)).toMatchObject(tooLate);
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  },
  'a stop that fills just before its cancel ends as filled, and the position is sold once': async (bench) => {
    const { orderId } = await bench.placed(bench.stop({ quantity: '100' }));
    bench.advance(2);
    await bench.fault('stop_fills_on_cancel', 'cancel');
    expect(await bench.cancel(orderId)).toMatchObject(tooLate);
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled', triggered: true });
    bench.advance(POSITIONS_SECONDS);
    expect((await bench.broker.positions(ACCOUNT)).rows).not.toContainEqual(
      expect.objectContaining({ symbol: bench.symbol }),
    );
    return undefined;
  },
  'an order whose cancel was acknowledged is alive until a read says otherwise, and may still fill': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(2);
    await bench.fault('fill_after_cancel_ack', 'cancel', { seconds: 5 });
    expect(await bench.cancel(orderId)).toEqual({ outcome: 'accepted' });
    expect(isLive(await bench.order(orderId))).toBe(true);
    bench.advance(6);
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  },
  'a cancel that is asked for again while the first is under way is harmless': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(2);
    await bench.fault('fill_after_cancel_ack', 'cancel', { seconds: 5 });
    await bench.cancel(orderId);
    await bench.cancel(orderId);
    bench.advance(6);
    const [{ status }] = await bench.ledger();
    expect(await bench.order(orderId)).toMatchObject({ status });
    return undefined;
  },
  'a cancel of a partly filled stop keeps what was sold': async (bench) => {
    const { orderId } = await bench.placed(bench.stop());
    bench.advance(2);
    await bench.market('139.5', '139.6', { bidSize: '10' });
    expect(await bench.cancel(orderId)).toEqual({ outcome: 'accepted' });
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '10' });
    return undefined;
  },
  'a cancel meets an order that other hands have cancelled': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(2);
    await bench.fault('external_cancel', 'cancel', { match: { symbol: bench.symbol } });
    expect((await bench.cancel(orderId)).outcome).not.toBe('unknown');
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
    return undefined;
  },
  'a cancel without a connection says nothing of the order': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    const broker = bench.another({ url: await bench.deadAddress() });
    expect(await broker.cancel(ACCOUNT, orderId)).toMatchObject({ outcome: 'unknown' });
    expect(await bench.live()).toHaveLength(1);
    return undefined;
  },
});
