/**
 * Forms of Schwab's answers that were seen in public (docs/brokers/wire-forms.md, W1 to W5); the values are invented.
 * Sources: jwplatta/schwab_rb, spec/fixtures/orders_with_iron_condor.json (ended orders, condors, verticals) and account.json;
 * hn4002/schwab-api-scripts, docs/README.md (orders of ETFs without a symbol); go-schwab/trader, issue 27 (all fields of an
 * order); alexgolec/schwab-py, schwab/orders/common.py (words of orders); douglasmonsky/CustomAmeritrade, tests/sample_orders.py
 * (a cancelled order with fills).
 */
import { describe, expect, it } from 'vitest';
import { positionsOf, snapshotOf } from '../../../src/brokers/schwab/accounts.js';
import { contentOf, withoutNulls } from '../../../src/brokers/schwab/answers.js';
import {
  asSingleOrder,
  brokerOrder,
  isEnded,
  listedOrder,
  shownOf,
  withChildren,
} from '../../../src/brokers/schwab/broker-order.js';
import { orderBody } from '../../../src/brokers/schwab/order-body.js';
import { LevelOneQuotes } from '../../../src/brokers/schwab/quote-stream.js';
import { quotePaths, quotesOf } from '../../../src/brokers/schwab/quotes.js';
import { balancesAnswer, positionsAnswer, quotesAnswer } from '../../../src/brokers/schwab/schemas.js';
import { fromSchwabSymbol, toSchwabSymbol } from '../../../src/brokers/schwab/symbols.js';
import type { Quote } from '../../../src/domain/market.js';
import { UnexpectedAnswer } from '../../../src/wire/answers.js';
import { parseLosslessly } from '../../../src/wire/json.js';
import { OtherKind } from '../../../src/wire/listing.js';
import { orderRequest } from './schwab-fixture.js';

const wire = (json: object) => withoutNulls(parseLosslessly(JSON.stringify(json)));
const read = (json: object) => brokerOrder(asSingleOrder(listedOrder(wire(json))));

const leg = (symbol = 'AAPL', instruction = 'BUY', assetType = 'EQUITY') => ({
  ...{ orderLegType: assetType, legId: 1, instruction, positionEffect: 'OPENING', quantity: 10.0 },
  instrument: { assetType, cusip: '000000001', symbol, instrumentId: 1001 },
});

const LIMIT = {
  ...{ session: 'NORMAL', duration: 'DAY', orderType: 'LIMIT', complexOrderStrategyType: 'NONE' },
  ...{ quantity: 10.0, filledQuantity: 0.0, remainingQuantity: 10.0, price: 212.35, orderStrategyType: 'SINGLE' },
  orderLegCollection: [leg()],
  ...{ orderId: 1_004_012_345_678, cancelable: true, editable: true, status: 'WORKING', accountNumber: 41_230_987 },
  enteredTime: '2026-03-03T14:31:07+0000',
};

const activity = (executionType: string | undefined, quantity: number, price: number, activityId = 70_000_000_001) => ({
  ...{ activityType: 'EXECUTION', activityId, executionType, quantity, orderRemainingQuantity: 0.0 },
  executionLegs: [{ legId: 1, quantity, mismarkedQuantity: 0.0, price, time: '2026-03-03T14:32:12+0000' }],
});

describe('W1: an ended order', () => {
  it.each([
    ['CANCELED', 'cancelled'],
    ['REPLACED', 'cancelled'],
    ['EXPIRED', 'expired'],
    ['REJECTED', 'rejected'],
  ])('that is %s shows its end as an execution at 0, which moves nothing', (status, meaning) => {
    const ended = { ...LIMIT, status, remainingQuantity: 0.0 };
    const order = read({ ...ended, orderActivityCollection: [activity('CANCELED', 10, 0)] });
    expect(order).toMatchObject({ status: meaning, filledQuantity: '0', executions: [] });
  });

  it.each(['CANCELED', 'REPLACED', 'EXPIRED', 'UNKNOWN', 'SOMETHING_NEW', undefined])(
    'keeps its fills beside an activity of the word %s',
    (executionType) => {
      const activities = [activity('FILL', 4, 212.34), activity(executionType, 6, 0, 70_000_000_002)];
      const ended = { ...LIMIT, status: 'CANCELED', filledQuantity: 4, orderActivityCollection: activities };
      const { executions } = read(ended);
      expect(executions).toMatchObject([{ quantity: '4', price: '212.34' }]);
    },
  );

  it('reads nothing of an activity that is no fill', () => {
    const odd = {
      activityType: 'EXECUTION',
      executionType: 'CANCELED',
      quantity: null,
      executionLegs: [{ price: 'x' }],
    };
    expect(read({ ...LIMIT, status: 'CANCELED', orderActivityCollection: [odd, null, 'x'] })).toMatchObject({
      ...{ status: 'cancelled', executions: [] },
    });
  });

  it('cannot be read while its fills are fewer, or more, than it says', () => {
    for (const status of ['CANCELED', 'REPLACED', 'EXPIRED', 'REJECTED']) {
      const ended = { ...LIMIT, status, filledQuantity: 4 };
      const activities = [
        [],
        [activity('FILL', 3, 212.34)],
        [activity('FILL', 5, 212.34)],
        [activity('CANCELED', 4, 0)],
      ];
      for (const orderActivityCollection of activities) {
        expect(() => read({ ...ended, orderActivityCollection })).toThrow(UnexpectedAnswer);
      }
    }
  });

  it('has no fill at the price 0', () => {
    const ended = { ...LIMIT, status: 'CANCELED', filledQuantity: 4 };
    expect(() => read({ ...ended, orderActivityCollection: [activity('FILL', 4, 0)] })).toThrow(UnexpectedAnswer);
  });
});

