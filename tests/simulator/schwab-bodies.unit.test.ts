import { describe, expect, it } from 'vitest';
import { type OrderFields, readStrategy, type SingleOrder } from '../../src/simulator/schwab/order-body.js';
import { toOrderRequest } from '../../src/simulator/schwab/order-mapping.js';
import { fromSchwabSymbol, toSchwabSymbol } from '../../src/simulator/schwab/symbols.js';

const limitBuy = {
  ...{ orderType: 'LIMIT', session: 'NORMAL', duration: 'DAY', price: '212.35', orderStrategyType: 'SINGLE' },
  orderLegCollection: [{ instruction: 'BUY', quantity: 40, instrument: { symbol: 'AAPL', assetType: 'EQUITY' } }],
};
const stop = {
  ...{ orderType: 'STOP', session: 'NORMAL', duration: 'GOOD_TILL_CANCEL', stopPrice: '198.40' },
  orderStrategyType: 'SINGLE',
  orderLegCollection: [{ instruction: 'SELL', quantity: 40, instrument: { symbol: 'AAPL', assetType: 'EQUITY' } }],
};

function single(body: unknown): SingleOrder {
  const read = readStrategy(body);
  if ('problem' in read || read.orderStrategyType !== 'SINGLE') throw new Error(JSON.stringify(read));
  return read;
}

const requestOf = (body: unknown) => toOrderRequest(single(body), 'id');

describe('a Schwab order body', () => {
  it('becomes a request of the matching engine', () => {
    expect(requestOf(limitBuy)).toEqual({
      ...{ clientOrderId: 'id', symbol: 'AAPL', assetClass: 'equity', side: 'buy', type: 'limit', quantity: '40' },
      ...{ limitPrice: '212.35', timeInForce: 'day', session: 'regular' },
    });
    expect(requestOf(stop)).toMatchObject({ side: 'sell', type: 'stop', stopPrice: '198.4', timeInForce: 'gtc' });
  });

  it('takes prices as numbers too, exactly', () => {
    expect(requestOf({ ...limitBuy, price: 0.1 })).toMatchObject({ limitPrice: '0.1' });
    expect(requestOf({ ...limitBuy, price: 123456.78 })).toMatchObject({ limitPrice: '123456.78' });
  });

  it('trails by percent', () => {
    const trail = { orderType: 'TRAILING_STOP', stopPriceLinkBasis: 'BID', stopPriceLinkType: 'PERCENT' };
    const { stopPrice: _, ...rest } = stop;
    const request = requestOf({ ...rest, ...trail, stopPriceOffset: 10 });
    expect(request).toMatchObject({ type: 'trailing_stop', trailPercent: '10' });
    expect(request).not.toHaveProperty('stopPrice');
  });

  it('may be a trigger with an exit pair', () => {
    const children = [{ orderStrategyType: 'OCO', childOrderStrategies: [{ ...stop, stopPrice: '150' }, stop] }];
    const bracket = { ...limitBuy, orderStrategyType: 'TRIGGER', childOrderStrategies: children };
    expect(readStrategy(bracket)).toMatchObject({ orderStrategyType: 'TRIGGER', orderType: 'LIMIT' });
  });

  it.each(['requestedDestination', 'tag', 'clientOrderId', 'orderId'])('is refused with %s', (field) => {
    expect(readStrategy({ ...limitBuy, [field]: 'X' })).toHaveProperty('problem');
  });

  it.each([
    ['no legs', { orderLegCollection: [] }],
    ['a price in words', { price: 'much' }],
    ['a negative price', { price: '-1' }],
    ['an unknown duration', { duration: 'FOREVER' }],
    ['an unknown strategy', { orderStrategyType: 'PAIR' }],
  ])('is refused with %s', (_, change) => {
    expect(readStrategy({ ...limitBuy, ...change })).toHaveProperty('problem');
  });

  const legOf = (instruction: string, symbol: string, assetType: string) => ({
    orderLegCollection: [{ instruction, quantity: 1, instrument: { symbol, assetType } }],
  });
  it.each([
    ['an option instruction on a stock', legOf('BUY_TO_OPEN', 'AAPL', 'EQUITY')],
    ['a stock instruction on an option', legOf('BUY', 'AAPL  260618C00210000', 'OPTION')],
    ['a symbol of the other type', legOf('BUY', 'AAPL  260618C00210000', 'EQUITY')],
    ['a symbol that names nothing', legOf('BUY', 'no such', 'EQUITY')],
    ['a market order outside of normal hours', { orderType: 'MARKET', price: undefined, session: 'SEAMLESS' }],
    ['a spread', { orderType: 'NET_DEBIT' }],
  ])('is refused by the rules: %s', (_, change) => {
    const order: OrderFields = single(JSON.parse(JSON.stringify({ ...limitBuy, ...change })));
    expect(toOrderRequest(order, 'id')).toHaveProperty('problem');
  });

  it('opens an option position', () => {
    expect(requestOf({ ...limitBuy, ...legOf('BUY_TO_OPEN', 'AAPL  260618C00210000', 'OPTION') })).toMatchObject({
      ...{ symbol: 'AAPL260618C00210000', assetClass: 'option', side: 'buy' },
    });
  });
});

describe('Schwab symbols', () => {
  it('pad the root of an option to six', () => {
    expect(toSchwabSymbol('AAPL260618C00210000')).toBe('AAPL  260618C00210000');
    expect(fromSchwabSymbol('AAPL  260618C00210000')).toBe('AAPL260618C00210000');
    expect(toSchwabSymbol('AAPL')).toBe('AAPL');
  });

  it.each(['AAPL260618C00210000', ' AAPL 260618C00210000', 'AAPL  261318C00210000', 'BTC-USD', 'aapl'])(
    'do not include %j',
    (symbol) => {
      expect(fromSchwabSymbol(symbol)).toBeUndefined();
    },
  );
});
