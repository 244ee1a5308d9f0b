/** Whatever befalls the answer to a placement: the trade ends up knowing of exactly the orders that are there. */
import { expect } from 'vitest';
import type { OrderRequest } from '../../../src/domain/order.js';
import type { Bench, Change } from '../bench.js';
import { type Card, group, groupWithLags, LEFT_UNKNOWN, type Remark } from '../card.js';
import { ACCOUNT } from '../venues.js';

/** After so long a list shows what has happened, however much it lags. */
const LISTED_SECONDS = 3;

interface Leg {
  name: string;
  operation: string;
  request(bench: Bench, change?: Change): OrderRequest;
  /** what the like order of another trade has in another way */
  other: Change;
}

const LEGS: readonly Leg[] = [
  {
    name: 'an entry',
    operation: 'place_entry',
    request: (bench, change) => bench.entry(change),
    other: { limitPrice: '139' },
  },
  {
    name: 'a stop',
    operation: 'place_stop',
    request: (bench, change) => bench.stop(change),
    other: { stopPrice: '130' },
  },
  {
    ...{ name: 'an exit', operation: 'place_exit' },
    request: (bench, change) => bench.exit({ type: 'limit', limitPrice: '160', timeInForce: 'gtc', ...change }),
    other: { limitPrice: '165' },
  },
];

/** Faults after which the order is there. */
const EXECUTED: Readonly<Record<string, string>> = {
  timeout_after: 'whose answer times out after acceptance',
  http_500_after: 'that is taken and answered with a server error',
  disconnect: 'whose connection breaks in the middle of the answer',
  malformed: 'whose answer is cut in half',
  html_200: 'that is answered with a page',
  slow: 'that is answered slowly',
  duplicate_unlisted: 'that no read shows for half a minute',
  location_missing: 'whose answer does not name it',
  location_wrong: 'whose answer names another order',
};
/** Faults after which it is not, without the broker having said so. */
const NOT_EXECUTED: Readonly<Record<string, string>> = {
  timeout_before: 'that times out before acceptance',
  http_500: 'that is not taken and answered with a server error',
  redirect_307: 'that is sent elsewhere',
};

/** Beside the order of another trade, for which it must not be taken. */
async function isFoundOnce(bench: Bench, { operation, request, other }: Leg, fault: string): Promise<Remark> {
  const theirs = await bench.placed(request(bench, other));
  await bench.fault(fault, operation);
  const ending = await bench.send(request(bench));
  bench.advance(30);
  const ours = await bench.orderOf(ending);
  expect(await bench.ledger()).toMatchObject([{ orderId: theirs.orderId }, { orderId: ours.orderId }]);
  const isNamedAnyway = fault.startsWith('location') && bench.sender.answer === 'accepted';
  return isNamedAnyway ? 'the answer itself names it' : undefined;
}

async function isSentOnceMore(bench: Bench, { name, operation, request }: Leg, fault: string): Promise<Remark> {
  await bench.fault(fault, operation);
  const ending = await bench.send(request(bench));
  if (bench.capabilities.refusesRepeats || name === 'a stop') {
    const order = await bench.orderOf(ending);
    expect(await bench.ledger()).toMatchObject([{ orderId: order.orderId }]);
    return undefined;
  }
  expect(ending).toEqual({ end: 'left_unknown' });
  expect(await bench.ledger()).toEqual([]);
  return LEFT_UNKNOWN;
}

async function isKnownWholly(bench: Bench, { operation, request }: Leg): Promise<Remark> {
  await bench.fault('duplicate_delivery', operation);
  const order = await bench.orderOf(await bench.send(request(bench)));
  const orders = await bench.ledger();
  bench.advance(LISTED_SECONDS);
  const open = await bench.openOrders();
  expect(new Set(open.map(({ orderId }) => orderId))).toEqual(new Set(orders.map(({ orderId }) => orderId)));
  expect(orders.map(({ orderId }) => orderId)).toContain(order.orderId);
  if (bench.capabilities.findsById || bench.broker.prepare) expect(orders).toHaveLength(1);
  return orders.length === 1 ? undefined : 'two orders: the second is shown as unrelated';
}

