/** Calls are short: the broker's own limit, and our budget in front of it. */
import { expect } from 'vitest';
import { BrokerUnavailable, OutOfCalls } from '../../../src/broker-port/broker.js';
import { BudgetExhausted, type RequestBudget } from '../../../src/broker-port/request-budget.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import type { Bench } from '../bench.js';
import { group, LEFT_UNKNOWN, type Remark } from '../card.js';
import { ACCOUNT } from '../venues.js';

/** Turned away, the account slows down; sent again, if that is certain to be the first, the order is there once. */
async function isTurnedAway(bench: Bench, operation: string, request: OrderRequest): Promise<Remark> {
  await bench.fault('http_429', operation, { seconds: 7 });
  const ending = await bench.send(request);
  expect(bench.slowDowns).toHaveLength(1);
  if (ending.end === 'left_unknown') {
    expect(await bench.ledger()).toEqual([]);
    return LEFT_UNKNOWN;
  }
  if (ending.end === 'not_placed') {
    expect(await bench.ledger()).toEqual([]);
    await bench.placed(request);
  }
  expect(await bench.ledger()).toHaveLength(1);
  return undefined;
}

const exhausted: RequestBudget = {
  take: () => Promise.reject(new BudgetExhausted(700)),
  slowDown: async () => {},
};

export const limits = group('limits of calls', 'F17', {
  'an entry that comes too often is turned away, and placed once later': (bench) =>
    isTurnedAway(bench, 'place_entry', bench.entry()),
  'a stop that comes too often is turned away, and placed once later': (bench) =>
    isTurnedAway(bench, 'place_stop', bench.stop()),
  'an exit that comes too often is turned away, and placed once later': (bench) =>
    isTurnedAway(bench, 'place_exit', bench.exit()),
  'the wait that the broker asks for is kept by the whole account': async (bench) => {
    await bench.fault('http_429', 'positions', { seconds: 7 });
    await expect(bench.broker.positions(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
    expect(bench.slowDowns).toHaveLength(1);
    expect(bench.slowDowns[0]).toBeGreaterThan(0);
    return bench.slowDowns[0] === 7_000 ? undefined : 'a wait of our own: the broker names none';
  },
  'a limit that names no wait slows the account down all the same': async (bench) => {
    const broker = await bench.rewriting(({ headers: { 'retry-after': _wait, ...headers }, ...answer }) => {
      return { ...answer, headers };
    });
    await bench.fault('http_429', 'positions');
    await expect(broker.positions(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
    expect(bench.slowDowns[0]).toBeGreaterThan(0);
    return undefined;
  },
  'an order for which our budget has no room was not placed, and says when to try again': async (bench) => {
    const request = bench.entry();
    const preparation = await bench.broker.prepare?.(ACCOUNT, request);
    const token = preparation?.outcome === 'ready' ? preparation.token : undefined;
    const asked = await bench.asked();
    const outcome = await bench.another({ budget: exhausted }).place(ACCOUNT, request, token);
    expect(outcome).toMatchObject({ outcome: 'not_placed', retryAfterMs: 700 });
    expect(await bench.asked()).toEqual(asked);
    return undefined;
  },
  'a preview for which our budget has no room is not made, and says when to try again': async (bench) => {
    if (!bench.broker.prepare) return 'no previews';
    const outcome = await bench.another({ budget: exhausted }).prepare?.(ACCOUNT, bench.entry());
    expect(outcome).toMatchObject({ outcome: 'not_placed', retryAfterMs: 700 });
    return undefined;
  },
  'a read for which our budget has no room fails': async (bench) => {
    const broker = bench.another({ budget: exhausted });
    await expect(broker.positions(ACCOUNT)).rejects.toThrow(OutOfCalls);
    await expect(broker.openOrders(ACCOUNT)).rejects.toThrow(OutOfCalls);
    return undefined;
  },
  'a stop’s calls go before a close’s, a close’s before an entry’s, and reads come last': async (bench) => {
    const writes = async (request: OrderRequest) => {
      bench.turns.length = 0;
      await bench.sender.send(request);
      return new Set(bench.turns.filter(({ kind }) => kind === 'write').map(({ priority }) => priority));
    };
    expect(await writes(bench.entry({ limitPrice: '130' }))).toEqual(new Set(['entry']));
    await bench.cancel((await bench.live())[0].orderId);
    expect(await writes(bench.stop())).toEqual(new Set(['stop']));
    expect(await writes(bench.exit({ quantity: '10' }))).toEqual(new Set(['close']));
    bench.turns.length = 0;
    (await bench.broker.positions(ACCOUNT)).rows;
    expect(bench.turns).not.toEqual([]);
    const last = { priority: 'poll', kind: 'read', account: ACCOUNT, broker: bench.name };
    for (const turn of bench.turns) expect(turn).toMatchObject(last);
    return undefined;
  },
  'ten looks at once cost as many calls as one': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    const look = () => bench.broker.look(ACCOUNT, bench.symbol, bench.assetClass, [orderId], 0);
    bench.turns.length = 0;
    await bench.another().look(ACCOUNT, bench.symbol, bench.assetClass, [orderId], 0);
    const one = bench.turns.length;
    bench.turns.length = 0;
    await Promise.all(Array.from({ length: 10 }, look));
    expect(bench.turns.length).toBeLessThanOrEqual(one);
    return undefined;
  },
});
