/** Sending once: the real lock, the real database and the paper broker; two processes are two calls. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderActivities } from '../../activities/contracts.js';
import { createOrderActivities } from '../../activities/orders.activities.js';
import { decimalString } from '../../src/domain/decimal.js';
import { clientOrderId, type Leg, type TradeId, type UserId } from '../../src/domain/ids.js';
import type { Holding } from '../../src/domain/trade/holding.js';
import type { OrderFact } from '../../src/domain/trade/order-facts.js';
import type { OrderRef } from '../../src/domain/trade/order-ref.js';
import { SendLockBusy } from '../../src/storage/send-lock.js';
import { admitted } from '../support/admitted.js';
import { breakLocks } from '../support/break-locks.js';
import { FaultyBroker } from '../support/faulty-broker.js';
import { orderRequest } from '../support/orders.js';
import { type PaperMarketForTest, paperMarket } from '../support/paper-market.js';
import { aapl, at } from '../support/prices.js';
import { tradeRequest } from '../support/trading.js';

const ACCOUNT = 'paper-somebody';

let market: PaperMarketForTest;
let broker: FaultyBroker;
let locks: pg.Pool;
let activities: OrderActivities;
let tradeId: TradeId;

beforeEach(async () => {
  market = await paperMarket(aapl(at('150'), at('149', { askSize: '4' }), at('149')));
  broker = new FaultyBroker(market.broker);
  locks = new pg.Pool({ connectionString: market.database.url });
  locks.on('error', () => {});
  const { prisma } = market.database;
  activities = createOrderActivities({ prisma, locks, brokerOf: () => broker });
  tradeId = await newTrade();
});

afterEach(async () => {
  await locks.end();
  await market.close();
});

async function newTrade(): Promise<TradeId> {
  const { prisma } = market.database;
  const [id, userId] = [randomUUID() as TradeId, randomUUID() as UserId];
  await prisma.user.create({ data: { id: userId, email: `${userId}@example.test`, passwordHash: 'none' } });
  const ticket = {
    tradeId: id,
    userId,
    scope: 'trade',
    inputHash: '',
    issuedAt: 0,
    expiresAt: 0,
    signature: '',
  } as const;
  await admitted(prisma, { trade: tradeRequest({ account: ACCOUNT }), ticket });
  return id;
}

const HOLDING: Holding = { side: 'buy', splits: [], external: [], absent: [] };

/** A decision of the trade, as every attempt and every process names it. */
function decision(leg: Leg = 'entry', terms: Parameters<typeof orderRequest>[0] = {}, generation = 1): OrderRef {
  const request = orderRequest({ ...terms, clientOrderId: clientOrderId(tradeId, leg, generation) });
  return { tradeId, broker: 'paper', account: ACCOUNT, leg, generation, request, holding: HOLDING };
}

type Name = keyof OrderActivities;

/** Runs an activity as an attempt of its own. */
function attempt<Order>(name: Name, order: Order): Promise<OrderFact[]> {
  const run = activities[name] as unknown as (input: Order) => Promise<OrderFact[]>;
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(run, order) as Promise<
    OrderFact[]
  >;
}

/** A place at which a call waits until it is let go. */
function gate() {
  let open = () => {};
  let reached = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const arrival = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const wait = () => {
    reached();
    return opened;
  };
  return { open, arrival, wait };
}

const atBroker = async () => (await market.broker.ledger(ACCOUNT)).orders;
const intents = () => market.database.prisma.order.findMany({ orderBy: { id: 'asc' } });

