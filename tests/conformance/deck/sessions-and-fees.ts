/** When an order may trade, and what a trade costs. */
import { expect } from 'vitest';
import { Decimal, decimal } from '../../../src/domain/decimal.js';
import { type Bench, SYMBOLS } from '../bench.js';
import { type Card, from, group, NOT_OFFERED } from '../card.js';
import { exact, filledValue, isLive } from '../order-facts.js';
import { ACCOUNT } from '../venues.js';

const NEVER_CLOSES = 'coins trade day and night';
/** The clock begins at ten in the morning. */
const EVENING_SECONDS = 6.5 * 3_600;
const NIGHT_SECONDS = 10.5 * 3_600;

/** Only of what has hours. */
const withHours =
  (play: (bench: Bench) => Promise<undefined>): Card['play'] =>
  (bench) =>
    bench.assetClass === 'crypto' ? Promise.resolve(NEVER_CLOSES) : play(bench);

/** Only where coins are traded. */
const withCoins =
  (play: Card['play']): Card['play'] =>
  (bench) =>
    bench.capabilities.orderTypes.crypto.length > 0 ? play(bench) : Promise.resolve(NOT_OFFERED);

const coins = { symbol: SYMBOLS.crypto, assetClass: 'crypto' } as const;

async function coinsHeld(bench: Bench): Promise<Decimal> {
  const { rows } = await bench.broker.positions(ACCOUNT);
  return decimal(rows.find(({ symbol }) => symbol === SYMBOLS.crypto)?.quantity ?? exact('0').toString());
}

const HOURS = 'F51; the brokers’ pages on extended hours (docs/brokers)';
const FEES = 'W9 (Alpaca, “Crypto Spot Trading Fees”); Coinbase’s `commission` (CDP reference)';

