import { describe, expect, it } from 'vitest';
import { schwabCapabilities } from '../../../src/brokers/schwab/capabilities.js';
import type { OrderSide } from '../../../src/domain/order.js';
import { ACCOUNT, atSchwab, held, limitBuy, OPTION, orderRequest, stopSell } from './schwab-fixture.js';

const BUY_PRICES = {
  market: {},
  limit: { limitPrice: '1' },
  stop: { stopPrice: '400' },
  stop_limit: { stopPrice: '400', limitPrice: '410' },
  trailing_stop: { trailPercent: '10' },
};
const SELL_PRICES = {
  ...BUY_PRICES,
  limit: { limitPrice: '500' },
  stop: { stopPrice: '1' },
  stop_limit: { stopPrice: '1', limitPrice: '0.95' },
};
const SIDES: readonly OrderSide[] = ['buy', 'sell', 'sell_short', 'buy_to_cover'];
const offered = (['equity', 'option'] as const).flatMap((assetClass) =>
  schwabCapabilities.orderTypes[assetClass].flatMap((type) =>
    SIDES.filter((side) => assetClass === 'equity' || side !== 'sell_short').map((side) => ({
      ...{ assetClass, type, side },
    })),
  ),
);

/** What the account must hold for an order of that side to be taken. */
function holding(symbol: string, side: OrderSide): object[] {
  if (side === 'sell') return [held(symbol, '2')];
  return side === 'buy_to_cover' ? [held(symbol, '-2')] : [];
}