describe('W2: fills that lag behind', () => {
  const filled = { ...LIMIT, status: 'FILLED', filledQuantity: 10, remainingQuantity: 0 };

  it('leave a filled order unreadable until all are there', () => {
    const fills = [activity('FILL', 4, 212.34), activity('FILL', 6, 212.35, 70_000_000_002)];
    expect(() => read(filled)).toThrow(UnexpectedAnswer);
    expect(() => read({ ...filled, orderActivityCollection: null })).toThrow(UnexpectedAnswer);
    expect(() => read({ ...filled, orderActivityCollection: fills.slice(0, 1) })).toThrow(UnexpectedAnswer);
    expect(read({ ...filled, orderActivityCollection: fills }).executions).toHaveLength(2);
  });

  it('leave a working order unreadable, too', () => {
    expect(() => read({ ...LIMIT, filledQuantity: 4 })).toThrow(UnexpectedAnswer);
    const order = read({ ...LIMIT, filledQuantity: 4, orderActivityCollection: [activity('FILL', 4, 212.34)] });
    expect(order).toMatchObject({ status: 'partially_filled', filledQuantity: '4', executions: [{ quantity: '4' }] });
  });
});

describe('W3: shares with a class', () => {
  it.each([
    ['BRK.B', 'BRK/B'],
    ['BF.A', 'BF/A'],
    ['HEI.A', 'HEI/A'],
    ['GRP.U', 'GRP/U'],
    ['OXY.WS', 'OXY/WS'],
  ])('%s is %s at Schwab', (ours, theirs) => {
    expect(toSchwabSymbol(ours)).toBe(theirs);
    expect(fromSchwabSymbol(theirs)).toBe(ours);
    expect(orderBody(orderRequest({ symbol: ours }))).toMatchObject({
      orderLegCollection: [{ instrument: { symbol: theirs, assetType: 'EQUITY' } }],
    });
    expect(read({ ...LIMIT, orderLegCollection: [leg(theirs)] })).toMatchObject({ symbol: ours });
  });

  it('are quoted under the name that Schwab has for them', () => {
    expect(quotePaths(['BRK.B'])).toEqual(['/marketdata/v1/quotes?symbols=BRK%2FB&fields=quote']);
    const entry = {
      assetMainType: 'EQUITY',
      symbol: 'BRK/B',
      quote: { bidPrice: 480.1, quoteTime: 1_772_548_267_123 },
    };
    const answer = quotesAnswer.parse(wire({ 'BRK/B': entry }));
    expect(quotesOf(['BRK.B'], answer)).toEqual([{ symbol: 'BRK.B', bid: '480.1', at: 1_772_548_267_123 }]);
  });

  it('are streamed under it', () => {
    const heard: Quote[] = [];
    new LevelOneQuotes((quote) => heard.push(quote)).hear(wire({ key: 'BRK/B', '1': 480.1 }), 7);
    expect(heard).toEqual([{ symbol: 'BRK.B', bid: '480.1', at: 7 }]);
  });

  it.each(['BAC/PRL', '/ESZ26', 'EUR/USD', '$SPX', 'MMDA1', '912810TM0'])('%s is none of them', (symbol) => {
    expect(fromSchwabSymbol(symbol)).toBeUndefined();
  });
});