export const sessionsAndFees = group('sessions and fees', HOURS, {
  'an order of the regular session does not fill in the evening': withHours(async (bench) => {
    const { orderId } = await bench.placed(bench.entry());
    bench.advance(EVENING_SECONDS);
    await bench.market('130', '130.1');
    const order = await bench.order(orderId);
    expect(order.filledQuantity).toBe('0');
    expect(isLive(order)).toBe(true);
    return undefined;
  }),
  'a stop does not sell in the evening, whatever is traded then': withHours(async (bench) => {
    const { orderId } = await bench.placed(bench.stop());
    bench.advance(EVENING_SECONDS);
    await bench.market('130', '130.1');
    expect(await bench.order(orderId)).toMatchObject({ filledQuantity: '0', triggered: false });
    return undefined;
  }),
  'an order of the extended session that rests in the evening is over at night': withHours(async (bench) => {
    bench.advance(EVENING_SECONDS);
    const request = bench.entry({ timeInForce: 'day', session: 'extended' });
    const { orderId } = await bench.placed(request);
    expect(isLive(await bench.order(orderId))).toBe(true);
    bench.advance(NIGHT_SECONDS - EVENING_SECONDS);
    expect(await bench.order(orderId)).toMatchObject({ status: 'expired', filledQuantity: '0' });
    return undefined;
  }),
  'an order of the extended session that has filled in part keeps its fills at night': withHours(async (bench) => {
    bench.advance(EVENING_SECONDS);
    const { orderId } = await bench.placed(bench.entry({ timeInForce: 'day', session: 'extended' }));
    await bench.fill(orderId, '15', '140');
    bench.advance(NIGHT_SECONDS - EVENING_SECONDS);
    expect(await bench.order(orderId)).toMatchObject({ status: 'expired', filledQuantity: '15' });
    return undefined;
  }),
  'a look at night shows a closed market, and the orders that wait': withHours(async (bench) => {
    const { orderId } = await bench.placed(bench.stop());
    bench.advance(NIGHT_SECONDS);
    const look = await bench.broker.look(ACCOUNT, bench.symbol, bench.assetClass, [orderId], 0);
    expect(look).toMatchObject({ session: 'closed', orders: [{ orderId, filledQuantity: '0' }] });
    return undefined;
  }),
  'a limit that is placed in the closed market rests till the open, and fills then': withHours(async (bench) => {
    await bench.simulator.fault('session_close', '*');
    const { orderId } = await bench.placed(bench.entry({ limitPrice: '150' }));
    expect(await bench.order(orderId)).toMatchObject({ filledQuantity: '0' });
    await bench.simulator.fault('session_open', '*');
    await bench.market('149.9', '150');
    expect(await bench.order(orderId)).toMatchObject({ status: 'filled', filledQuantity: '40' });
    return undefined;
  }),
  'what is held of a purchase of coins is never less than the broker’s fee in kind leaves': from(
    FEES,
    withCoins(async (bench) => {
      const before = await coinsHeld(bench);
      const order = await bench.placed(bench.marketEntry({ ...coins, quantity: '2' }));
      expect(order.filledQuantity).toBe('2');
      const got = (await coinsHeld(bench)).minus(before);
      const share = decimal(bench.capabilities.feeInKind?.crypto ?? Decimal.zero.toString());
      expect(exact('2').times(Decimal.one.minus(share)).atMost(got)).toBe(true);
      return got.equals(exact('2')) ? 'all of it' : `${got} of 2`;
    }),
  ),
  'the first stop for a purchase of coins fits what is held after the fee': from(
    FEES,
    withCoins(async (bench) => {
      const all = await coinsHeld(bench);
      await bench.placed(bench.exit({ ...coins, quantity: all.toString() }));
      await bench.placed(bench.marketEntry({ ...coins, quantity: '2' }));
      const share = decimal(bench.capabilities.feeInKind?.crypto ?? Decimal.zero.toString());
      const quantity = exact('2').times(Decimal.one.minus(share)).roundedTo(8, 'down').toString();
      const stop = { ...coins, quantity, type: 'stop_limit', stopPrice: '140', limitPrice: '133' } as const;
      const { orderId } = await bench.placed(bench.request('stop', { ...stop, timeInForce: 'gtc' }));
      expect(await bench.live()).toMatchObject([{ orderId, quantity }]);
      return undefined;
    }),
  ),
  'a sale of coins brings its value less its fee in dollars': from(
    FEES,
    withCoins(async (bench) => {
      const before = await bench.broker.accountSnapshot(ACCOUNT);
      const order = await bench.placed(bench.exit({ ...coins, quantity: '2' }));
      const after = await bench.broker.accountSnapshot(ACCOUNT);
      const fees = Decimal.sum(order.executions.map(({ fee }) => decimal(fee)));
      const got = decimal(after.cash).minus(decimal(before.cash));
      const whole = filledValue(order);
      expect(got.atMost(whole.minus(fees))).toBe(true);
      expect(whole.times(exact('0.99')).atMost(got)).toBe(true);
      return fees.isZero() && !got.equals(whole) ? 'the fills show no fee' : undefined;
    }),
  ),
  'each piece of a fill has its own fee, and they add up to what the cash is less by': from(
    FEES,
    withCoins(async (bench) => {
      const before = await bench.broker.accountSnapshot(ACCOUNT);
      const { orderId } = await bench.placed(bench.entry({ ...coins, quantity: '3' }));
      for (const piece of ['1', '0.5', '1.5']) await bench.fill(orderId, piece, '139.99');
      const order = await bench.order(orderId);
      expect(order.executions).toHaveLength(3);
      const fees = Decimal.sum(order.executions.map(({ fee }) => decimal(fee)));
      const after = await bench.broker.accountSnapshot(ACCOUNT);
      const paid = decimal(before.cash).minus(decimal(after.cash));
      expect(paid.toString()).toBe(filledValue(order).plus(fees).toString());
      return fees.isZero() ? 'the fee is taken in coins' : undefined;
    }),
  ),
});
