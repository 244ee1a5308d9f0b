/** The examples of Schwab's wire contract: what is read is understood, what is sent is what the examples show. */
import { stringify } from 'lossless-json';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { positionsOf, snapshotOf } from '../../../src/brokers/schwab/accounts.js';
import { contentOf, createdOrderId, summaryOf } from '../../../src/brokers/schwab/answers.js';
import { asSingleOrder, brokerOrder, listedOrder, withChildren } from '../../../src/brokers/schwab/broker-order.js';
import { candlesOf } from '../../../src/brokers/schwab/candles.js';
import { orderBody } from '../../../src/brokers/schwab/order-body.js';
import { STATUSES } from '../../../src/brokers/schwab/order-enums.js';
import { fits } from '../../../src/brokers/schwab/order-terms.js';
import { quotesOf } from '../../../src/brokers/schwab/quotes.js';
import {
  accountNumbers,
  balancesAnswer,
  positionsAnswer,
  priceHistory,
  quotesAnswer,
} from '../../../src/brokers/schwab/schemas.js';
import type { BrokerOrder, OrderRequest } from '../../../src/domain/order.js';
import { UnexpectedAnswer } from '../../../src/wire/answers.js';
import { parseLosslessly } from '../../../src/wire/json.js';
import { OtherKind } from '../../../src/wire/listing.js';
import { OPTION, orderRequest, stopSell } from './schwab-fixture.js';

const answer = (text: string, status = 200, headers: Record<string, string> = {}) => ({
  ...{ status, text, headers: new Headers(headers) },
});
const read = <Schema extends z.ZodType>(text: string, schema: Schema) => contentOf(answer(text), schema);

const single = (text: string) => asSingleOrder(listedOrder(read(text, z.unknown())));
const orderOf = (text: string): BrokerOrder => brokerOrder(single(text));

const PARTLY_FILLED = `{
  "session": "NORMAL", "duration": "DAY", "orderType": "LIMIT", "complexOrderStrategyType": "NONE",
  "quantity": 40.0, "filledQuantity": 15.0, "remainingQuantity": 25.0,
  "requestedDestination": "AUTO", "destinationLinkName": "DEMO", "price": 212.35,
  "orderLegCollection": [
    { "orderLegType": "EQUITY", "legId": 1,
      "instrument": { "assetType": "EQUITY", "cusip": "000000001", "symbol": "AAPL", "instrumentId": 1001 },
      "instruction": "BUY", "positionEffect": "OPENING", "quantity": 40.0 } ],
  "orderStrategyType": "SINGLE", "orderId": 1004012345678, "cancelable": true, "editable": true, "status": "WORKING",
  "enteredTime": "2026-03-03T14:31:07+0000", "tag": "DEMO_TAG", "accountNumber": 41230987,
  "orderActivityCollection": [
    { "activityType": "EXECUTION", "activityId": 70000000001, "executionType": "FILL",
      "quantity": 15.0, "orderRemainingQuantity": 25.0,
      "executionLegs": [
        { "legId": 1, "quantity": 15.0, "mismarkedQuantity": 0.0, "price": 212.34, "time": "2026-03-03T14:31:09+0000", "instrumentId": 1001 } ] } ]
}`;

const RESTING_STOP = `{ "session": "NORMAL", "duration": "GOOD_TILL_CANCEL", "orderType": "STOP", "cancelTime": "2026-08-31", "complexOrderStrategyType": "NONE",
  "quantity": 40.0, "filledQuantity": 0.0, "remainingQuantity": 40.0, "stopPrice": 198.4, "stopType": "STANDARD",
  "orderLegCollection": [ { "orderLegType": "EQUITY", "legId": 1, "instrument": { "assetType": "EQUITY", "cusip": "000000001", "symbol": "AAPL", "instrumentId": 1001 },
    "instruction": "SELL", "positionEffect": "CLOSING", "quantity": 40.0 } ],
  "orderStrategyType": "SINGLE", "orderId": 1004012349999, "cancelable": true, "editable": true, "status": "AWAITING_STOP_CONDITION",
  "enteredTime": "2026-03-03T14:31:12+0000", "tag": "DEMO_TAG", "accountNumber": 41230987 }`;