describe('W4 and W5: an order that a person entered', () => {
  const option = (instruction: string) => leg('AAPL  260618C00210000', instruction, 'OPTION');
  const kinds: [string, object, string][] = [
    [
      'a vertical',
      { orderType: 'NET_DEBIT', orderLegCollection: [option('BUY_TO_OPEN'), option('SELL_TO_OPEN')] },
      '2 legs',
    ],
    ['a condor', { orderType: 'NET_CREDIT', orderLegCollection: Array(4).fill(option('BUY_TO_OPEN')) }, '4 legs'],
    ['a market-on-close', { orderType: 'MARKET_ON_CLOSE', price: null }, 'MARKET_ON_CLOSE'],
    ['one to the end of the week', { duration: 'END_OF_WEEK' }, 'END_OF_WEEK'],
    ['all or none', { specialInstruction: 'ALL_OR_NONE' }, 'ALL_OR_NONE'],
    ['a trail in dollars', { orderType: 'TRAILING_STOP', stopPriceLinkType: 'VALUE', stopPriceOffset: 2 }, 'VALUE'],
    ['so many dollars', { orderLegCollection: [{ ...leg(), quantityType: 'DOLLARS' }] }, 'DOLLARS'],
    ['a bond', { orderLegCollection: [leg('912810TM0', 'BUY', 'FIXED_INCOME')] }, 'FIXED_INCOME'],
    ['a fund that looks like a share', { orderLegCollection: [leg('VFIAX', 'BUY', 'MUTUAL_FUND')] }, 'MUTUAL_FUND'],
    ['an index', { orderLegCollection: [leg('$SPX')] }, 'symbol of another kind'],
    ['an exercise', { orderType: 'EXERCISE' }, 'EXERCISE'],
  ];

  it.each(kinds)('is known to be of another kind: %s', (_, change, reason) => {
    expect(() => read({ ...LIMIT, ...change })).toThrow(OtherKind);
    expect(() => read({ ...LIMIT, ...change })).toThrow(reason);
  });

  it('that is linked is read leg by leg, and what holds the legs together is none', () => {
    const child = (orderId: number) => ({ ...LIMIT, orderId });
    const oco = { orderStrategyType: 'OCO', orderId: 1, status: 'WORKING', childOrderStrategies: [child(2), child(3)] };
    const trigger = { ...child(4), orderStrategyType: 'TRIGGER', childOrderStrategies: [oco] };
    const ids = withChildren(wire(trigger)).map((order) => brokerOrder(asSingleOrder(order)).orderId);
    expect(ids).toEqual(['4', '2', '3']);
  });

  it.each([null, 'x', [], {}, { orderLegCollection: [null] }, { orderLegCollection: 'x', orderId: {} }])(
    'may be anything, and is no error but its own: %j',
    (row) => {
      const order = listedOrder(withoutNulls(row));
      expect(withChildren(order.json)).toEqual([order]);
      expect(isEnded(order)).toBe(false);
      expect(shownOf(order)).toEqual({});
      expect(() => asSingleOrder(order)).toThrow(UnexpectedAnswer);
    },
  );
});

describe('W4: an order of ours', () => {
  it('takes null for absent', () => {
    const nothing = {
      stopPrice: null,
      orderActivityCollection: null,
      childOrderStrategies: null,
      statusDescription: null,
    };
    const market = { ...LIMIT, ...nothing, orderType: 'MARKET', price: null };
    expect(read(market)).toMatchObject({ type: 'market', executions: [] });
    expect(read({ ...LIMIT, ...nothing })).toMatchObject({ limitPrice: '212.35' });
  });

  it.each([
    ['an unknown status', { status: 'ON_HOLD' }],
    ['no status', { status: null }],
    ['no limit', { price: null }],
    ['no stop price', { orderType: 'STOP' }],
    ['no filled quantity', { filledQuantity: null }],
    ['an unknown type', { orderType: 'UNKNOWN' }],
    ['no symbol', { orderLegCollection: [{ ...leg(), instrument: { assetType: 'EQUITY' } }] }],
    ['no legs', { orderLegCollection: null }],
  ])('is an error, and not one of another kind, with %s', (_, change) => {
    const error = caught(() => read({ ...LIMIT, ...change }));
    expect(error).toBeInstanceOf(UnexpectedAnswer);
    expect(error).not.toBeInstanceOf(OtherKind);
  });

  it('is known by its id and its symbol, even when the rest cannot be read', () => {
    const order = listedOrder(wire({ ...LIMIT, status: 'ON_HOLD', orderLegCollection: [leg('BRK/B')] }));
    expect(shownOf(order)).toEqual({ orderId: '1004012345678', symbol: 'BRK.B' });
  });
});

