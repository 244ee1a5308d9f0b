import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, type DecimalString, decimal, decimalString } from '../../src/domain/decimal.js';
import { denyStart, notionalOf, type RiskFacts } from '../../src/domain/risk.js';
import type { TradeRequest } from '../../src/domain/trade/request.js';
import { simulatedRequest } from './trade/simulated-trade.js';

const text = decimalString;

/** AAPL at 150.00, limits of nobody in particular, and room for everything. */
function facts(changes: Partial<RiskFacts> = {}): RiskFacts {
  return {
    quote: { symbol: 'AAPL', bid: text('149.98'), ask: text('150'), at: 0 },
    session: 'regular',
    equity: text('100000'),
    buyingPower: text('50000'),
    position: text('0'),
    halted: false,
    strategyStarts: 0,
    limits: {
      ...{ perTrade: text('20000'), daily: text('40000'), concentrationPercent: text('50'), dailyLoss: null },
      avoidGoodFaithViolations: true,
    },
    usedToday: Decimal.zero,
    symbolExposure: Decimal.zero,
    realizedToday: Decimal.zero,
    ...changes,
  };
}

function limits(changes: Partial<RiskFacts['limits']>): Partial<RiskFacts> {
  return { limits: { ...facts().limits, ...changes } };
}

function request(changes: { [Key in keyof TradeRequest]?: unknown } = {}): TradeRequest {
  return simulatedRequest(changes as Partial<TradeRequest>);
}

const limit = (limitPrice: string) => ({ orderType: 'limit', limitPrice });
const short = { side: 'sell_short' };
const extended = { session: 'extended' };
const bid = text('149.98');

type Case = [what: string, trade: Parameters<typeof request>[0], facts: Partial<RiskFacts>, code: string | undefined];

const cases: Case[] = [
  ['nothing in its way', {}, {}, undefined],
  ['the kill switch on', {}, { halted: true }, 'TRADING_HALTED'],
  ['as many starts in a minute as a strategy may ask for', {}, { strategyStarts: 20 }, undefined],
  ['T27 a start more', {}, { strategyStarts: 21 }, 'STRATEGY_RUNAWAY'],
  ['a halted symbol', {}, { quote: { ...facts().quote, symbol: 'AAPL', at: 0, halted: true } }, 'SYMBOL_HALTED'],
  ['a closed market, where the broker holds the order', {}, { session: 'closed' }, undefined],
  [
    'a closed market, without waiting for the open',
    { onMarketClosed: 'reject' },
    { session: 'closed' },
    'MARKET_CLOSED',
  ],
  ['the open market', { onMarketClosed: 'reject' }, {}, undefined],
  ['the hours after the session', { onMarketClosed: 'reject', ...limit('150') }, { session: 'post' }, 'MARKET_CLOSED'],
  ['the same, asked for', { onMarketClosed: 'reject', ...limit('150'), ...extended }, { session: 'post' }, undefined],
  ['the same, for a market order', { onMarketClosed: 'reject', ...extended }, { session: 'post' }, 'MARKET_CLOSED'],
  ['no quote for a market order', {}, { quote: undefined }, 'QUOTE_UNAVAILABLE'],
  ['no ask to buy at', {}, { quote: { symbol: 'AAPL', bid, at: 0 } }, 'QUOTE_UNAVAILABLE'],
  ['no ask to sell short at', short, { quote: { symbol: 'AAPL', bid, at: 0 } }, undefined],
  ['no quote, but a limit to count with', limit('150'), { quote: undefined }, undefined],
  ['as many shares as one order may hold', { quantity: '100000', ...limit('0.02') }, { quote: undefined }, undefined],
  ['a share more', { quantity: '100001', ...limit('0.02') }, { quote: undefined }, 'QUANTITY_EXCEEDS_MAXIMUM'],
  ['exactly the limit of one trade', {}, limits({ perTrade: text('1500') }), undefined],
  ['a cent more than one trade', {}, limits({ perTrade: text('1499.99') }), 'PER_TRADE_LIMIT'],
  ['an option, a hundred times its price', { assetClass: 'option' }, {}, 'PER_TRADE_LIMIT'],
  ['exactly the day', {}, { usedToday: decimal('38500') }, undefined],
  ['a cent more than the day', {}, { usedToday: decimal('38500.01') }, 'DAILY_LIMIT'],
  [
    'a loss below its limit',
    {},
    { ...limits({ dailyLoss: text('500') }), realizedToday: decimal('-499.99') },
    undefined,
  ],
  [
    'the loss of the day reached',
    {},
    { ...limits({ dailyLoss: text('500') }), realizedToday: decimal('-500') },
    'DAILY_LOSS_LIMIT',
  ],
  [
    'a gain as big as the loss limit',
    {},
    { ...limits({ dailyLoss: text('500') }), realizedToday: decimal('500') },
    undefined,
  ],
  ['exactly its share of the equity', {}, { symbolExposure: decimal('48500') }, undefined],
  ['more than its share with orders and trades', {}, { symbolExposure: decimal('48500.01') }, 'CONCENTRATION_LIMIT'],
  ['more than its share with what is held', {}, { position: text('324') }, 'CONCENTRATION_LIMIT'],
  ['more than its share with what is owed', short, { position: text('-324') }, 'CONCENTRATION_LIMIT'],
  ['a far limit, which hides nothing held', limit('100'), { position: text('330') }, 'CONCENTRATION_LIMIT'],
  ['the same holding seen in two ways', {}, { position: text('200'), symbolExposure: decimal('30000') }, undefined],
  ['all of the buying power', {}, { buyingPower: text('1500') }, undefined],
  ['a cent more than the buying power', {}, { buyingPower: text('1499.99') }, 'BUYING_POWER'],
  ['a limit five per cent above the ask', limit('157.50'), {}, undefined],
  ['a limit further above the ask', limit('157.51'), {}, 'PRICE_COLLAR'],
  ['a limit half the bid', limit('74.99'), {}, undefined],
  ['a limit further below the bid', limit('74.98'), {}, 'PRICE_COLLAR'],
  ['a short limit far below the bid', { ...short, ...limit('142.48') }, {}, 'PRICE_COLLAR'],
  ['a short limit half above the ask', { ...short, ...limit('225') }, {}, undefined],
  ['a stop below the bid', { stopLoss: { price: '149.97' } }, {}, undefined],
  ['a stop at the bid', { stopLoss: { price: '149.98' } }, {}, 'STOP_THROUGH_MARKET'],
  ['a short with a stop at the ask', { ...short, stopLoss: { price: '150' } }, {}, 'STOP_THROUGH_MARKET'],
  ['a short with a stop above the ask', { ...short, stopLoss: { price: '150.01' } }, {}, undefined],
];

