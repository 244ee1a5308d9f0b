/** A read shows what the broker has or fails; it never makes anything up. */
import { expect } from 'vitest';
import { type Broker, BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { type Bench, HELD, SYMBOLS } from '../bench.js';
import { type Card, from, group } from '../card.js';
import { isLive, neighbourOf } from '../order-facts.js';
import type { ProxiedAnswer } from '../rewriting-proxy.js';
import { ACCOUNT } from '../venues.js';

const FAULTS: Readonly<Record<string, string>> = {
  timeout_before: 'a silence',
  http_500: 'a server error',
  http_429: 'a limit of calls',
  malformed: 'half an answer',
  html_200: 'a page',
  disconnect: 'a broken connection',
  redirect_307: 'a redirect',
};

interface Read {
  name: string;
  operation: string;
  run(broker: Broker, bench: Bench, orderId: string): Promise<unknown>;
}

const READS: readonly Read[] = [
  { name: 'an order', operation: 'get_order', run: (broker, _bench, orderId) => broker.order(ACCOUNT, orderId) },
  { name: 'the open orders', operation: 'list_orders', run: (broker) => broker.openOrders(ACCOUNT) },
  { name: 'the positions', operation: 'positions', run: (broker) => broker.positions(ACCOUNT) },
  { name: 'quotes', operation: 'quote', run: (broker, { symbol }) => broker.quotes([symbol], ACCOUNT) },
];

const failing = READS.map(({ name, operation, run }): [string, Card['play']] => [
  `a read of ${name} that meets ${Object.values(FAULTS).join(', ')} fails, and says nothing of the world`,
  async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    for (const fault of Object.keys(FAULTS)) {
      await bench.fault(fault, operation);
      await expect(run(bench.broker, bench, orderId), fault).rejects.toThrow(BrokerUnavailable);
    }
    expect(await run(bench.broker, bench, orderId)).toBeDefined();
    return undefined;
  },
]);

/** The answer with every status replaced by one that nobody knows. */
function withUnknownStates(answer: ProxiedAnswer): ProxiedAnswer {
  return { ...answer, text: answer.text.replaceAll(/"status":\s*"[A-Za-z_]+"/g, '"status":"brand_new_state"') };
}

/** The answer with a further member in every object of several. */
function withUnknownFields(answer: ProxiedAnswer): ProxiedAnswer {
  const grown = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(grown);
    if (value === null || typeof value !== 'object') return value;
    const members = Object.entries(value).map(([name, member]) => [name, grown(member)]);
    return Object.fromEntries(members.length < 3 ? members : [...members, ['fieldOfTomorrow', { deep: [1, null] }]]);
  };
  try {
    return { ...answer, text: JSON.stringify(grown(JSON.parse(answer.text))) };
  } catch {
    return answer;
  }
}