describe('placing', () => {
  it('two attempts at once for one decision send once, and both answer the same', async () => {
    const order = decision();
    const [one, other] = await Promise.all([attempt('placeOrder', order), attempt('placeOrder', order)]);
    expect(one).toEqual(other);
    expect(one).toMatchObject([{ standing: 'known', status: 'filled', filledQuantity: '10' }]);
    expect(broker.sent('place')).toBe(1);
    expect(await atBroker()).toHaveLength(1);
  });

  it('eight attempts at once send once', async () => {
    const order = decision();
    const answers = await Promise.all(Array.from({ length: 8 }, () => attempt('placeOrder', order)));
    expect(new Set(answers.map((facts) => facts[0]?.brokerOrderId)).size).toBe(1);
    expect(broker.sent('place')).toBe(1);
  });

  it('a sender that is frozen in its send keeps everybody else from sending, and from concluding', async () => {
    const frozen = gate();
    broker.add({ on: 'place', kind: 'none', meanwhile: frozen.wait });
    const order = decision();
    const first = attempt('placeOrder', order);
    await frozen.arrival;
    await expect(attempt('placeOrder', order)).rejects.toThrow(SendLockBusy);
    await expect(attempt('resolveOrder', order)).rejects.toThrow(SendLockBusy);

    frozen.open();
    expect(await first).toMatchObject([{ standing: 'known' }]);
    expect(await attempt('placeOrder', order)).toEqual(await first);
    expect(broker.sent('place')).toBe(1);
  });

  it('a sender that thaws after its lock was lost sends late, and its successor has not sent', async () => {
    const frozen = gate();
    broker.add({ on: 'place', kind: 'none', meanwhile: frozen.wait });
    const order = decision();
    const zombie = attempt('placeOrder', order);
    await frozen.arrival;
    await breakLocks(market.database.pool);

    expect(await attempt('placeOrder', order)).toMatchObject([{ standing: 'unknown' }]);
    expect(await attempt('resolveOrder', order)).toMatchObject([{ standing: 'unknown' }]);
    frozen.open();
    await zombie.catch(() => undefined);
    expect(await attempt('resolveOrder', order)).toMatchObject([{ standing: 'known', filledQuantity: '10' }]);
    expect(broker.sent('place')).toBe(1);
    expect(await atBroker()).toHaveLength(1);
  });

  it('one that learns late that it never sent takes nothing back of what its successor sent meanwhile', async () => {
    const [frozen, sending] = [gate(), gate()];
    broker.add({ on: 'place', kind: 'not_placed', meanwhile: frozen.wait });
    const order = decision();
    const zombie = attempt('placeOrder', order);
    await frozen.arrival;
    await breakLocks(market.database.pool);
    await attempt('resolveOrder', order);
    broker.add({ on: 'place', kind: 'none', meanwhile: sending.wait });
    const successor = attempt('resendOrder', order);
    await sending.arrival;

    frozen.open();
    await zombie.catch(() => undefined);
    expect(await intents()).toMatchObject([{ intent: 'SENT', sends: 2 }]);
    sending.open();
    expect(await successor).toMatchObject([{ standing: 'known' }]);
    expect(await atBroker()).toHaveLength(1);
  });

  it('an intent is in the database before the send, marked as sent', async () => {
    const seen: unknown[] = [];
    const look = async () => {
      seen.push(
        await market.database.prisma.order.findFirst({ select: { intent: true, sends: true, brokerOrderId: true } }),
      );
    };
    broker.add({ on: 'place', kind: 'none', meanwhile: look });
    await attempt('placeOrder', decision());
    expect(seen).toEqual([{ intent: 'SENT', sends: 1, brokerOrderId: null }]);
  });

  it('after a death between the mark and the answer nothing is sent, it is looked for', async () => {
    const order = decision();
    broker.add({ on: 'place', kind: 'none', meanwhile: () => Promise.reject(new Error('the process died')) });
    await expect(attempt('placeOrder', order)).rejects.toThrow('the process died');
    expect(await attempt('placeOrder', order)).toMatchObject([{ standing: 'unknown' }]);
    expect(broker.sent('place')).toBe(1);
  });

  it('a refusal is for good: another attempt answers it again', async () => {
    const quantity = '100000';
    await market.database.prisma.reservation.updateMany({ data: { quantity } });
    const order = decision('entry', { quantity });
    const refused = [{ standing: 'refused', refusal: { code: 'insufficient_funds' } }];
    expect(await attempt('placeOrder', order)).toMatchObject(refused);
    expect(await attempt('placeOrder', order)).toMatchObject(refused);
    expect(broker.sent('place')).toBe(1);
  });

  it('orders of other legs and other trades do not wait for each other', async () => {
    const frozen = gate();
    broker.add({ on: 'place', leg: 'entry', kind: 'none', meanwhile: frozen.wait });
    const first = attempt('placeOrder', decision());
    await frozen.arrival;
    const exit = decision('exit', { side: 'sell' });
    expect(await attempt('placeOrder', exit)).toContainEqual(expect.objectContaining({ leg: 'exit' }));
    tradeId = await newTrade();
    expect(await attempt('placeOrder', decision())).toMatchObject([{ standing: 'known' }]);
    frozen.open();
    await first;
  });
});