describe('a start with', () => {
  it.each(cases)('%s', (_, trade, situation, code) => {
    expect(denyStart(request(trade), facts(situation))?.code).toBe(code);
  });

  it('a limit broken says which, how much, and what was tried', () => {
    expect(denyStart(request(), facts({ usedToday: decimal('39000') }))).toEqual({
      code: 'DAILY_LIMIT',
      message: expect.any(String),
      limit: '40000',
      value: '39000',
      attempted: '1500',
    });
  });
});

const cents = (max: number) =>
  fc.integer({ min: 1, max }).map((units) => decimal(`${units}`).dividedBy(Decimal.ofInteger(100)));
const order = fc.record({
  quantity: fc.integer({ min: 1, max: 200 }).map((quantity) => `${quantity}`),
  price: cents(30_000),
  assetClass: fc.constantFrom('equity', 'option'),
});

describe('whatever is asked for', () => {
  it('the accepted never pass a limit together', () => {
    fc.assert(
      fc.property(fc.array(order, { maxLength: 40 }), cents(1_000_000), cents(3_000_000), (orders, perTrade, daily) => {
        const bounds = {
          perTrade: perTrade.toString(),
          daily: daily.toString(),
          concentrationPercent: text('30'),
          dailyLoss: null,
          avoidGoodFaithViolations: true,
        };
        const most = decimal('30000');
        let used = Decimal.zero;
        for (const { quantity, price, assetClass } of orders) {
          const trade = request({ quantity, assetClass, ...limit(price.toString()) });
          const situation = facts({ quote: undefined, limits: bounds, usedToday: used, symbolExposure: used });
          if (denyStart(trade, situation)) continue;
          const notional = notionalOf(trade, price);
          expect(notional.atMost(perTrade)).toBe(true);
          used = used.plus(notional);
          expect(used.atMost(daily) && used.atMost(most)).toBe(true);
        }
      }),
    );
  });

  it('less of it is never refused where more was accepted', () => {
    fc.assert(
      fc.property(order, fc.integer({ min: 1, max: 200 }), cents(5_000_000), (wanted, less, used) => {
        const ask = (quantity: string) =>
          denyStart(
            request({ quantity, assetClass: wanted.assetClass, ...limit(wanted.price.toString()) }),
            facts({ quote: undefined, usedToday: used }),
          );
        fc.pre(less <= Number(wanted.quantity) && ask(wanted.quantity) === undefined);
        expect(ask(`${less}`)).toBeUndefined();
      }),
    );
  });
});

it('counts an option contract as a hundred of its underlying', () => {
  const trade = request({ assetClass: 'option', quantity: '2' as DecimalString });
  expect(notionalOf(trade, decimal('1.5')).toString()).toBe('300');
});