export const reads = group('reads', 'F14, F53', {
  ...Object.fromEntries(failing),
  'an order that nobody knows is shown as absent': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    const unknownId = neighbourOf(orderId);
    expect(await bench.broker.order(ACCOUNT, unknownId)).toBeUndefined();
    return undefined;
  },
  'a stale read of an order shows the past, and the next one the present': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(20);
    await bench.cancel(orderId);
    await bench.fault('stale_read', 'get_order', { seconds: 10 });
    const past = await bench.order(orderId);
    expect(isLive(past)).toBe(true);
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
    return undefined;
  },
  'a stale list shows the past, and the next one the present': from('W18', async (bench) => {
    bench.advance(20);
    await bench.placed(bench.entry());
    await bench.fault('stale_read', '*', { seconds: 10, count: 4 });
    expect(await bench.openOrders()).toEqual([]);
    await bench.simulator.call('DELETE', '/control/faults');
    expect(await bench.openOrders()).toHaveLength(1);
    return undefined;
  }),
  'stale positions show the past, and the next ones the present': from('W18', async (bench) => {
    bench.advance(20);
    await bench.placed(bench.exit({ quantity: HELD }));
    const held = async () => (await bench.broker.positions(ACCOUNT)).rows.some(({ symbol }) => symbol === bench.symbol);
    await bench.fault('stale_read', 'positions', { seconds: 10 });
    expect(await held()).toBe(true);
    expect(await held()).toBe(false);
    return undefined;
  }),
  'a quote without a side is shown without it, never as zero': async (bench) => {
    await bench.fault('quote_missing_field', 'quote', { count: 4 });
    const [quote] = await bench.broker.quotes([bench.symbol], ACCOUNT);
    expect(quote).toMatchObject({ symbol: bench.symbol, ask: '150' });
    expect(quote).not.toHaveProperty('bid');
    return undefined;
  },
  'a quote that is old says how old it is, or is left out': async (bench) => {
    await bench.fault('quote_stale', 'quote', { count: 4, seconds: 60 });
    const [quote] = await bench.broker.quotes([bench.symbol], ACCOUNT);
    if (quote === undefined) return 'left out';
    expect(Math.abs(bench.now - 60_000 - quote.at)).toBeLessThan(1_000);
    return undefined;
  },
  'quotes of several symbols come together, and one that nobody knows is left out': async (bench) => {
    const classes = Object.entries(bench.capabilities.orderTypes).filter(([, types]) => types.length > 0);
    const known = classes.map(([assetClass]) => SYMBOLS[assetClass as keyof typeof SYMBOLS]);
    const unknown = bench.assetClass === 'crypto' ? 'ZZZZ-USD' : 'ZZZZ';
    const quotes = await bench.broker.quotes([...known, unknown], ACCOUNT);
    expect(new Set(quotes.map(({ symbol }) => symbol))).toEqual(new Set(known));
    expect(quotes.find(({ symbol }) => symbol === bench.symbol)).toMatchObject({
      bid: '149.9',
      ask: '150',
      last: '149.95',
    });
    return undefined;
  },
  'positions are shown with their sign, of every class of assets that is traded': async (bench) => {
    const positions = (await bench.broker.positions(ACCOUNT)).rows;
    const { orderTypes } = bench.capabilities;
    const classes = (Object.keys(SYMBOLS) as (keyof typeof SYMBOLS)[]).filter((name) => orderTypes[name].length > 0);
    expect(new Map(positions.map(({ symbol, quantity }) => [symbol, quantity]))).toEqual(
      new Map(classes.map((assetClass) => [SYMBOLS[assetClass], HELD])),
    );
    return undefined;
  },
  'a position that other hands have halved is shown as it is': from('F54', async (bench) => {
    const { orderId } = await bench.placed(bench.stop({ quantity: HELD }));
    await bench.simulator.fault('external_position_change', '*', { count: 1, match: { symbol: bench.symbol } });
    const positions = (await bench.broker.positions(ACCOUNT)).rows;
    expect(positions.find(({ symbol }) => symbol === bench.symbol)?.quantity).toBe('50');
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
    return undefined;
  }),
  'an order that other hands cancel is shown as cancelled': from('F22', async (bench) => {
    const { orderId } = await bench.placed(bench.stop());
    await bench.simulator.fault('external_cancel', '*', { count: 1, match: { symbol: bench.symbol } });
    expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    return undefined;
  }),
  'more than a hundred open orders are all listed, once each': from(
    'pages of 100 at E*TRADE (order API v1)',
    async (bench) => {
      const placed = new Set<string>();
      for (let order = 0; order < 130; order++) {
        const ending = await bench.send(bench.entry({ quantity: '1', limitPrice: '100' }));
        if (ending.end === 'at_broker') placed.add(ending.order.orderId);
      }
      const open = await bench.openOrders();
      expect(open).toHaveLength(130);
      expect(new Set(open.map(({ orderId }) => orderId))).toEqual(placed);
      return undefined;
    },
  ),
  'open orders are those that live, in part filled ones among them': async (bench) => {
    const [filled, cancelled] = [await bench.placed(bench.marketEntry()), await bench.placed(bench.entry())];
    await bench.cancel(cancelled.orderId);
    const part = await bench.placed(bench.entry());
    await bench.fill(part.orderId, '15', '140');
    const rests = await bench.placed(bench.entry({ limitPrice: '130' }));
    const open = await bench.openOrders();
    expect(new Set(open.map(({ orderId }) => orderId))).toEqual(new Set([part.orderId, rests.orderId]));
    expect(open.find(({ orderId }) => orderId === part.orderId)).toMatchObject({ filledQuantity: '15' });
    expect(open.map(({ orderId }) => orderId)).not.toContain(filled.orderId);
    return undefined;
  },
  'an account shows its cash, what it is worth, and what it may spend': async (bench) => {
    const before = await bench.broker.accountSnapshot(ACCOUNT);
    expect(before.cash).toBe('100000');
    await bench.placed(bench.entry());
    const after = await bench.broker.accountSnapshot(ACCOUNT);
    expect(after).toMatchObject({ cash: before.cash, equity: before.equity });
    expect(Number(after.buyingPower)).toBeLessThan(Number(before.buyingPower));
    return undefined;
  },
  'a look shows quote, orders and position together': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    const look = await bench.broker.look(ACCOUNT, bench.symbol, bench.assetClass, [orderId], 0);
    expect(look).toMatchObject({
      ...{ session: 'regular', position: HELD, marketTime: bench.now },
      quote: { symbol: bench.symbol, bid: '149.9', ask: '150' },
      orders: [{ orderId, filledQuantity: '0' }],
    });
    return undefined;
  },
  'a look shows orders that ended long ago, and leaves out those that nobody knows': async (bench) => {
    const { orderId } = await bench.placed(bench.marketEntry());
    bench.advance(3_600);
    const unknownId = neighbourOf(orderId);
    const look = await bench.broker.look(ACCOUNT, bench.symbol, bench.assetClass, [orderId, unknownId], 0);
    expect(look.orders).toMatchObject([{ orderId, status: 'filled', filledQuantity: '40' }]);
    return undefined;
  },
  'a look without its orders or positions fails as a whole, one without prices shows the rest': async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    const look = () => bench.another().look(ACCOUNT, bench.symbol, bench.assetClass, [orderId], 0);
    await bench.fault('http_500', 'quote');
    const blind = await look();
    expect(blind).toMatchObject({ orders: [{ orderId }] });
    expect(blind).not.toHaveProperty('quote');
    for (const operation of ['positions', 'list_orders']) {
      await bench.fault('http_500', operation);
      await expect(look(), operation).rejects.toThrow(BrokerUnavailable);
    }
    return undefined;
  },
  'an order in a state that nobody knows is an alarm, never a guess': from('W4, W8, W14', async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    const broker = await bench.rewriting(withUnknownStates);
    await expect(broker.order(ACCOUNT, orderId)).rejects.toThrow(BrokerUnavailable);
    const look = broker.look(ACCOUNT, bench.symbol, bench.assetClass, [orderId], 0);
    await expect(look).rejects.toThrow(BrokerUnavailable);
    return undefined;
  }),
  'a list names an order in a state that nobody knows, and is never silently shorter': from(
    'W4, W8, W14',
    async (bench) => {
      const { orderId } = await bench.placed(bench.entry());
      const broker = await bench.rewriting(withUnknownStates);
      const { rows, passedOver } = await broker.openOrders(ACCOUNT);
      expect(rows).toEqual([]);
      expect(passedOver).toContainEqual(expect.objectContaining({ what: 'order', orderId }));
      return undefined;
    },
  ),
  'members that nobody knows are passed over in every answer': async (bench) => {
    const broker = await bench.rewriting(withUnknownFields);
    const { orderId } = await bench.placed(bench.entry());
    await bench.fill(orderId, '15', '140');
    expect(await broker.order(ACCOUNT, orderId)).toEqual(await bench.order(orderId));
    expect((await broker.openOrders(ACCOUNT)).rows).toEqual((await bench.broker.openOrders(ACCOUNT)).rows);
    expect((await broker.positions(ACCOUNT)).rows).toEqual((await bench.broker.positions(ACCOUNT)).rows);
    expect(await broker.accountSnapshot(ACCOUNT)).toEqual(await bench.broker.accountSnapshot(ACCOUNT));
    expect(await broker.quotes([bench.symbol], ACCOUNT)).toEqual(await bench.broker.quotes([bench.symbol], ACCOUNT));
    expect(await broker.cancel(ACCOUNT, orderId)).toEqual({ outcome: 'accepted' });
    return undefined;
  },
});
