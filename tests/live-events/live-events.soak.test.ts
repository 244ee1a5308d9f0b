/** What a broker streams makes trades look, and only that: here none would look by itself before the day is over. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { TradeView } from '../../src/domain/trade/view.js';
import { ManualClock } from '../simulator/exchange-fixture.js';
import type { PlainRequest } from '../support/trading.js';
import { type LiveTrading, liveTrading } from './live-trading.js';

/** Longer than a burst of events is gathered, and than a beat of the listener. */
const QUIET_MS = 2_500;

/** Fills the order that rests, while the market's prices stay where they are. */
async function fillTheStop(live: LiveTrading): Promise<void> {
  const { broker, orderId, quantity } = await live.restingOrder();
  await live.simulator.control('fills', { broker, orderId, quantity, price: '142.5' });
}

const brokerEvents = ({ hints }: LiveTrading) => hints.filter(({ event }) => event === 'brokerEvent').length;

/** An open position, of which the stream has sent everything. */
async function openAndHeard(live: LiveTrading, request?: PlainRequest): Promise<TradeView> {
  const trade = await live.open(request);
  await expect.poll(() => brokerEvents(live), { timeout: 20_000 }).toBeGreaterThan(0);
  const newOnes = async () => {
    live.hints.length = 0;
    await pause(QUIET_MS);
    return live.hints.length;
  };
  await expect.poll(newOnes, { timeout: 30_000 }).toBe(0);
  return trade;
}

describe.each(['alpaca', 'schwab', 'coinbase'] as const)('at %s', (name) => {
  it('a stop that fills is seen at once', async () => {
    const live = await liveTrading(name);
    const trade = await openAndHeard(live);
    await fillTheStop(live);
    const closed = await live.until(trade, ({ status }) => status === 'closed');
    expect(closed).toMatchObject({ exitReason: 'stop', exitPrice: '142.5', openQuantity: '0' });
    expect(brokerEvents(live)).toBeGreaterThan(0);
  });

  it('a stop that fills just when the stream breaks off is seen when it is back', async () => {
    const live = await liveTrading(name);
    const trade = await openAndHeard(live);
    await live.simulator.fault('disconnect', 'stream');
    await fillTheStop(live);
    const closed = await live.until(trade, ({ status }) => status === 'closed');
    expect(closed).toMatchObject({ exitReason: 'stop', openQuantity: '0' });
  });

  it('a message that cannot be understood alarms, and makes the trades look', async () => {
    const live = await liveTrading(name);
    const trade = await openAndHeard(live);
    await live.simulator.fault('malformed', 'stream');
    await fillTheStop(live);
    await live.until(trade, ({ status }) => status === 'closed');
    await expect
      .poll(() => live.alerts(), { timeout: 5_000 })
      .toContainEqual({ severity: 2, code: 'stream_not_understood' });
  });

  it('a target that the price reaches is taken', async () => {
    const live = await liveTrading(name);
    const trade = await openAndHeard(live, { takeProfit: { price: '160' } });
    await live.simulator.market(live.symbol, '161', '161.1', { last: '161' });
    const closed = await live.until(trade, ({ status }) => status === 'closed');
    expect(closed).toMatchObject({ exitReason: 'target', exitPrice: '161' });
    expect(live.hints).toContainEqual({ id: trade.id, event: 'priceEvent' });
  });
});

it('a process that leads no more hangs up, so that its successor hears on the one connection of the login', async () => {
  const live = await liveTrading('schwab');
  const trade = await openAndHeard(live);
  const hints = live.listenToo();
  await live.loseTheLead();
  await expect.poll(() => hints, { timeout: 30_000 }).toContainEqual({ id: trade.id, event: 'brokerEvent' });
});

describe('prices', () => {
  it('that a stream sends are not requested; when it falls silent they are', async () => {
    const live = await liveTrading('coinbase', { clock: new ManualClock(Date.now()) });
    const trade = await live.open({ takeProfit: { price: '160' } });
    const { simulator, symbol } = live;
    // A price a second, for as long as it takes until nothing has been asked for during several of the listener's beats.
    let price = 150;
    const quiet = async () => {
      const before = await live.quoteCalls();
      for (let second = 0; second < 5; second++) {
        price += 0.01;
        simulator.clock.advance(1);
        await simulator.market(symbol, price.toFixed(2), (price + 0.1).toFixed(2));
        await pause(1_000);
      }
      return (await live.quoteCalls()) - before;
    };
    await expect.poll(quiet, { timeout: 60_000, interval: 10 }).toBe(0);

    await simulator.fault('timeout_before', 'quote', { count: 1, seconds: 600 });
    await simulator.market(symbol, '161', '161.1', { last: '161' });
    const closed = await live.until(trade, ({ status }) => status === 'closed');
    expect(closed).toMatchObject({ exitReason: 'target', exitPrice: '161' });
  });

  it('are asked for where there is no stream', async () => {
    const live = await liveTrading('etrade');
    const trade = await live.open({ takeProfit: { price: '160' } });
    await live.simulator.market(live.symbol, '161', '161.1', { last: '161' });
    const closed = await live.until(trade, ({ status }) => status === 'closed');
    expect(closed).toMatchObject({ exitReason: 'target' });
    expect(live.hints).toContainEqual({ id: trade.id, event: 'priceEvent' });
  });

  it('bring an entry its stop when they reach its limit', async () => {
    const live = await liveTrading('etrade');
    const trade = await live.start({ orderType: 'limit', limitPrice: '145' });
    await live.until(trade, ({ status }) => status === 'submitted');
    // It looks by itself after 1, 3, 7 and 15 seconds.
    await pause(8_500);
    await live.simulator.market(live.symbol, '144.9', '145', { last: '145' });
    await live.until(trade, ({ status, stopKind }) => status === 'open' && stopKind === 'broker');
    expect(live.hints).toContainEqual({ id: trade.id, event: 'priceEvent' });
  });
});