const each = (plays: readonly (readonly [string, Card['play']])[]) => Object.fromEntries(plays);

const executed = LEGS.flatMap((leg) =>
  Object.entries(EXECUTED).map(([fault, what]) => {
    return [`${leg.name} ${what} is found, and exists once`, (bench: Bench) => isFoundOnce(bench, leg, fault)] as const;
  }),
);
const notExecuted = LEGS.flatMap((leg) =>
  Object.entries(NOT_EXECUTED).map(([fault, what]) => {
    const play = (bench: Bench) => isSentOnceMore(bench, leg, fault);
    return [`${leg.name} ${what} is sent once more where that is safe`, play] as const;
  }),
);
const twice = LEGS.map((leg) => {
  return [`${leg.name} that is delivered twice is known wholly`, (bench: Bench) => isKnownWholly(bench, leg)] as const;
});

const withLags = groupWithLags('lost answers', 'F10, F13, F14', {
  ...each(executed),
  ...each(notExecuted),
  ...each(twice),
  'a stop’s send is given up after three seconds of silence, and the stop is found': async (bench) => {
    await bench.simulator.fault('timeout_after', 'place_stop', { count: 1, seconds: 8 });
    await bench.orderOf(await bench.send(bench.stop()));
    expect(await bench.ledger()).toHaveLength(1);
    return undefined;
  },
  'an entry for which no connection can be made was not placed': async (bench) => {
    const request = bench.entry();
    const token = await preparedToken(bench, request);
    const broker = bench.another({ url: await bench.deadAddress() });
    expect(await broker.place(ACCOUNT, request, token)).toMatchObject({ outcome: 'not_placed' });
    expect(await bench.ledger()).toEqual([]);
    return undefined;
  },
  'a preview whose answer is lost places nothing, and may be made again': async (bench) => {
    if (!bench.broker.prepare) return 'no previews';
    for (const fault of ['timeout_after', 'http_500', 'http_500_after', 'disconnect', 'malformed', 'html_200']) {
      await bench.fault(fault, 'preview');
      expect(await bench.send(bench.entry())).toMatchObject({ end: 'not_placed' });
    }
    expect(await bench.ledger()).toEqual([]);
    await bench.placed(bench.entry());
    expect(await bench.ledger()).toHaveLength(1);
    return undefined;
  },
  'an order that is filled before its lost answer is looked for is found with its fills': async (bench) => {
    await bench.fault('timeout_after', 'place_entry');
    const order = await bench.orderOf(await bench.send(bench.entry({ limitPrice: '150' })));
    expect(order).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  },
});

/** What a list shows at once. */
const foundAtOnce = group('lost answers', 'F14, F16, F22', {
  'an order that is cancelled before its lost answer is looked for is found as cancelled': async (bench) => {
    await bench.fault('timeout_after', 'place_entry');
    const request = bench.entry();
    const token = await preparedToken(bench, request);
    const sentAt = bench.now;
    expect(await bench.broker.place(ACCOUNT, request, token)).toMatchObject({ outcome: 'unknown' });
    await bench.simulator.fault('external_cancel', '*', { count: 1, match: { symbol: bench.symbol } });
    expect(await bench.find(request, sentAt)).toMatchObject({ status: 'cancelled' });
    return undefined;
  },
  'an order that is rejected after a lost answer is found as rejected, or nowhere': async (bench) => {
    await bench.fault('late_reject', 'place_entry');
    const request = bench.entry();
    const sentAt = bench.now;
    await bench.broker.place(ACCOUNT, request, await preparedToken(bench, request));
    bench.advance(5);
    expect(await bench.find(request, sentAt)).toMatchObject({ status: 'rejected' });
    return undefined;
  },
});

export const lostAnswers = [...withLags, ...foundAtOnce];

async function preparedToken(bench: Bench, request: OrderRequest): Promise<string | undefined> {
  const preparation = await bench.broker.prepare?.(ACCOUNT, request);
  if (preparation && preparation.outcome !== 'ready') throw new Error(JSON.stringify(preparation));
  return preparation?.token;
}
