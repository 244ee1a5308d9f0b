/** What the market does to resting orders: halts, closes, gaps, triggers. */
import { expect } from 'vitest';
import { type Bench, HELD, SYMBOLS } from '../bench.js';
import { group, ifOffered, NOT_OFFERED, type Remark } from '../card.js';
import { exact, filledValue, isLive } from '../order-facts.js';
import { ACCOUNT } from '../venues.js';

const NEVER_CLOSES = 'coins trade day and night';
const EVENING_SECONDS = 8 * 3_600;

function ended(bench: Bench, orderId: string) {
  return bench.order(orderId).then(({ status, filledQuantity, triggered }) => ({ status, filledQuantity, triggered }));
}

async function whileClosed(bench: Bench, play: () => Promise<Remark>): Promise<Remark> {
  if (bench.assetClass === 'crypto') return NEVER_CLOSES;
  await bench.simulator.fault('session_close', '*');
  return play();
}

const FILLED = { status: 'filled', filledQuantity: '40', triggered: true };

export const market = group('the market', 'F50 to F52', {
  'a stop triggers at its price and sells at the bid': async (bench) => {
    const { orderId } = await bench.placed(bench.stop());
    bench.advance(2);
    await bench.market('140', '140.1');
    expect(await ended(bench, orderId)).toEqual(FILLED);
    expect(filledValue(await bench.order(orderId)).toString()).toBe('5600');
    return undefined;
  },
  'a stop does not trigger a cent above its price': async (bench) => {
    const { orderId } = await bench.placed(bench.stop());
    bench.advance(2);
    await bench.market('140.01', '140.1');
    expect(await bench.order(orderId)).toMatchObject({ triggered: false, filledQuantity: '0' });
    return undefined;
  },
  'a gap through a stop sells at the new price, or waits at its limit': async (bench) => {
    const request = bench.stop();
    const { orderId } = await bench.placed(request);
    bench.advance(2);
    await bench.market('120', '120.1');
    const order = await bench.order(orderId);
    if (request.type === 'stop') {
      expect(order).toMatchObject(FILLED);
      expect(filledValue(order).toString()).toBe('4800');
      return undefined;
    }
    expect(order).toMatchObject({ filledQuantity: '0' });
    expect(isLive(order)).toBe(true);
    return 'waits at its limit';
  },
  'a stop with a limit that the market jumps over is there, unfilled, and sells when the price comes back': async (
    bench,
  ) => {
    const stop = { type: 'stop_limit', stopPrice: '140', limitPrice: '138', timeInForce: 'gtc' } as const;
    return ifOffered(bench, bench.request('stop', stop), async ({ orderId }) => {
      bench.advance(2);
      await bench.market('120', '120.1');
      const order = await bench.order(orderId);
      expect(order).toMatchObject({ filledQuantity: '0' });
      expect(isLive(order)).toBe(true);
      await bench.market('139', '139.1');
      expect(await ended(bench, orderId)).toEqual(FILLED);
      return order.triggered ? undefined : 'the trigger is shown by the fill only';
    });
  },
  'a trailing stop follows the market up, stays when it falls, and sells': async (bench) => {
    const trail = { type: 'trailing_stop', trailPercent: '10', timeInForce: 'gtc' } as const;
    return ifOffered(bench, bench.request('stop', trail), async ({ orderId }) => {
      bench.advance(2);
      await bench.market('200', '200.1');
      await bench.market('190', '190.1');
      const { stopPrice, status } = await bench.order(orderId);
      expect(['working', 'submitted']).toContain(status);
      await bench.market('179', '179.1');
      expect(await ended(bench, orderId)).toEqual(FILLED);
      if (stopPrice === undefined) return 'where it stands is not shown';
      expect(stopPrice).toBe('180');
      return undefined;
    });
  },
  'a stop to buy triggers above the market': async (bench) => {
    const { orderId } = await bench.placed(bench.stop({ side: 'buy', stopPrice: '160', limitPrice: '168' }));
    bench.advance(2);
    await bench.market('160.5', '160.6');
    expect(await ended(bench, orderId)).toEqual(FILLED);
    return undefined;
  },
  'a limit to sell fills when the market has risen to it': async (bench) => {
    const { orderId } = await bench.placed(bench.exit({ type: 'limit', limitPrice: '160', timeInForce: 'gtc' }));
    await bench.market('160', '160.1');
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  },
  'during a halt nothing fills, and afterwards it does': async (bench) => {
    await bench.simulator.fault('halt', '*', { count: 1, match: { symbol: bench.symbol } });
    const ending = await bench.send(bench.entry({ limitPrice: '150' }));
    if (ending.end === 'refused') {
      expect(ending.refusal.code).toBe('halted');
      return 'refused: halted';
    }
    const { orderId } = await bench.orderOf(ending);
    expect(await bench.order(orderId)).toMatchObject({ filledQuantity: '0' });
    await bench.simulator.fault('resume', '*', { count: 1, match: { symbol: bench.symbol } });
    await bench.market('149.9', '150');
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled' });
    return undefined;
  },
  'a stop waits through a halt, and sells at the first price after it': async (bench) => {
    const { orderId } = await bench.placed(bench.stop());
    bench.advance(2);
    await bench.simulator.fault('halt', '*', { count: 1, match: { symbol: bench.symbol } });
    await bench.market('139', '139.1');
    expect(await bench.order(orderId)).toMatchObject({ filledQuantity: '0', triggered: false });
    await bench.simulator.fault('resume', '*', { count: 1, match: { symbol: bench.symbol } });
    await bench.market('138', '138.1');
    expect(await ended(bench, orderId)).toEqual(FILLED);
    return undefined;
  },
  'a market order while the market is closed waits for the open': (bench) =>
    whileClosed(bench, async () => {
      const { orderId } = await bench.placed(bench.marketEntry());
      expect(await bench.order(orderId)).toMatchObject({ filledQuantity: '0' });
      await bench.simulator.fault('session_open', '*');
      await bench.market('149.9', '150');
      expect(await bench.order(orderId)).toMatchObject({ status: 'filled' });
      return undefined;
    }),
  'a market order for an option while options do not trade waits, or is refused: market_closed': async (bench) => {
    await bench.simulator.fault('session_close', '*');
    const option = { symbol: SYMBOLS.option, assetClass: 'option', quantity: '2' } as const;
    const ending = await bench.send(bench.marketEntry(option));
    if (ending.end === 'refused') {
      expect(['market_closed', 'not_offered']).toContain(ending.refusal.code);
      expect(await bench.ledger()).toEqual([]);
      return ending.refusal.code === 'not_offered' ? NOT_OFFERED : 'refused: market_closed';
    }
    expect(await bench.orderOf(ending)).toMatchObject({ filledQuantity: '0' });
    return undefined;
  },
  'a stop does not trigger while the market is closed': async (bench) => {
    const { orderId } = await bench.placed(bench.stop());
    bench.advance(2);
    return whileClosed(bench, async () => {
      await bench.market('139', '139.1');
      expect(await bench.order(orderId)).toMatchObject({ filledQuantity: '0', triggered: false });
      await bench.simulator.fault('session_open', '*');
      await bench.market('138', '138.1');
      expect(await ended(bench, orderId)).toEqual(FILLED);
      return undefined;
    });
  },
  'a stop can be placed and cancelled while the market is closed': (bench) =>
    whileClosed(bench, async () => {
      const { orderId } = await bench.placed(bench.stop());
      expect(isLive(await bench.order(orderId))).toBe(true);
      bench.advance(2);
      expect(await bench.cancel(orderId)).toEqual({ outcome: 'accepted' });
      expect(await bench.order(orderId)).toMatchObject({ status: 'cancelled' });
      return undefined;
    }),
  'a look shows the session': async (bench) => {
    bench.advance(EVENING_SECONDS);
    const { session } = await bench.broker.look(ACCOUNT, bench.symbol, bench.assetClass, [], 0);
    expect(session).toBe(bench.assetClass === 'crypto' ? 'regular' : 'post');
    return bench.assetClass === 'crypto' ? NEVER_CLOSES : undefined;
  },
  'a stop for all that is held sells all of it, and no more': async (bench) => {
    await bench.placed(bench.stop({ quantity: HELD }));
    bench.advance(2);
    await bench.market('139', '139.1');
    const positions = (await bench.broker.positions(ACCOUNT)).rows;
    expect(positions.map(({ symbol }) => symbol)).not.toContain(bench.symbol);
    return undefined;
  },
  'an entry and its stop: bought, protected, stopped out, and the books agree': async (bench) => {
    const entry = await bench.placed(bench.marketEntry());
    const stop = await bench.placed(bench.stop());
    bench.advance(2);
    await bench.market('139', '139.1');
    const sold = await bench.order(stop.orderId);
    expect(sold).toMatchObject(FILLED);
    expect(filledValue(entry).minus(filledValue(sold)).equals(exact('440'))).toBe(true);
    expect(await bench.live()).toEqual([]);
    return undefined;
  },
  'an entry, its stop, and a close: the stop is cancelled and confirmed before anything is sold': async (bench) => {
    await bench.placed(bench.marketEntry());
    const stop = await bench.placed(bench.stop());
    bench.advance(2);
    await bench.cancel(stop.orderId);
    expect(await bench.order(stop.orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    expect(await bench.placed(bench.exit())).toMatchObject({ status: 'filled' });
    expect((await bench.broker.positions(ACCOUNT)).rows.find(({ symbol }) => symbol === bench.symbol)?.quantity).toBe(
      HELD,
    );
    return undefined;
  },
});