describe('W4: what an account holds', () => {
  const row = (symbol: string | null, assetType: string | null, more = {}) => ({
    ...{ shortQuantity: 0.0, averagePrice: 100.5, longQuantity: 40.0, marketValue: 4_020.0 },
    instrument: { assetType, cusip: '000000001', symbol, netChange: 0.91 },
    ...more,
  });
  const account = (positions: unknown[], type = 'MARGIN') => ({
    securitiesAccount: {
      ...{ type, accountNumber: '41230987', positions },
      currentBalances: { cashBalance: 25_000.0, buyingPower: 58_480.6, equity: 33_480.6, liquidationValue: 33_480.6 },
    },
    aggregatedBalance: { currentLiquidationValue: 33_480.6, liquidationValue: 33_480.6 },
  });
  const answer = (json: object) => ({ status: 200, text: JSON.stringify(json), headers: new Headers() });
  const held = (...positions: unknown[]) => positionsOf(contentOf(answer(account(positions)), positionsAnswer));

  const UNRELATED = [
    row('MMDA1', 'CASH_EQUIVALENT', { averagePrice: null }),
    row('SWVXX', 'CASH_EQUIVALENT'),
    row('912810TM0', 'FIXED_INCOME'),
    row('VFIAX', 'MUTUAL_FUND', { longQuantity: 1.234 }),
    row('$SPX', 'INDEX'),
    row(null, null, { averagePrice: null }),
    row('BAC/PRL', 'EQUITY'),
    null,
  ];

  it('is read beside anything that Arbion does not trade', () => {
    const { rows, passedOver } = held(...UNRELATED, row('AAPL', 'EQUITY'), row('BRK/B', 'EQUITY'));
    expect(rows).toEqual([
      { symbol: 'AAPL', quantity: '40', averagePrice: '100.5' },
      { symbol: 'BRK.B', quantity: '40', averagePrice: '100.5' },
    ]);
    expect(passedOver).toHaveLength(UNRELATED.length);
    expect(passedOver.slice(0, 3)).toEqual([
      { what: 'position', symbol: 'MMDA1', reason: 'a position in CASH_EQUIVALENT' },
      { what: 'position', symbol: 'SWVXX', reason: 'a position in CASH_EQUIVALENT' },
      { what: 'position', symbol: '912810TM0', reason: 'a position in FIXED_INCOME' },
    ]);
  });

  it.each(['EQUITY', 'COLLECTIVE_INVESTMENT', 'ETF', 'SOMETHING_NEW', null])('may be of the asset type %s', (type) => {
    expect(held(row('SPY', type)).rows).toMatchObject([{ symbol: 'SPY', quantity: '40' }]);
  });

  it('needs no average price', () => {
    expect(held(row('AAPL', 'EQUITY', { averagePrice: null })).rows).toEqual([{ symbol: 'AAPL', quantity: '40' }]);
  });

  it.each([{ longQuantity: null }, { shortQuantity: null }, { longQuantity: 'x' }])(
    'names our symbol when its quantity cannot be read: %j',
    (change) => {
      const { rows, passedOver } = held(row('BRK/B', 'EQUITY', change));
      expect([rows, passedOver]).toMatchObject([[], [{ what: 'position', symbol: 'BRK.B' }]]);
    },
  );

  it('hides no money, and the account’s type hides no position', () => {
    const money = { equity: '33480.6', cash: '25000', buyingPower: '58480.6' };
    expect(snapshotOf(contentOf(answer(account(UNRELATED)), balancesAnswer))).toEqual(money);
    const trust = answer(account([row('AAPL', 'EQUITY')], 'TRUST'));
    expect(positionsOf(contentOf(trust, positionsAnswer)).rows).toHaveLength(1);
    expect(() => contentOf(trust, balancesAnswer)).toThrow(UnexpectedAnswer);
  });

  it('is quoted beside entries that cannot be read', () => {
    const quote = { bidPrice: 212.3, askPrice: null, lastPrice: 212.35, quoteTime: 1_772_548_267_123 };
    const json = { AAPL: { assetMainType: 'EQUITY', quote }, MSFT: null, SPY: { assetMainType: 'EQUITY', quote: 'x' } };
    const quotes = quotesOf(['MSFT', 'SPY', 'AAPL'], contentOf(answer(json), quotesAnswer));
    expect(quotes).toEqual([{ symbol: 'AAPL', bid: '212.3', last: '212.35', at: 1_772_548_267_123 }]);
  });
});

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
