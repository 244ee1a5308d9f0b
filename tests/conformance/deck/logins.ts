/** A credential that is refused, runs out or ends in the middle of a trade: nothing is sent twice, nothing is lost. */
import { expect } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import type { Bench } from '../bench.js';
import { group, type Remark } from '../card.js';
import { ACCOUNT } from '../venues.js';

const NOT_RENEWED = 'not placed: keys are not renewed';

/** Refused once, the credential is renewed and the order sent; keys are not renewed, and nothing is sent. */
async function isSentAfterRenewal(bench: Bench, operation: string, request: OrderRequest): Promise<Remark> {
  await bench.fault('unauthorized', operation);
  const ending = await bench.send(request);
  expect(bench.access.renewals).toBe(1);
  if (bench.venue.loginSeconds === undefined) {
    expect(ending).toMatchObject({ end: 'not_placed' });
    expect(await bench.ledger()).toEqual([]);
    return NOT_RENEWED;
  }
  const { orderId } = await bench.orderOf(ending);
  expect(await bench.ledger()).toMatchObject([{ orderId }]);
  return undefined;
}

async function isNotPlaced(bench: Bench, request: OrderRequest): Promise<void> {
  expect(await bench.send(request)).toMatchObject({ end: 'not_placed', detail: expect.any(String) });
}

