/** One and the same order, written in every way that brokers write it. */
import { expect } from 'vitest';
import { type Broker, BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { Decimal, decimal } from '../../../src/domain/decimal.js';
import type { BrokerOrder } from '../../../src/domain/order.js';
import type { Body } from '../../simulator/simulator-fixture.js';
import type { Bench } from '../bench.js';
import { from, group, type Remark } from '../card.js';
import type { StateKind } from '../forms/wire-forms.js';
import { isLive } from '../order-facts.js';
import { withAmounts, withEachOrder, withRows, withTimes } from '../rewritten.js';
import { ACCOUNT } from '../venues.js';

const NO_SINGLE_FILLS = 'no single fills';

async function partFilled(bench: Bench): Promise<string> {
  const { orderId } = await bench.placed(bench.entry());
  await bench.fill(orderId, '15', '140');
  bench.advance(1);
  await bench.fill(orderId, '10', '139.5');
  return orderId;
}

/** Every state of a kind, read alone and in a look. */
async function inEachState(bench: Bench, kind: StateKind, check: (order: BrokerOrder) => void): Promise<void> {
  const orderId = await partFilled(bench);
  for (const word of bench.venue.forms.states[kind]) {
    const broker = await withEachOrder(bench, orderId, (row) => bench.venue.forms.withState(row, word));
    const order = await broker.order(ACCOUNT, orderId);
    if (!order) throw new Error(`${word}: not shown`);
    expect(order, word).toMatchObject({ filledQuantity: '25' });
    check(order);
    const { orders } = await broker.look(ACCOUNT, bench.symbol, bench.assetClass, [orderId], 0);
    expect(orders, word).toMatchObject([{ orderId, status: order.status, filledQuantity: '25' }]);
  }
}

/** However it is written, it is the order that is read otherwise. */
async function expectSame(bench: Bench, broker: Broker, orderId: string): Promise<undefined> {
  expect(await broker.order(ACCOUNT, orderId)).toEqual(await bench.order(orderId));
  expect((await broker.openOrders(ACCOUNT)).rows).toEqual((await bench.broker.openOrders(ACCOUNT)).rows);
  return undefined;
}

/** With its fills listed in another way. */
async function withFills(
  bench: Bench,
  change: (rows: Body[]) => Body[],
  check: (read: Promise<BrokerOrder | undefined>) => Promise<Remark>,
) {
  if (bench.venue.forms.places.fills.length === 0) return NO_SINGLE_FILLS;
  const orderId = await partFilled(bench);
  const broker = await withRows(bench, 'fills', change);
  return check(broker.order(ACCOUNT, orderId));
}

const asBefore = async (read: Promise<BrokerOrder | undefined>): Promise<undefined> => {
  const order = await read;
  expect(order).toMatchObject({ filledQuantity: '25' });
  const executions = order?.executions ?? [];
  expect(executions).toHaveLength(2);
  expect(new Set(executions.map(({ quantity, price }) => `${quantity} at ${price}`))).toEqual(
    new Set(['15 at 140', '10 at 139.5']),
  );
  return undefined;
};

/** What is shown as filled is never more nor less than its fills. */
const neverMoreThanListed = async (read: Promise<BrokerOrder | undefined>): Promise<Remark> => {
  const order = await read.catch((error: unknown) => {
    expect(error).toBeInstanceOf(BrokerUnavailable);
    return undefined;
  });
  if (!order) return undefined;
  const listed = Decimal.sum(order.executions.map(({ quantity }) => decimal(quantity)));
  expect(order.filledQuantity).toBe(listed.toString());
  expect(isLive(order)).toBe(true);
  return 'shown as far as it is listed, and alive';
};

const MONEY =
  'Alpaca: strings, E*TRADE and Schwab: numbers, Coinbase: padded strings (their references); exponents as Java writes them (inv)';

export const answerForms = group('forms of answers', 'the brokers’ lists of states (docs/brokers), W8, W14', {
  'an order that no venue has yet is alive, in every word for it': async (bench) => {
    await inEachState(bench, 'waiting', (order) => expect(isLive(order)).toBe(true));
    return undefined;
  },
  'an order whose cancel or change is under way is alive, in every word for it': async (bench) => {
    await inEachState(bench, 'cancelling', (order) => expect(isLive(order)).toBe(true));
    return undefined;
  },
  'an order that is partly filled, then cancelled or replaced, keeps its fills': from(
    'W1, W2 (jwplatta/schwab_rb)',
    async (bench) => {
      await inEachState(bench, 'cancelled', ({ status }) => expect(status).toBe('cancelled'));
      return undefined;
    },
  ),
  'an order that is partly filled, then expires, keeps its fills': async (bench) => {
    await inEachState(bench, 'expired', ({ status }) => expect(status).toBe('expired'));
    return undefined;
  },
  'an order that is partly filled, then rejected, keeps its fills': from(
    'F16; W6 (accepted, then REJECTED)',
    async (bench) => {
      await inEachState(bench, 'rejected', ({ status }) => expect(status).toBe('rejected'));
      return undefined;
    },
  ),
  'fills that are not listed yet are waited for, and no smaller holding is concluded': from('W2, W18', (bench) =>
    withFills(bench, () => [], neverMoreThanListed),
  ),
  'fills of which only the first are listed are waited for': from('W2, W18', (bench) =>
    withFills(bench, (rows) => rows.slice(0, 1), neverMoreThanListed),
  ),
  'fills that are listed twice count once': from(
    'Coinbase’s and Alpaca’s pages shift while they are read (W18)',
    (bench) => withFills(bench, (rows) => [...rows, ...rows], asBefore),
  ),
  'fills that are listed in another order are the same fills': from('F26 (inv)', (bench) =>
    withFills(bench, (rows) => rows.toReversed(), asBefore),
  ),
  'a fill without its price is an alarm, and never a fill for nothing': from(
    'W1: price 0 (jwplatta/schwab_rb)',
    (bench) => {
      const priceless = (row: Body) =>
        JSON.parse(JSON.stringify(row).replaceAll(/"price":"?[\d.]+"?/g, '"price":null'));
      return withFills(
        bench,
        (rows) => rows.map(priceless),
        async (read) => {
          await expect(read).rejects.toThrow(BrokerUnavailable);
          return undefined;
        },
      );
    },
  ),
  'a row of nothing among the fills hides none': from('W16 (inv)', (bench) =>
    withFills(bench, (rows) => [null, ...rows], asBefore),
  ),
  'amounts with zeros behind them are the same amounts': from(MONEY, async (bench) => {
    const orderId = await partFilled(bench);
    const padded = (amount: string) => `"${amount}${amount.includes('.') ? '' : '.'}000000"`;
    return expectSame(bench, await withAmounts(bench, padded), orderId);
  }),
  'amounts as numbers are the same amounts': from(MONEY, async (bench) => {
    const orderId = await partFilled(bench);
    return expectSame(bench, await withAmounts(bench, (amount) => amount), orderId);
  }),
  'amounts as text are the same amounts': from(MONEY, async (bench) => {
    const orderId = await partFilled(bench);
    return expectSame(bench, await withAmounts(bench, (amount) => `"${amount}"`), orderId);
  }),
  'amounts with an exponent are the same amounts': from(MONEY, async (bench) => {
    const orderId = await partFilled(bench);
    const java = (amount: string) => Number(amount).toExponential().replace('e+', 'E');
    return expectSame(bench, await withAmounts(bench, java), orderId);
  }),
  'times to the nanosecond are the same times': from(
    'Alpaca and Coinbase (alpacahq/alpaca-py, CDP reference)',
    async (bench) => {
      const orderId = await partFilled(bench);
      return expectSame(bench, await withTimes(bench, (at) => at.toISOString().replace('Z', '456789Z')), orderId);
    },
  ),
  'times of another zone are the same times': from('RFC 3339; Schwab’s +0000 (Trader API)', async (bench) => {
    const orderId = await partFilled(bench);
    const inNewYork = (at: Date) => new Date(at.getTime() - 5 * 3_600_000).toISOString().replace('Z', '-05:00');
    return expectSame(bench, await withTimes(bench, inNewYork), orderId);
  }),
});