describe('what is sent to Schwab', () => {
  const examples: [string, OrderRequest, string][] = [
    [
      'a limit buy',
      orderRequest({ type: 'limit', limitPrice: '212.35' }),
      `{ "orderType": "LIMIT", "session": "NORMAL", "duration": "DAY", "price": "212.35", "orderStrategyType": "SINGLE",
         "orderLegCollection": [ { "instruction": "BUY", "quantity": 40, "instrument": { "symbol": "AAPL", "assetType": "EQUITY" } } ] }`,
    ],
    [
      'a market order',
      orderRequest(),
      `{ "orderType": "MARKET", "session": "NORMAL", "duration": "DAY", "orderStrategyType": "SINGLE",
         "orderLegCollection": [ { "instruction": "BUY", "quantity": 40, "instrument": { "symbol": "AAPL", "assetType": "EQUITY" } } ] }`,
    ],
    [
      'a protective stop',
      stopSell('198.4'),
      `{ "orderType": "STOP", "session": "NORMAL", "duration": "GOOD_TILL_CANCEL", "stopPrice": "198.40", "orderStrategyType": "SINGLE",
         "orderLegCollection": [ { "instruction": "SELL", "quantity": 40, "instrument": { "symbol": "AAPL", "assetType": "EQUITY" } } ] }`,
    ],
    [
      'an option',
      orderRequest({ symbol: OPTION, assetClass: 'option', type: 'limit', limitPrice: '6.45', quantity: '2' }),
      `{ "complexOrderStrategyType": "NONE", "orderType": "LIMIT", "session": "NORMAL", "duration": "DAY", "price": "6.45",
         "orderStrategyType": "SINGLE",
         "orderLegCollection": [ { "instruction": "BUY_TO_OPEN", "quantity": 2, "instrument": { "symbol": "AAPL  260618C00210000", "assetType": "OPTION" } } ] }`,
    ],
    [
      'a trailing stop',
      orderRequest({ side: 'sell', type: 'trailing_stop', trailPercent: '10', timeInForce: 'gtc' }),
      `{ "orderType": "TRAILING_STOP", "session": "NORMAL", "duration": "GOOD_TILL_CANCEL",
         "stopPriceLinkBasis": "LAST", "stopPriceLinkType": "PERCENT", "stopPriceOffset": 10, "orderStrategyType": "SINGLE",
         "orderLegCollection": [ { "instruction": "SELL", "quantity": 40, "instrument": { "symbol": "AAPL", "assetType": "EQUITY" } } ] }`,
    ],
    [
      'a limit outside of regular hours, below a dollar',
      orderRequest({ type: 'limit', limitPrice: '0.5', session: 'extended' }),
      `{ "orderType": "LIMIT", "session": "SEAMLESS", "duration": "DAY", "price": "0.50", "orderStrategyType": "SINGLE",
         "orderLegCollection": [ { "instruction": "BUY", "quantity": 40, "instrument": { "symbol": "AAPL", "assetType": "EQUITY" } } ] }`,
    ],
  ];
  it.each(examples)('is as documented: %s', (_, request, example) => {
    const sent = stringify(orderBody(request)) ?? '';
    expect(sent).toBe(stringify(JSON.parse(example)));
  });
});