describe('orders at Schwab', () => {
  it.each(offered)('$type to $side $assetClass', async ({ assetClass, type, side }) => {
    const symbol = assetClass === 'option' ? OPTION : 'AAPL';
    const { broker, accepted, ledgerOrder, order, openOrders } = await atSchwab(holding(symbol, side));
    const prices = (side.startsWith('buy') ? BUY_PRICES : SELL_PRICES)[type];
    const request = orderRequest({ symbol, assetClass, side, type, quantity: '2', timeInForce: 'gtc', ...prices });
    const placed = await accepted(request);
    expect(placed).toMatchObject({ symbol, side, type, quantity: '2', timeInForce: 'gtc' });
    expect(placed).not.toHaveProperty('clientOrderId');
    expect(await ledgerOrder(placed.orderId)).toMatchObject({ symbol, side, type, quantity: '2', ...plain(prices) });
    const shown = await order(placed.orderId);
    expect(shown).toMatchObject({ status: type === 'market' ? 'filled' : 'submitted', ...plain(prices) });
    expect(await broker.find(ACCOUNT, request, placed.placedAt, new Set())).toEqual(shown);
    if (type !== 'market') expect(await openOrders()).toEqual([shown]);
  });

  it('work outside of regular hours with a limit', async () => {
    const { simulator, accepted, order } = await atSchwab();
    await simulator.control('clock', { now: '2026-03-03T21:30:00Z' });
    const { orderId } = await accepted(limitBuy('150', { session: 'extended' }));
    expect(await order(orderId)).toMatchObject({ status: 'filled', executions: [{ quantity: '40', price: '150' }] });
  });

  it.each([
    ['crypto', orderRequest({ symbol: 'BTC-USD', assetClass: 'crypto' })],
    ['a market order outside of regular hours', orderRequest({ session: 'extended' })],
    ['a stop outside of regular hours', stopSell('140', { session: 'extended' })],
    [
      'an option outside of regular hours',
      limitBuy('6', { symbol: OPTION, assetClass: 'option', session: 'extended' }),
    ],
    ['an option to write', orderRequest({ symbol: OPTION, assetClass: 'option', side: 'sell_short' })],
    ['part of a share', orderRequest({ quantity: '0.5' })],
  ])('are not offered: %s', async (_, request) => {
    const { broker, simulator } = await atSchwab();
    const { requests: before } = await simulator.ledger();
    expect(await broker.place(ACCOUNT, request)).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'not_offered' },
    });
    expect(await broker.find(ACCOUNT, request, simulator.clock.now(), new Set())).toBeUndefined();
    expect((await simulator.ledger()).requests).toEqual(before);
  });

  it('need the prices of their type', async () => {
    const { broker } = await atSchwab();
    const refusal = { code: 'invalid_order', message: expect.stringContaining('limitPrice') };
    expect(await broker.place(ACCOUNT, orderRequest({ type: 'limit' }))).toEqual({ outcome: 'rejected', refusal });
  });

  it('fill in parts, each under an id of its own that stays', async () => {
    const { simulator, accepted, order } = await atSchwab();
    await simulator.market('AAPL', '149.90', '150.00', { askSize: '15' });
    const { orderId } = await accepted(limitBuy('150'));
    const first = await order(orderId);
    expect(first).toMatchObject({
      status: 'partially_filled',
      filledQuantity: '15',
      executions: [{ quantity: '15', price: '150', fee: '0', at: simulator.clock.now() }],
    });
    simulator.clock.advance(1);
    await simulator.market('AAPL', '149.80', '149.90', { askSize: '25' });
    const second = await order(orderId);
    expect(second).toMatchObject({ status: 'filled', filledQuantity: '40' });
    expect(second.executions).toHaveLength(2);
    expect(second.executions[0]).toEqual(first.executions[0]);
    expect(new Set(second.executions.map(({ executionId }) => executionId)).size).toBe(2);
  });

  it('show when a stop was reached, and not before', async () => {
    const { simulator, accepted, order } = await atSchwab([held('AAPL', '40')]);
    const request = stopSell('140', { type: 'stop_limit', limitPrice: '139' });
    const { orderId } = await accepted(request);
    simulator.clock.advance(2);
    expect(await order(orderId)).toMatchObject({ status: 'working', triggered: false, stopPrice: '140' });
    await simulator.market('AAPL', '120', '120.10', { last: '120' });
    expect(await order(orderId)).toMatchObject({ status: 'working', triggered: true, filledQuantity: '0' });
    await simulator.market('AAPL', '139.50', '139.60', { last: '139.50' });
    expect(await order(orderId)).toMatchObject({ status: 'filled', triggered: true });
  });

  it('are cancelled, and a second cancel comes too late', async () => {
    const { broker, accepted, order, openOrders } = await atSchwab();
    const { orderId } = await accepted(limitBuy());
    expect(await broker.cancel(ACCOUNT, orderId)).toEqual({ outcome: 'accepted' });
    expect(await order(orderId)).toMatchObject({ status: 'cancelled', filledQuantity: '0' });
    expect(await openOrders()).toEqual([]);
    expect(await broker.cancel(ACCOUNT, orderId)).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'too_late' },
    });
  });

  it('that Schwab does not know are undefined, and a cancel of one proves nothing', async () => {
    const { broker } = await atSchwab();
    expect(await broker.order(ACCOUNT, '1')).toBeUndefined();
    expect(await broker.cancel(ACCOUNT, '1')).toMatchObject({ outcome: 'unknown' });
  });

  it('are rounded to the tick: stops away from the market, limits never for the worse', async () => {
    const { accepted } = await atSchwab([held('AAPL', '80')]);
    expect(await accepted(stopSell('140.0199'))).toMatchObject({ stopPrice: '140.01' });
    const stopLimit = stopSell('140.0199', { type: 'stop_limit', limitPrice: '138.019' });
    expect(await accepted(stopLimit)).toMatchObject({ stopPrice: '140.01', limitPrice: '138.01' });
    expect(await accepted(limitBuy('99.999', { quantity: '1' }))).toMatchObject({ limitPrice: '99.99' });
  });
});

/** The prices that an order shows as they were sent. */
function plain(prices: {
  limitPrice?: string;
  stopPrice?: string;
  trailPercent?: string;
}): Partial<Record<string, string>> {
  const { trailPercent: _, ...shown } = prices;
  return shown;
}