describe('a send that certainly did not reach the broker', () => {
  it('leaves the intent as it was: another attempt sends it', async () => {
    const order = decision();
    broker.add({ on: 'place', kind: 'not_placed' });
    expect(await attempt('placeOrder', order)).toMatchObject([{ standing: 'prepared' }]);
    expect(await intents()).toMatchObject([{ intent: 'PREPARED', sends: 0 }]);
    expect(await attempt('placeOrder', order)).toMatchObject([{ standing: 'known', filledQuantity: '10' }]);
    expect(await intents()).toMatchObject([{ sends: 1 }]);
    expect(await atBroker()).toHaveLength(1);
  });

  it('proves nothing about the first one when it was a repeat', async () => {
    const order = decision();
    broker.add({ on: 'place', kind: 'request_lost' }, { on: 'place', kind: 'not_placed' });
    await attempt('placeOrder', order);
    expect(await attempt('resendOrder', order)).toMatchObject([{ standing: 'unknown' }]);
    expect(await attempt('placeOrder', order)).toMatchObject([{ standing: 'unknown' }]);
  });
});

describe('a closing order', () => {
  const stop = (quantity: string, generation = 1) =>
    decision('stop', { side: 'sell', type: 'stop', stopPrice: '140', quantity }, generation);
  const refused = expect.objectContaining({
    standing: 'refused',
    refusal: expect.objectContaining({ code: 'oversold' }),
  });

  it('is not sent before anything was filled', async () => {
    expect(await attempt('placeOrder', stop('1'))).toEqual([refused]);
    expect(broker.sent('place')).toBe(0);
  });

  it('is never sent for more than what others may still close leaves of the trade', async () => {
    await attempt('placeOrder', decision());
    await attempt('placeOrder', stop('6'));
    expect(await attempt('placeOrder', decision('exit', { side: 'sell', quantity: '5' }))).toContainEqual(refused);
    expect(await attempt('placeOrder', decision('exit', { side: 'sell', quantity: '4' }, 2))).not.toHaveLength(0);
    expect(await atBroker()).toHaveLength(3);
  });

  it('two at once are never both within what the trade holds', async () => {
    await attempt('placeOrder', decision());
    await Promise.all([
      attempt('placeOrder', stop('10')),
      attempt('placeOrder', decision('exit', { side: 'sell', quantity: '10' })),
    ]);
    expect(await atBroker()).toHaveLength(2);
  });

  it('counts an unknown one as one that works, until its absence was concluded', async () => {
    await attempt('placeOrder', decision());
    broker.add({ on: 'place', leg: 'stop', kind: 'request_lost' });
    await attempt('placeOrder', stop('10'));
    expect(await attempt('placeOrder', stop('10', 2))).toContainEqual(refused);
    const holding = { ...HOLDING, absent: [clientOrderId(tradeId, 'stop', 1)] };
    const third = await attempt('placeOrder', { ...stop('10', 3), holding });
    expect(third).toContainEqual(expect.objectContaining({ generation: 3, standing: 'known' }));
  });

  it('is measured in the shares of after a split', async () => {
    await attempt('placeOrder', decision());
    const splits = [{ ratio: decimalString('7'), at: Number.MAX_SAFE_INTEGER }];
    broker.add({ on: 'place', leg: 'stop', kind: 'answer_lost' });
    await attempt('placeOrder', { ...stop('70'), holding: { ...HOLDING, splits } });
    expect(broker.sent('place', 'stop')).toBe(1);
  });
});

describe('at a broker that does not know our ids', () => {
  beforeEach(() => {
    broker = new FaultyBroker(market.broker, { findsById: false });
  });

  it('an order waits until the outcome of its twin is known, whoever sends it', async () => {
    broker.add({ on: 'place', kind: 'answer_lost' });
    const first = decision();
    await attempt('placeOrder', first);
    const firstTrade = tradeId;
    tradeId = await newTrade();
    const second = decision();
    expect(await attempt('placeOrder', second)).toMatchObject([{ standing: 'prepared' }]);
    expect(broker.sent('place')).toBe(1);
    expect(firstTrade).not.toBe(tradeId);
    await attempt('resolveOrder', first);
    expect(await attempt('placeOrder', second)).toMatchObject([{ standing: 'known' }]);
  });

  it('one with other terms does not wait', async () => {
    broker.add({ on: 'place', kind: 'answer_lost' });
    await attempt('placeOrder', decision());
    tradeId = await newTrade();
    expect(await attempt('placeOrder', decision('entry', { quantity: '9' }))).toMatchObject([{ standing: 'known' }]);
  });
});