export const logins = group('logins', 'F44 to F46', {
  'an entry that meets a refused credential is sent once, with a newer one': (bench) =>
    isSentAfterRenewal(bench, 'place_entry', bench.entry()),
  'a stop that meets a refused credential is sent once, with a newer one': (bench) =>
    isSentAfterRenewal(bench, 'place_stop', bench.stop()),
  'an exit that meets a refused credential is sent once, with a newer one': (bench) =>
    isSentAfterRenewal(bench, 'place_exit', bench.exit()),
  'a preview that meets a refused credential is made with a newer one': async (bench) => {
    if (!bench.broker.prepare) return 'no previews';
    return isSentAfterRenewal(bench, 'preview', bench.entry());
  },
  'an order that is refused again with the newer credential was not placed': async (bench) => {
    await bench.fault('unauthorized', 'place_entry', { count: 2 });
    await isNotPlaced(bench, bench.entry());
    expect(await bench.ledger()).toEqual([]);
    return undefined;
  },
  'an order whose time stamp is not believed was not placed': async (bench) => {
    await bench.fault('clock_skew', 'place_entry', { count: 2 });
    await isNotPlaced(bench, bench.entry());
    expect(await bench.ledger()).toEqual([]);
    return undefined;
  },
  'an order whose credential cannot be renewed was not placed, and says when to try again': async (bench) => {
    bench.access.letLapse();
    await bench.fault('unauthorized', '*', { count: 10 });
    const ending = await bench.send(bench.entry());
    expect(ending).toMatchObject({ end: 'not_placed', retryAfterMs: expect.any(Number) });
    expect(await bench.ledger()).toEqual([]);
    return undefined;
  },
  'a stop whose credential cannot be renewed was not placed': async (bench) => {
    bench.access.letLapse();
    await bench.fault('unauthorized', '*', { count: 10 });
    await isNotPlaced(bench, bench.stop());
    expect(await bench.ledger()).toEqual([]);
    return undefined;
  },
  'a cancel whose credential cannot be renewed says nothing of the order': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.access.letLapse();
    await bench.fault('unauthorized', 'cancel');
    expect(await bench.cancel(orderId)).toMatchObject({ outcome: 'unknown' });
    expect(await bench.live()).toHaveLength(1);
    return undefined;
  },
  'a cancel that meets a refused credential is made with a newer one': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    await bench.fault('unauthorized', 'cancel');
    const { outcome } = await bench.cancel(orderId);
    expect(bench.access.renewals).toBe(1);
    const isRenewed = bench.venue.loginSeconds !== undefined;
    expect(outcome).toBe(isRenewed ? 'accepted' : 'unknown');
    expect(await bench.live()).toHaveLength(isRenewed ? 0 : 1);
    return isRenewed ? undefined : 'not taken: keys are not renewed';
  },
  'every read that meets a refused credential is made with a newer one': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    const reads = {
      get_order: () => bench.broker.order(ACCOUNT, orderId),
      list_orders: () => bench.broker.openOrders(ACCOUNT),
      positions: () => bench.broker.positions(ACCOUNT),
    };
    for (const [operation, read] of Object.entries(reads)) {
      await bench.fault('unauthorized', operation);
      if (bench.venue.loginSeconds === undefined) await expect(read()).rejects.toThrow(BrokerUnavailable);
      else expect(await read()).toBeDefined();
    }
    expect(bench.access.renewals).toBe(3);
    return bench.venue.loginSeconds === undefined ? 'fails: keys are not renewed' : undefined;
  },
  'reads without a login fail, and do not say that the order is gone': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.access.letLapse();
    await bench.fault('unauthorized', '*', { count: 10 });
    await expect(bench.broker.order(ACCOUNT, orderId)).rejects.toThrow(BrokerUnavailable);
    await expect(bench.broker.openOrders(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
    await expect(bench.broker.positions(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
    await expect(bench.find(bench.entry())).rejects.toThrow(BrokerUnavailable);
    return undefined;
  },
  'a credential that runs out in the middle of a trade is renewed, and the stop goes in once': async (bench) => {
    await bench.placed(bench.marketEntry());
    if (bench.venue.loginSeconds === undefined) return 'keys do not run out';
    bench.advance(bench.venue.loginSeconds + 60);
    const { orderId } = await bench.placed(bench.stop());
    expect(bench.access.renewals).toBe(1);
    expect(await bench.live()).toMatchObject([{ orderId }]);
    return undefined;
  },
  'a credential that runs out again and again is renewed each time': async (bench) => {
    if (bench.venue.loginSeconds === undefined) return 'keys do not run out';
    const { orderId } = await bench.placed(bench.entry());
    for (let renewal = 1; renewal <= 3; renewal++) {
      bench.advance(bench.venue.loginSeconds + 60);
      expect(await bench.order(orderId)).toMatchObject({ orderId });
      expect(bench.access.renewals).toBe(renewal);
    }
    return undefined;
  },
  'a grant that the broker ends altogether stops everything before it is sent': async (bench) => {
    if (bench.venue.loginSeconds === undefined) return 'keys are no grant';
    await bench.fault('token_family_revoked', 'token');
    await bench.fault('unauthorized', 'place_entry');
    await isNotPlaced(bench, bench.entry());
    expect(await bench.ledger()).toEqual([]);
    return undefined;
  },
  'eight days later an order is placed once, or not at all until a person logs in': async (bench) => {
    bench.advance(8 * 24 * 3_600);
    const ending = await bench.send(bench.entry());
    if (ending.end === 'not_placed') {
      expect(await bench.ledger()).toEqual([]);
      return 'not placed: a person must log in';
    }
    const { orderId } = await bench.orderOf(ending);
    expect(await bench.ledger()).toMatchObject([{ orderId }]);
    return undefined;
  },
  'an order that is sent while the login lapses, with its answer lost, is found after the next login': async (
    bench,
  ) => {
    const request = bench.entry();
    const preparation = await bench.broker.prepare?.(ACCOUNT, request);
    const token = preparation?.outcome === 'ready' ? preparation.token : undefined;
    await bench.fault('timeout_after', 'place_entry');
    const sentAt = bench.now;
    expect(await bench.broker.place(ACCOUNT, request, token)).toMatchObject({ outcome: 'unknown' });
    await bench.fault('unauthorized', '*', { count: 2 });
    await expect(bench.find(request, sentAt)).rejects.toThrow(BrokerUnavailable);
    await bench.simulator.call('DELETE', '/control/faults');
    expect(await bench.find(request, sentAt)).toMatchObject({ orderId: (await bench.ledger())[0].orderId });
    return undefined;
  },
});
