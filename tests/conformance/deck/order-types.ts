/** Every type of order, of every class of assets, in both directions. */
import { expect } from 'vitest';
import type { AssetClass } from '../../../src/domain/instrument.js';
import type { OrderType } from '../../../src/domain/order.js';
import { type Bench, SYMBOLS } from '../bench.js';
import { type Card, group, ifOffered, type Remark } from '../card.js';
import { isLive } from '../order-facts.js';

interface Thing {
  name: string;
  quantity: string;
  /** around its quote: what a purchase and a sale would be filled at, and prices far below and above */
  ask: string;
  bid: string;
  low: string;
  high: string;
}

const THINGS: Readonly<Record<AssetClass, Thing>> = {
  equity: { name: 'shares', quantity: '40', ask: '150', bid: '149.9', low: '140', high: '160' },
  option: { name: 'an option', quantity: '2', ask: '6.5', bid: '6.4', low: '5', high: '8' },
  crypto: { name: 'coins', quantity: '0.5', ask: '150', bid: '149.9', low: '140', high: '160' },
};
const NAMES: Readonly<Record<OrderType, string>> = {
  market: 'a market order',
  limit: 'a limit order',
  stop: 'a stop',
  stop_limit: 'a stop with a limit',
  trailing_stop: 'a trailing stop',
};

type Direction = 'buy' | 'sell';

/** Prices at which the order rests; the limit behind a stop is on its far side. */
function pricesOf(type: OrderType, direction: Direction, { low, high }: Thing) {
  const [better, worse] = direction === 'buy' ? [low, high] : [high, low];
  if (type === 'limit') return { limitPrice: better };
  if (type === 'stop') return { stopPrice: worse };
  if (type === 'stop_limit') return { stopPrice: worse, limitPrice: worse };
  return type === 'trailing_stop' ? { trailPercent: '10' } : {};
}

function requestOf(bench: Bench, assetClass: AssetClass, type: OrderType, direction: Direction) {
  const thing = THINGS[assetClass];
  const mayLast = type !== 'market' && bench.capabilities.timesInForce[assetClass].includes('gtc');
  return bench.request(direction === 'buy' ? 'entry' : 'exit', {
    ...{ symbol: SYMBOLS[assetClass], assetClass, quantity: thing.quantity, type },
    timeInForce: mayLast ? 'gtc' : 'day',
    ...pricesOf(type, direction, thing),
  });
}

async function play(bench: Bench, assetClass: AssetClass, type: OrderType, direction: Direction): Promise<Remark> {
  const request = requestOf(bench, assetClass, type, direction);
  const isOffered = bench.capabilities.orderTypes[assetClass].includes(type);
  const remark = await ifOffered(bench, request, async (order) => {
    const { symbol, side, quantity, limitPrice, timeInForce } = request;
    expect(order).toMatchObject({ symbol, side, type, quantity, ...(limitPrice && { limitPrice }) });
    const [shown] = await bench.ledger();
    expect(shown).toMatchObject({ orderId: order.orderId, symbol, quantity });
    if (type === 'market') {
      const price = THINGS[assetClass][direction === 'buy' ? 'ask' : 'bid'];
      expect(order).toMatchObject({ status: 'filled', filledQuantity: quantity });
      expect(order.fillsInTotal?.price ?? order.executions[0]?.price).toBe(price);
    } else {
      expect(isLive(order)).toBe(true);
      expect(order).toMatchObject({ filledQuantity: '0', triggered: false, timeInForce });
    }
    return undefined;
  });
  expect(remark === undefined).toBe(isOffered);
  return remark;
}

const CLASSES = Object.keys(THINGS) as AssetClass[];
const TYPES = Object.keys(NAMES) as OrderType[];

const rows = CLASSES.flatMap((assetClass) =>
  TYPES.flatMap((type) => (['buy', 'sell'] as const).map((direction) => ({ assetClass, type, direction }))),
);

export const orderTypes: Card[] = group(
  'order types',
  'the brokers’ references of orders (docs/brokers)',
  Object.fromEntries(
    rows.map(({ assetClass, type, direction }) => [
      `${NAMES[type]} to ${direction} ${THINGS[assetClass].name} ${type === 'market' ? 'fills at the quote' : 'rests'}`,
      (bench: Bench) => play(bench, assetClass, type, direction),
    ]),
  ),
);