describe('resolving', () => {
  it('an order that was never prepared says so: it was not sent', async () => {
    expect(await attempt('resolveOrder', decision())).toMatchObject([{ standing: 'prepared' }]);
    expect(broker.sent('find')).toBe(0);
    expect(await intents()).toEqual([]);
  });

  it('a lost answer is found by looking', async () => {
    const order = decision();
    broker.add({ on: 'place', kind: 'answer_lost' });
    expect(await attempt('placeOrder', order)).toMatchObject([{ standing: 'unknown' }]);
    expect(await attempt('resolveOrder', order)).toMatchObject([{ standing: 'known', filledQuantity: '10' }]);
    expect(broker.sent('place')).toBe(1);
  });

  it('"not found" leaves it unknown, however often it is said', async () => {
    const order = decision();
    broker.add({ on: 'place', kind: 'request_lost' });
    await attempt('placeOrder', order);
    for (let times = 0; times < 5; times++) {
      expect(await attempt('resolveOrder', order)).toMatchObject([{ standing: 'unknown' }]);
    }
    expect(await intents()).toMatchObject([{ intent: 'UNKNOWN', sends: 1 }]);
    expect(broker.sent('place')).toBe(1);
  });

  it('an unreachable broker proves nothing', async () => {
    const order = decision();
    broker.add({ on: 'place', kind: 'request_lost' }, { on: 'find', kind: 'request_lost' });
    await attempt('placeOrder', order);
    await expect(attempt('resolveOrder', order)).rejects.toThrow('by plan');
    expect(await intents()).toMatchObject([{ intent: 'UNKNOWN' }]);
  });
});

describe('sending once more', () => {
  async function unknownOrder(kind: 'request_lost' | 'answer_lost', order = decision()) {
    broker.add({ on: 'place', kind });
    await attempt('placeOrder', order);
    await attempt('resolveOrder', order);
    return order;
  }

  it('sends the identical body, once', async () => {
    const order = await unknownOrder('request_lost');
    expect(await attempt('resendOrder', order)).toMatchObject([{ standing: 'known', filledQuantity: '10' }]);
    await attempt('resendOrder', order);
    expect(broker.sent('place')).toBe(2);
    expect(await intents()).toMatchObject([{ sends: 2 }]);
    expect(await atBroker()).toMatchObject([{ clientOrderId: order.request.clientOrderId }]);
  });

  it('never a third time', async () => {
    const order = await unknownOrder('request_lost');
    broker.add({ on: 'place', kind: 'request_lost' });
    for (let times = 0; times < 3; times++) {
      expect(await attempt('resendOrder', order)).toMatchObject([{ standing: 'unknown' }]);
    }
    expect(broker.sent('place')).toBe(2);
  });

  it('is not needed when the first turns out to be there', async () => {
    broker.add({ on: 'find', kind: 'hidden' });
    const order = await unknownOrder('answer_lost');
    expect(await attempt('resendOrder', order)).toMatchObject([{ standing: 'known' }]);
    expect(broker.sent('place')).toBe(1);
  });

  it('two at once are one', async () => {
    const order = await unknownOrder('request_lost');
    await Promise.all([attempt('resendOrder', order), attempt('resendOrder', order)]);
    expect(broker.sent('place')).toBe(2);
    expect(await atBroker()).toHaveLength(1);
  });

  it('refused because the first is there after all: the first is found, and nothing refused', async () => {
    broker.add({ on: 'find', kind: 'hidden', times: 2 });
    const order = await unknownOrder('answer_lost');
    expect(await attempt('resendOrder', order)).toMatchObject([{ standing: 'unknown' }]);
    expect(await attempt('resolveOrder', order)).toMatchObject([{ standing: 'known', filledQuantity: '10' }]);
    expect(await atBroker()).toHaveLength(1);
  });

  it('refused as oversold: a stop that rests unseen, so it stays unknown', async () => {
    await attempt('placeOrder', decision());
    const stop = decision('stop', { side: 'sell', type: 'stop', stopPrice: '140' });
    broker.add({ on: 'find', leg: 'stop', kind: 'hidden', times: 3 });
    await unknownOrder('answer_lost', stop);
    broker.add({ on: 'place', leg: 'stop', kind: 'refused', refusal: { code: 'oversold', message: 'by plan' } });
    const standing = async (name: Name) => (await attempt(name, stop)).find(({ leg }) => leg === 'stop')?.standing;
    expect(await standing('resendOrder')).toBe('unknown');
    expect(await standing('resolveOrder')).toBe('known');
  });
});

describe('what is recorded', () => {
  it('a fill counts once, however often it is read, and a final order keeps its end', async () => {
    const order = decision();
    const [placed] = await attempt('placeOrder', order);
    const cancel = { ...order, clientOrderId: order.request.clientOrderId, brokerOrderId: placed?.brokerOrderId ?? '' };
    for (let times = 0; times < 2; times++) {
      expect(await attempt('cancelOrder', cancel)).toMatchObject([{ status: 'filled', filledQuantity: '10' }]);
    }
    expect(await market.database.prisma.execution.count()).toBe(1);
    expect(await intents()).toMatchObject([{ intent: 'CLOSED', status: 'filled' }]);
  });
});
