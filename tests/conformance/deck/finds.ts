/** Which order is ours: by id, or by terms, among twins, unrelated orders and lists that lag behind. */
import { expect } from 'vitest';
import { AmbiguousOrder } from '../../../src/broker-port/broker.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import type { Bench } from '../bench.js';
import { from, group, LEFT_UNKNOWN } from '../card.js';
import { ACCOUNT } from '../venues.js';

/** Sends once and loses the answer, whatever follows; answers when. */
async function sentBlindly(bench: Bench, request: OrderRequest): Promise<number> {
  const preparation = await bench.broker.prepare?.(ACCOUNT, request);
  const token = preparation?.outcome === 'ready' ? preparation.token : undefined;
  await bench.fault('timeout_after', 'place_entry');
  const sentAt = bench.now;
  expect(await bench.broker.place(ACCOUNT, request, token)).toMatchObject({ outcome: 'unknown' });
  return sentAt;
}

export const finds = group('finding orders', 'F9, F14', {
  'an order that was never sent is found nowhere': async (bench) => {
    await bench.placed(bench.entry({ limitPrice: '139' }));
    expect(await bench.find(bench.entry())).toBeUndefined();
    return undefined;
  },
  'a lost order is found with its id, its terms and its state': async (bench) => {
    const request = bench.entry();
    const sentAt = await sentBlindly(bench, request);
    const found = await bench.find(request, sentAt);
    const [{ orderId }] = await bench.ledger();
    const { symbol, side, type, quantity, limitPrice } = request;
    expect(found).toMatchObject({ orderId, symbol, side, type, quantity, limitPrice });
    expect(found).toEqual({
      ...(await bench.order(orderId)),
      ...(found?.clientOrderId && { clientOrderId: found.clientOrderId }),
    });
    return undefined;
  },
  'every process finds the same order': async (bench) => {
    const request = bench.entry();
    const sentAt = await sentBlindly(bench, request);
    const mine = await bench.find(request, sentAt);
    const theirs = await bench.another().find(ACCOUNT, request, sentAt, new Set());
    expect(theirs?.orderId).toBe(mine?.orderId);
    return undefined;
  },
  'two trades with the same order each find their own': async (bench) => {
    await bench.placed(bench.entry());
    const second = bench.entry();
    const sentAt = await sentBlindly(bench, second);
    const found = await bench.find(second, sentAt);
    expect(found?.orderId).toBe((await bench.ledger()).at(-1).orderId);
    return undefined;
  },
  'two lost orders with the same terms are never mistaken for one another': async (bench) => {
    const [first, second] = [bench.entry(), bench.entry()];
    const sentAt = await sentBlindly(bench, first);
    await sentBlindly(bench, second);
    if (!bench.capabilities.findsById) {
      await expect(bench.find(first, sentAt)).rejects.toThrow(AmbiguousOrder);
      return LEFT_UNKNOWN;
    }
    const [one, other] = await bench.ledger();
    expect((await bench.find(first, sentAt))?.orderId).toBe(one.orderId);
    expect((await bench.find(second, sentAt))?.orderId).toBe(other.orderId);
    return undefined;
  },
  'a twin that a person entered is not adopted': async (bench) => {
    const [ours, theirs] = [bench.entry(), bench.entry()];
    const sentAt = await sentBlindly(bench, ours);
    await sentBlindly(bench, { ...theirs, clientOrderId: 'by-hand-1' });
    if (!bench.capabilities.findsById) {
      await expect(bench.find(ours, sentAt)).rejects.toThrow(AmbiguousOrder);
      return LEFT_UNKNOWN;
    }
    expect((await bench.find(ours, sentAt))?.orderId).toBe((await bench.ledger())[0].orderId);
    return undefined;
  },
  'an order of other terms is not adopted': async (bench) => {
    const others = [{ quantity: '41' }, { limitPrice: '139.99' }, { timeInForce: 'day' }] as const;
    for (const change of others) await bench.placed(bench.entry(change));
    const request = bench.entry();
    expect(await bench.broker.find(ACCOUNT, request, bench.now, new Set())).toBeUndefined();
    return undefined;
  },
  'an order from long before the send is not adopted': async (bench) => {
    await bench.placed(bench.entry());
    bench.advance(10 * 60);
    expect(await bench.broker.find(ACCOUNT, bench.entry(), bench.now, new Set())).toBeUndefined();
    return undefined;
  },
  'an order is found in spite of clocks that are a minute apart': async (bench) => {
    const request = bench.entry();
    const sentAt = await sentBlindly(bench, request);
    expect(await bench.find(request, sentAt + 60_000)).toBeDefined();
    return undefined;
  },
  'an order that the lists show late is found within the absence window': from('W18', async (bench) => {
    const request = bench.entry();
    const sentAt = await sentBlindly(bench, request);
    // the longest lag that the absence window is made for
    const lagSeconds = Math.max(5, bench.capabilities.settleWindowMs / 1_000 - 15);
    bench.advance(lagSeconds / 2);
    await bench.fault('stale_read', '*', { seconds: lagSeconds });
    expect(await bench.find(request, sentAt)).toBeUndefined();
    bench.advance(lagSeconds / 2);
    expect(await bench.find(request, sentAt)).toBeDefined();
    return undefined;
  }),
  'a look that fails says nothing, and the next one finds the order': async (bench) => {
    const request = bench.entry();
    const sentAt = await sentBlindly(bench, request);
    for (const fault of ['timeout_before', 'http_500', 'http_429', 'malformed', 'html_200', 'disconnect']) {
      await bench.fault(fault, '*');
      await expect(bench.find(request, sentAt)).rejects.toThrow();
    }
    expect(await bench.find(request, sentAt)).toBeDefined();
    return undefined;
  },
  'a lost order is found among a hundred and fifty others': async (bench) => {
    const request = bench.entry({ quantity: '1' });
    const sentAt = await sentBlindly(bench, request);
    for (let other = 0; other < 150; other++) await bench.placed(bench.entry({ quantity: '1', limitPrice: '100' }));
    const found = await bench.find(request, sentAt);
    expect(found?.orderId).toBe((await bench.ledger())[0].orderId);
    return undefined;
  },
  'the same order sent twice under one id is there once, wherever repeats are allowed': async (bench) => {
    if (!bench.capabilities.refusesRepeats) return 'never repeated: there are no ids';
    const request = bench.entry();
    const preparation = await bench.broker.prepare?.(ACCOUNT, request);
    const token = preparation?.outcome === 'ready' ? preparation.token : undefined;
    const first = await bench.broker.place(ACCOUNT, request, token);
    const again = await bench.broker.place(ACCOUNT, request, token);
    expect(first.outcome).toBe('accepted');
    expect(again.outcome).not.toBe('rejected');
    if (again.outcome === 'accepted') expect(again.order.orderId).toBe((await bench.ledger())[0].orderId);
    expect(await bench.ledger()).toHaveLength(1);
    return undefined;
  },
  'an id is used up for ever: after a cancel its repeat makes no second order': async (bench) => {
    if (!bench.capabilities.refusesRepeats) return 'never repeated: there are no ids';
    const request = bench.entry();
    const preparation = await bench.broker.prepare?.(ACCOUNT, request);
    const token = preparation?.outcome === 'ready' ? preparation.token : undefined;
    await bench.broker.place(ACCOUNT, request, token);
    const [{ orderId }] = await bench.ledger();
    await bench.cancel(orderId);
    await bench.broker.place(ACCOUNT, request, token);
    expect(await bench.live()).toEqual([]);
    expect(await bench.ledger()).toHaveLength(1);
    return undefined;
  },
  'a repeat while the first order is not shown yet makes no second order': async (bench) => {
    if (!bench.capabilities.refusesRepeats) return 'never repeated: there are no ids';
    const request = bench.entry();
    const preparation = await bench.broker.prepare?.(ACCOUNT, request);
    const token = preparation?.outcome === 'ready' ? preparation.token : undefined;
    await bench.fault('duplicate_unlisted', 'place_entry', { count: 2 });
    const sentAt = bench.now;
    await bench.broker.place(ACCOUNT, request, token);
    const again = await bench.broker.place(ACCOUNT, request, token);
    expect(again.outcome).not.toBe('rejected');
    bench.advance(31);
    expect(await bench.find(request, sentAt)).toMatchObject({ orderId: (await bench.ledger())[0].orderId });
    expect(await bench.ledger()).toHaveLength(1);
    return undefined;
  },
});
