/** A refusal needs a known answer of the broker, carries the right code, and leaves everything as it was. */
import { expect } from 'vitest';
import type { OrderRequest, RefusalCode } from '../../../src/domain/order.js';
import { type Bench, HELD } from '../bench.js';
import { from, group } from '../card.js';
import { ACCOUNT } from '../venues.js';

/** The order is refused, with one of the codes, and neither an order nor a dollar has moved. */
async function refused(bench: Bench, request: OrderRequest, ...codes: RefusalCode[]): Promise<undefined> {
  const [before, orders] = [await bench.broker.accountSnapshot(ACCOUNT), await bench.ledger()];
  const ending = await bench.send(request);
  expect(ending).toMatchObject({ end: 'refused' });
  expect(codes).toContain(ending.end === 'refused' && ending.refusal.code);
  expect(await bench.ledger()).toEqual(orders);
  expect(await bench.broker.accountSnapshot(ACCOUNT)).toEqual(before);
  return undefined;
}

export const refusals = group('refusals', 'F15, the brokers’ own messages (docs/brokers)', {
  'a purchase beyond the account’s means is refused: insufficient_funds': (bench) =>
    refused(bench, bench.entry({ quantity: '100000' }), 'insufficient_funds'),
  'a market purchase beyond the account’s means is refused: insufficient_funds': (bench) =>
    refused(bench, bench.marketEntry({ quantity: '100000' }), 'insufficient_funds'),
  'a symbol that nobody trades is refused: invalid_symbol': (bench) =>
    refused(bench, bench.entry({ symbol: bench.assetClass === 'crypto' ? 'ZZZZ-USD' : 'ZZZZ' }), 'invalid_symbol'),
  'a sale of more than is held is refused: oversold': (bench) =>
    refused(bench, bench.exit({ quantity: '101' }), 'oversold'),
  'a stop for more than is held is refused: oversold': (bench) =>
    refused(bench, bench.stop({ quantity: '101' }), 'oversold'),
  'a second stop for the same holding is refused: oversold': async (bench) => {
    await bench.placed(bench.stop({ quantity: HELD }));
    return refused(bench, bench.stop({ quantity: HELD, stopPrice: '141' }), 'oversold');
  },
  'a sale of what a resting stop has promised is refused: oversold': async (bench) => {
    await bench.placed(bench.stop({ quantity: HELD }));
    return refused(bench, bench.exit(), 'oversold');
  },
  'a stop to sell that the market has passed is refused: stop_through_market': (bench) =>
    refused(bench, bench.stop({ stopPrice: '155' }), 'stop_through_market'),
  'a stop to buy that the market has passed is refused: stop_through_market': (bench) =>
    refused(bench, bench.stop({ side: 'buy', stopPrice: '145', limitPrice: '150' }), 'stop_through_market'),
  'an entry that the broker’s own rules forbid is refused': async (bench) => {
    await bench.fault('reject', 'place_entry');
    return refused(bench, bench.entry(), 'refused', 'halted');
  },
  'a stop that the broker’s own rules forbid is refused': async (bench) => {
    await bench.fault('reject', 'place_stop');
    return refused(bench, bench.stop(), 'refused', 'halted');
  },
  'an exit that the broker’s own rules forbid is refused': async (bench) => {
    await bench.fault('reject', 'place_exit');
    return refused(bench, bench.exit(), 'refused', 'halted');
  },
  'a preview that fails its rules refuses the order before it is sent': async (bench) => {
    if (!bench.broker.prepare) return 'no previews';
    await bench.fault('reject', 'preview');
    await refused(bench, bench.entry(), 'refused');
    expect(await bench.asked()).not.toContain('place_entry');
    return undefined;
  },
  'an order that is rejected after it was taken ends as rejected': from('F16', async (bench) => {
    await bench.fault('late_reject', 'place_entry');
    const ending = await bench.send(bench.entry());
    bench.advance(5);
    const order = await bench.orderOf(ending);
    expect(order).toMatchObject({ status: 'rejected', filledQuantity: '0' });
    return order.rejectReason === undefined ? 'no reason is given' : undefined;
  }),
  'a stop that is rejected after it was taken does not count as protection': from('F16, F20', async (bench) => {
    await bench.fault('late_reject', 'place_stop');
    const ending = await bench.send(bench.stop());
    bench.advance(5);
    expect(await bench.orderOf(ending)).toMatchObject({ status: 'rejected' });
    expect(await bench.openOrders()).toEqual([]);
    return undefined;
  }),
  'a refused order may be sent again, corrected, under a new id': async (bench) => {
    await refused(bench, bench.stop({ stopPrice: '155' }), 'stop_through_market');
    await bench.placed(bench.stop({ stopPrice: '145' }));
    expect(await bench.ledger()).toHaveLength(1);
    return undefined;
  },
  'a stop beside a working purchase rests, or is refused where the broker allows none': from(
    'W10 (Alpaca’s users)',
    async (bench) => {
      await bench.placed(bench.entry());
      if (!bench.capabilities.stopBesideEntry) {
        await refused(bench, bench.stop(), 'opposite_order');
        return 'refused: a stop must wait for the entry';
      }
      await bench.placed(bench.stop());
      expect(await bench.live()).toHaveLength(2);
      return undefined;
    },
  ),
  'a cancel that the broker turns down leaves the order working': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(2);
    await bench.fault('reject', 'cancel');
    const outcome = await bench.cancel(orderId);
    expect(outcome.outcome).not.toBe('accepted');
    expect(await bench.live()).toHaveLength(1);
    return undefined;
  },
});