describe('orders that Schwab shows', () => {
  it('are understood when partly filled', () => {
    expect(orderOf(PARTLY_FILLED)).toEqual({
      ...{ orderId: '1004012345678', symbol: 'AAPL', side: 'buy', type: 'limit', quantity: '40', limitPrice: '212.35' },
      ...{ filledQuantity: '15', timeInForce: 'day', status: 'partially_filled', triggered: false },
      placedAt: Date.parse('2026-03-03T14:31:07Z'),
      executions: [
        {
          ...{ executionId: '1004012345678-70000000001-1', quantity: '15', price: '212.34', fee: '0' },
          at: Date.parse('2026-03-03T14:31:09Z'),
        },
      ],
    });
  });

  it('are understood as resting stops, and after the trigger', () => {
    const resting = { status: 'working', triggered: false, stopPrice: '198.4', timeInForce: 'gtc', side: 'sell' };
    expect(orderOf(RESTING_STOP)).toMatchObject(resting);
    expect(orderOf(RESTING_STOP.replace('AWAITING_STOP_CONDITION', 'WORKING'))).toMatchObject({ triggered: true });
    for (const status of ['PENDING_CANCEL', 'CANCELED', 'PENDING_ACTIVATION']) {
      const order = orderOf(RESTING_STOP.replace('AWAITING_STOP_CONDITION', status));
      expect(order).toMatchObject({ triggered: false });
    }
  });

  it.each(Object.entries(STATUSES).filter(([word]) => word !== 'FILLED'))('are %s', (word, status) => {
    expect(orderOf(RESTING_STOP.replace('AWAITING_STOP_CONDITION', word))).toMatchObject({ status });
  });

  it('are FILLED with their whole quantity only', () => {
    const filled = RESTING_STOP.replace('AWAITING_STOP_CONDITION', 'FILLED');
    expect(() => orderOf(filled)).toThrow(UnexpectedAnswer);
    const fill = `{ "executionType": "FILL", "executionLegs": [ { "quantity": 40.0, "price": 198.39, "time": "2026-03-03T15:01:00+0000" } ] }`;
    const whole = filled.replace(
      '"filledQuantity": 0.0',
      `"orderActivityCollection": [ ${fill} ], "filledQuantity": 40.0`,
    );
    expect(orderOf(whole)).toMatchObject({ status: 'filled', filledQuantity: '40', triggered: true });
  });

  it('keep their fills when cancelled, and are never partly filled then', () => {
    const cancelled = PARTLY_FILLED.replace('WORKING', 'CANCELED');
    expect(orderOf(cancelled)).toMatchObject({ status: 'cancelled', filledQuantity: '15', executions: [{}] });
  });

  it.each([
    ['status', 'WORKING', 'UNKNOWN'],
    ['status', 'WORKING', 'ON_HOLD'],
    ['status', 'WORKING', 'constructor'],
    ['orderType', '"LIMIT"', '"LIMIT_IF_TOUCHED"'],
    ['duration', '"DAY"', '"UNKNOWN"'],
    ['instruction', '"BUY"', '"BUY_SOMEHOW"'],
    ['execution', '"FILL"', '"CORRECTION"'],
    ['quantity', '"filledQuantity": 15.0', '"filledQuantity": "some"'],
    ['missing field', '"filledQuantity": 15.0,', ''],
    ['time', '2026-03-03T14:31:07+0000', '2026-03-03'],
  ])('raise for a %s that is not known', (_, known, unknown) => {
    expect(() => orderOf(PARTLY_FILLED.replace(known, unknown))).toThrow(UnexpectedAnswer);
  });

  it('are left alone when Arbion never sends their kind', () => {
    const kinds = [
      PARTLY_FILLED.replace('"LIMIT"', '"NET_DEBIT"'),
      PARTLY_FILLED.replace('"DAY"', '"END_OF_WEEK"'),
      PARTLY_FILLED.replace('"symbol": "AAPL"', '"symbol": "912810TM0"'),
      '{ "orderStrategyType": "OCO", "orderId": 1, "status": "SOMETHING_NEW", "childOrderStrategies": [] }',
    ];
    for (const text of kinds) expect(() => single(text)).toThrow(OtherKind);
  });

  it('are found inside of brackets, however deep', () => {
    const bracket = `{ "orderStrategyType": "TRIGGER", "childOrderStrategies": [
      { "orderStrategyType": "OCO", "childOrderStrategies": [ ${RESTING_STOP}, ${PARTLY_FILLED} ] } ] }`;
    const ids = withChildren(read(bracket, z.unknown())).map((order) => asSingleOrder(order).orderId);
    expect(ids).toEqual(['1004012349999', '1004012345678']);
  });

  it('count a fill once, and two that are alike twice', () => {
    const [, leg = ''] = /"executionLegs": \[\s*(\{[^}]+\})/.exec(PARTLY_FILLED) ?? [];
    const activity = (id: string, ...legs: string[]) =>
      `{ "activityType": "EXECUTION", ${id} "executionType": "FILL", "executionLegs": [ ${legs.join(',')} ] }`;
    const idsOf = (filled: number, ...activities: string[]) => {
      const order = PARTLY_FILLED.replace('"filledQuantity": 15.0', `"filledQuantity": ${filled}`);
      const start = order.slice(0, order.indexOf('"orderActivityCollection"'));
      const { executions } = orderOf(`${start} "orderActivityCollection": [ ${activities.join(',')} ] }`);
      return executions.map(({ executionId }) => executionId.slice('1004012345678-'.length));
    };
    const [first, second] = ['"activityId": 7,', '"activityId": 8,'];
    expect(idsOf(30, activity(first, leg), activity(first, leg), activity(second, leg))).toEqual(['7-1', '8-1']);
    expect(idsOf(30, activity(first, leg, leg))).toEqual(['7-1', '7-1-2']);
    const at = Date.parse('2026-03-03T14:31:09Z');
    expect(idsOf(30, activity('', leg), activity('', leg))).toEqual([`${at}-212.34-15`, `${at}-212.34-15-2`]);
    const note = '{ "activityType": "ORDER_ACTION" }';
    expect(idsOf(15, note, activity(first, leg))).toEqual(['7-1']);
  });

  it('fit what was sent by amount, not by spelling', () => {
    const body = orderBody(stopSell('198.40'));
    if ('refusal' in body) throw new Error(body.refusal.message);
    const entered = Date.parse('2026-03-03T14:31:12Z');
    expect(fits(single(RESTING_STOP), body, entered + 120_000)).toBe(true);
    expect(fits(single(RESTING_STOP), body, entered + 120_001)).toBe(false);
    expect(fits(single(RESTING_STOP.replace('198.4,', '198.41,')), body, entered)).toBe(false);
    expect(() => single(RESTING_STOP.replace('"stopPrice": 198.4,', ''))).toThrow(UnexpectedAnswer);
  });
});

