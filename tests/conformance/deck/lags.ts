/** Lists of orders that are two seconds old, positions that are ten: nothing is concluded from what they do not show yet. */
import { expect } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { type Bench, HELD } from '../bench.js';
import { from, group, LEFT_UNKNOWN } from '../card.js';
import { isLive } from '../order-facts.js';
import { ACCOUNT } from '../venues.js';

const LIST_SECONDS = 2.1;
const POSITION_SECONDS = 10.1;

async function held(bench: Bench): Promise<string> {
  const { rows } = await bench.broker.positions(ACCOUNT);
  return rows.find(({ symbol }) => symbol === bench.symbol)?.quantity ?? '0';
}

/** By an adapter that shares no earlier read. */
function look(bench: Bench, ...orderIds: string[]) {
  return bench.another().look(ACCOUNT, bench.symbol, bench.assetClass, orderIds, 0);
}

const openIds = async (bench: Bench) => (await bench.openOrders()).map(({ orderId }) => orderId);

export const lags = group(
  'reads that lag',
  'W18; Alpaca’s and Coinbase’s users',
  {
    'an order that was placed is read by its id at once, and listed within two seconds': async (bench) => {
      bench.advance(60);
      const { orderId } = await bench.placed(bench.entry());
      expect(isLive(await bench.order(orderId))).toBe(true);
      bench.advance(LIST_SECONDS);
      expect(await openIds(bench)).toEqual([orderId]);
      return undefined;
    },
    'a look shows an order that no list shows yet': async (bench) => {
      bench.advance(60);
      const { orderId } = await bench.placed(bench.entry());
      for (let again = 0; again < 5; again++)
        expect(await look(bench, orderId)).toMatchObject({ orders: [{ orderId }] });
      return undefined;
    },
    'a cancel is confirmed by the order’s own read, whatever the list still shows': async (bench) => {
      const { orderId } = await bench.placed(bench.entry());
      bench.advance(60);
      expect(await bench.cancel(orderId)).toEqual({ outcome: 'accepted' });
      expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
      bench.advance(LIST_SECONDS);
      expect(await openIds(bench)).toEqual([]);
      return undefined;
    },
    'a fill is read by the order’s id at once, or the order cannot be read till its fills are listed': async (
      bench,
    ) => {
      const { orderId } = await bench.placed(bench.entry());
      bench.advance(60);
      await bench.fill(orderId, '15', '140');
      const atOnce = await bench.broker.order(ACCOUNT, orderId).catch((error: unknown) => {
        expect(error).toBeInstanceOf(BrokerUnavailable);
        return undefined;
      });
      bench.advance(LIST_SECONDS);
      const shown = { orderId, status: 'partially_filled', filledQuantity: '15' };
      expect(await bench.order(orderId)).toMatchObject(shown);
      expect(await bench.openOrders()).toMatchObject([shown]);
      if (atOnce?.filledQuantity !== '15') return 'within two seconds: fills are listed apart';
      return undefined;
    },
    'a fill never gets less in later looks, once it was seen and two seconds are over': async (bench) => {
      const { orderId } = await bench.placed(bench.entry());
      bench.advance(60);
      await bench.fill(orderId, '15', '140');
      bench.advance(LIST_SECONDS);
      for (let again = 0; again < 6; again++) {
        expect(await look(bench, orderId)).toMatchObject({ orders: [{ orderId, filledQuantity: '15' }] });
        bench.advance(0.5);
      }
      return undefined;
    },
    'what was bought is held within ten seconds, and never more than was bought': async (bench) => {
      bench.advance(60);
      await bench.placed(bench.marketEntry());
      const whole = (await bench.simulator.ledger()).positions.find(
        ({ symbol }: { symbol: string }) => symbol === bench.symbol,
      ).quantity;
      for (let again = 0; again < 5; again++) expect([HELD, whole]).toContain(await held(bench));
      bench.advance(POSITION_SECONDS);
      expect(await held(bench)).toBe(whole);
      return undefined;
    },
    'what was sold is gone within ten seconds': async (bench) => {
      bench.advance(60);
      await bench.placed(bench.exit({ quantity: HELD }));
      for (let again = 0; again < 5; again++) expect([HELD, '0']).toContain(await held(bench));
      bench.advance(POSITION_SECONDS);
      expect(await held(bench)).toBe('0');
      return undefined;
    },
    'a stop that sells is filled in its own read before the position shows it': async (bench) => {
      const { orderId } = await bench.placed(bench.stop({ quantity: HELD }));
      bench.advance(60);
      await bench.market('139.5', '139.6');
      expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: HELD });
      bench.advance(POSITION_SECONDS);
      expect(await held(bench)).toBe('0');
      return undefined;
    },
    'a position that other hands have halved is shown within ten seconds': from('F54, W18', async (bench) => {
      bench.advance(60);
      await bench.simulator.fault('external_position_change', '*', { count: 1, match: { symbol: bench.symbol } });
      bench.advance(POSITION_SECONDS);
      expect(await held(bench)).toBe('50');
      return undefined;
    }),
    'an order that other hands cancel is cancelled in its own read at once': from('F22, W18', async (bench) => {
      const { orderId } = await bench.placed(bench.stop());
      bench.advance(60);
      await bench.simulator.fault('external_cancel', '*', { count: 1, match: { symbol: bench.symbol } });
      expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
      bench.advance(LIST_SECONDS);
      expect(await openIds(bench)).toEqual([]);
      return undefined;
    }),
    'an entry, its stop and a close go through with every read behind': async (bench) => {
      bench.advance(60);
      const entry = await bench.placed(bench.marketEntry());
      expect(entry).toMatchObject({ status: 'filled' });
      const stop = await bench.placed(bench.stop());
      const { ended, next } = await bench.move(stop.orderId, bench.exit());
      expect([ended.status, next.status]).toEqual(['cancelled', 'filled']);
      bench.advance(POSITION_SECONDS);
      expect(await bench.live()).toEqual([]);
      return undefined;
    },
    'an order that was never sent is found in no list': async (bench) => {
      bench.advance(60);
      const sentAt = bench.now;
      for (let again = 0; again < 5; again++) {
        expect(await bench.broker.find(ACCOUNT, bench.entry(), sentAt, new Set())).toBeUndefined();
        bench.advance(1);
      }
      return undefined;
    },
    'a lost order is found two seconds later at most, by every process': async (bench) => {
      bench.advance(60);
      await bench.fault('timeout_after', 'place_entry');
      const ending = await bench.send(bench.entry());
      const { orderId } = await bench.orderOf(ending);
      expect(await bench.ledger()).toMatchObject([{ orderId }]);
      return undefined;
    },
    'a lost stop is found, and no second one is sent': from('F21, W18', async (bench) => {
      bench.advance(60);
      await bench.fault('timeout_after', 'place_stop');
      const { orderId } = await bench.placed(bench.stop());
      expect(await bench.live()).toMatchObject([{ orderId }]);
      return undefined;
    }),
    'a lost exit is found with its fills, and nothing is sold twice': from('F24, W18', async (bench) => {
      bench.advance(60);
      await bench.fault('timeout_after', 'place_exit');
      const order = await bench.placed(bench.exit({ quantity: HELD }));
      expect(order).toMatchObject({ status: 'filled', filledQuantity: HELD });
      bench.advance(POSITION_SECONDS);
      expect(await held(bench)).toBe('0');
      return undefined;
    }),
    'two like orders, of which the lists show one, are not mistaken for one another': async (bench) => {
      bench.advance(60);
      const first = await bench.placed(bench.entry());
      await bench.fault('timeout_after', 'place_entry');
      const ending = await bench.send(bench.entry());
      if (ending.end === 'left_unknown') return LEFT_UNKNOWN;
      const second = await bench.orderOf(ending);
      expect(second.orderId).not.toBe(first.orderId);
      expect(await bench.ledger()).toHaveLength(2);
      return undefined;
    },
    'a lost cancel is confirmed, and its order is never sold beside': from('F29, W18', async (bench) => {
      const { orderId } = await bench.placed(bench.stop({ quantity: HELD }));
      bench.advance(60);
      await bench.fault('timeout_after', 'cancel');
      expect(await bench.cancel(orderId)).toMatchObject({ outcome: 'unknown' });
      expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
      expect(await bench.placed(bench.exit({ quantity: HELD }))).toMatchObject({ status: 'filled' });
      return undefined;
    }),
    'an order that is rejected after it was taken is rejected in its own read': from('F16, W18', async (bench) => {
      bench.advance(60);
      await bench.fault('late_reject', 'place_stop');
      const ending = await bench.send(bench.stop());
      bench.advance(5);
      expect(await bench.orderOf(ending)).toMatchObject({ status: 'rejected' });
      expect(await bench.live()).toEqual([]);
      return undefined;
    }),
    'an order for the day is over in its own read at the day’s end': from('W15, W18', async (bench) => {
      const { orderId } = await bench.placed(bench.entry({ timeInForce: 'day' }));
      bench.advance(10 * 3_600);
      expect(await bench.order(orderId)).toMatchObject({ status: 'expired' });
      expect(await openIds(bench)).toEqual([]);
      return undefined;
    }),
    'forty orders are listed once each while they are being placed, and all of them at the end': async (bench) => {
      const placed: string[] = [];
      for (let order = 0; order < 40; order++) {
        placed.push((await bench.placed(bench.entry({ quantity: '1', limitPrice: '100' }))).orderId);
        bench.advance(0.1);
        if (order % 10 === 0) expect(placed).toEqual(expect.arrayContaining(await openIds(bench)));
      }
      bench.advance(LIST_SECONDS);
      const open = await openIds(bench);
      expect(open).toHaveLength(40);
      expect(new Set(open)).toEqual(new Set(placed));
      return undefined;
    },
    'the money of a purchase is gone from the balance, whatever the positions show': async (bench) => {
      bench.advance(60);
      const before = await bench.broker.accountSnapshot(ACCOUNT);
      await bench.placed(bench.marketEntry());
      bench.advance(POSITION_SECONDS);
      const after = await bench.broker.accountSnapshot(ACCOUNT);
      expect(Number(after.cash)).toBeLessThan(Number(before.cash) - 5_900);
      return undefined;
    },
  },
  'only',
);