describe('what else Schwab shows', () => {
  const MARGIN = `{ "securitiesAccount": { "type": "MARGIN", "accountNumber": "41230987", "roundTrips": 0, "isDayTrader": false,
    "positions": [ { "shortQuantity": 0, "averagePrice": 211.105, "longQuantity": 40, "settledLongQuantity": 40,
      "instrument": { "assetType": "EQUITY", "cusip": "000000001", "symbol": "AAPL", "netChange": 0.91 }, "marketValue": 8480.6 } ],
    "initialBalances": { "cashBalance": 25000.0, "buyingPower": 50000.0, "equity": 33480.6 },
    "currentBalances": { "cashBalance": 25000.0, "availableFunds": 29240.3, "buyingPower": 58480.6, "equity": 33480.6,
      "liquidationValue": 33480.6, "shortBalance": 0.0 } },
    "aggregatedBalance": { "currentLiquidationValue": 33480.6, "liquidationValue": 33480.6 } }`;

  const held = (text: string) => positionsOf(read(text, positionsAnswer)).rows;

  it('is a margin account', () => {
    const cash = { equity: '33480.6', cash: '25000', buyingPower: '58480.6', dayTrades: 0 };
    expect(snapshotOf(read(MARGIN, balancesAnswer))).toEqual(cash);
    expect(held(MARGIN)).toEqual([{ symbol: 'AAPL', quantity: '40', averagePrice: '211.105' }]);
  });

  it('is a cash account, with ten million as Java writes it', () => {
    const text = `{ "securitiesAccount": { "type": "CASH", "currentBalances": { "totalCash": 1.25E7, "cashAvailableForTrading": 1.0E-2 } },
         "aggregatedBalance": { "liquidationValue": 12500000.5 } }`;
    const cash = { equity: '12500000.5', cash: '12500000', buyingPower: '0.01' };
    expect(snapshotOf(read(text, balancesAnswer))).toEqual(cash);
    expect(held(text)).toEqual([]);
  });

  // The fields: go-schwab/trader, issue 49. What may be traded with less what has not settled: a public trading program.
  it('shows what of a cash account has settled, and the day trades of one with margin', () => {
    const cash = (
      unsettled: string,
    ) => `{ "securitiesAccount": { "type": "CASH", "currentBalances": { "totalCash": 900.5,
         "cashAvailableForTrading": 1000.25, "unsettledCash": ${unsettled} } }, "aggregatedBalance": { "liquidationValue": 1 } }`;
    expect(snapshotOf(read(cash('600.2'), balancesAnswer))).toMatchObject({ settledCash: '400.05' });
    expect(snapshotOf(read(cash('2000'), balancesAnswer))).toMatchObject({ settledCash: '0' });
    expect(snapshotOf(read(cash('null'), balancesAnswer))).not.toHaveProperty('settledCash');
    const trader = MARGIN.replace('"roundTrips": 0, "isDayTrader": false', '"roundTrips": 3, "isDayTrader": true');
    expect(snapshotOf(read(trader, balancesAnswer))).toMatchObject({ dayTrades: 3, isDayTrader: true });
    const odd = MARGIN.replace('"roundTrips": 0, "isDayTrader": false', '"roundTrips": -1, "isDayTrader": null');
    expect(snapshotOf(read(odd, balancesAnswer))).toEqual({ equity: '33480.6', cash: '25000', buyingPower: '58480.6' });
  });

  it('leaves out positions in what Arbion does not trade, and those that are nothing', () => {
    expect(held(MARGIN.replace('"symbol": "AAPL"', '"symbol": "912810TM0"'))).toEqual([]);
    expect(held(MARGIN.replace('"shortQuantity": 0', '"shortQuantity": 40'))).toEqual([]);
  });

  it('raises for an account of another type, and for one without its money', () => {
    expect(() => read(MARGIN.replace('"MARGIN"', '"TRUST"'), balancesAnswer)).toThrow(UnexpectedAnswer);
    expect(() => read(MARGIN.replace('"buyingPower": 58480.6,', ''), balancesAnswer)).toThrow(UnexpectedAnswer);
  });

  it('are account numbers', () => {
    const text = '[ { "accountNumber": "41230987", "hashValue": "7F3C1E0A" } ]';
    expect(read(text, accountNumbers)).toEqual([{ accountNumber: '41230987', hashValue: '7F3C1E0A' }]);
  });

  const QUOTES = `{ "AAPL": { "assetMainType": "EQUITY", "assetSubType": "COE", "quoteType": "NBBO", "realtime": true, "symbol": "AAPL",
      "quote": { "52WeekHigh": 260.1, "askPrice": 212.4, "askSize": 3, "askTime": 1772548267123, "bidPrice": 212.3, "bidSize": 5,
        "lastPrice": 212.35, "mark": 212.35, "quoteTime": 1772548267123, "tradeTime": 1772548266990 },
      "reference": { "cusip": "000000001" } },
    "errors": { "invalidSymbols": ["ZZZZZ"] } }`;

  it('are quotes', () => {
    const times = { at: 1_772_548_267_123, lastAt: 1_772_548_266_990 };
    const quote = { symbol: 'AAPL', bid: '212.3', ask: '212.4', last: '212.35', ...times };
    expect(quotesOf(['AAPL', 'ZZZZZ', 'errors'], read(QUOTES, quotesAnswer))).toEqual([quote]);
    const noBid = read(QUOTES.replace('"bidPrice": 212.3', '"bidPrice": 0.0'), quotesAnswer);
    expect(quotesOf(['AAPL'], noBid)).toEqual([{ symbol: 'AAPL', ask: '212.4', last: '212.35', ...times }]);
    const noTime = read(QUOTES.replace('"quoteTime": 1772548267123,', ''), quotesAnswer);
    expect(quotesOf(['AAPL'], noTime)).toEqual([]);
  });

  it('are candles', () => {
    const text = `{ "candles": [ { "open": 211.5, "high": 211.9, "low": 211.3, "close": 211.8, "volume": 512345, "datetime": 1772523000000 } ],
      "symbol": "AAPL", "empty": false, "previousClose": 211.1, "previousCloseDate": 1772434800000 }`;
    expect(candlesOf(read(text, priceHistory))).toEqual([
      { at: 1_772_523_000_000, open: '211.5', high: '211.9', low: '211.3', close: '211.8', volume: '512345' },
    ]);
  });

  it('is the id of a new order, of the account that was asked for', () => {
    const location = (text: string) => answer('', 201, { location: text });
    const base = 'https://api.schwabapi.com/trader/v1/accounts/7F3C5E6F/orders';
    expect(createdOrderId(location(`${base}/1004012345678`), '7F3C5E6F')).toBe('1004012345678');
    for (const wrong of [base, `${base}/`, `${base}/12a`, 'garbage', '']) {
      expect(createdOrderId(location(wrong), '7F3C5E6F')).toBeUndefined();
    }
    expect(createdOrderId(location(`${base}/1004012345678`), 'OTHER')).toBeUndefined();
    expect(createdOrderId(answer('', 201), '7F3C5E6F')).toBeUndefined();
  });

  it('are errors, with the id that Schwab’s support asks for', () => {
    const headers = { 'Schwab-Client-CorrelId': '0d7a3b54' };
    const gateway = '{"errors":[{"id":"1","status":401,"title":"Unauthorized","detail":"Client not authorized"}]}';
    expect(summaryOf(answer(gateway, 401, headers))).toBe(
      "HTTP 401: Client not authorized (Schwab's correlation id 0d7a3b54)",
    );
    expect(summaryOf(answer('{"message":"Not valid","errors":["Not valid","Really"]}', 400))).toBe(
      'HTTP 400: Not valid · Really',
    );
    expect(summaryOf(answer('<html></html>', 503))).toBe('HTTP 503');
    expect(() => contentOf(answer('{"message":"no"}', 500), accountNumbers)).toThrow('HTTP 500: no');
  });

  it('keeps its numbers as they were written', () => {
    expect(parseLosslessly('{"a":1004012345678901234567,"b":0.10}')).toEqual({
      a: '1004012345678901234567',
      b: '0.10',
    });
  });
});
