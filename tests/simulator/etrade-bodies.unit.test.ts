import { describe, expect, it } from 'vitest';
import { type EtradeOrder, readOrderBody } from '../../src/simulator/etrade/order-body.js';
import { toOrderRequest } from '../../src/simulator/etrade/order-mapping.js';
import { optionSymbol, productOf, quotedSymbol } from '../../src/simulator/etrade/symbols.js';
import { parseXml, toXml } from '../../src/simulator/etrade/xml.js';

const previewXml = `<?xml version="1.0" encoding="UTF-8"?>
<PreviewOrderRequest>
  <orderType>EQ</orderType>
  <clientOrderId>ARB00000000000017E1</clientOrderId>
  <Order>
    <allOrNone>false</allOrNone>
    <priceType>LIMIT</priceType>
    <orderTerm>GOOD_FOR_DAY</orderTerm>
    <marketSession>REGULAR</marketSession>
    <stopPrice></stopPrice>
    <limitPrice>212.35</limitPrice>
    <Instrument>
      <Product><securityType>EQ</securityType><symbol>AAPL</symbol></Product>
      <orderAction>BUY</orderAction>
      <quantityType>QUANTITY</quantityType>
      <quantity>40</quantity>
    </Instrument>
  </Order>
</PreviewOrderRequest>`;

const previewJson = {
  PreviewOrderRequest: {
    orderType: 'EQ',
    clientOrderId: 'ARB00000000000017E1',
    Order: [
      {
        ...{ allOrNone: 'false', priceType: 'LIMIT', orderTerm: 'GOOD_FOR_DAY', marketSession: 'REGULAR' },
        ...{ stopPrice: '', limitPrice: '212.35' },
        Instrument: [
          {
            Product: { securityType: 'EQ', symbol: 'AAPL' },
            ...{ orderAction: 'BUY', quantityType: 'QUANTITY', quantity: '40' },
          },
        ],
      },
    ],
  },
};

const bought: EtradeOrder = {
  ...{ orderType: 'EQ', symbol: 'AAPL', orderAction: 'BUY', quantity: '40' as EtradeOrder['quantity'] },
  ...{ priceType: 'LIMIT', orderTerm: 'GOOD_FOR_DAY', marketSession: 'REGULAR', allOrNone: false },
  limitPrice: '212.35' as EtradeOrder['quantity'],
};

describe('E*TRADE XML', () => {
  it('reads and writes a tree, a list as the same element repeated', () => {
    const tree = { A: { name: 'B & <C>', Item: [{ n: '1' }, { n: '2' }], one: { two: '3' } } };
    expect(parseXml(toXml(tree))).toEqual(tree);
  });

  it('reads declarations, comments, attributes and empty elements past', () => {
    expect(parseXml('<?xml version="1.0"?><!-- x --><A k="v"><B/><C></C></A>')).toEqual({ A: { B: '', C: '' } });
  });

  it.each(['', 'text', '<A>', '<A></B>', '</A>', '<A/><B/>', '<!DOCTYPE x><A/>', '<A><</A>', '<a>'.repeat(50)])(
    'refuses %j',
    (document) => {
      expect(parseXml(document)).toBeUndefined();
    },
  );
});

describe('an E*TRADE order body', () => {
  it('is the same in XML and in JSON', () => {
    const expected = { clientOrderId: 'ARB00000000000017E1', previewId: undefined, order: bought };
    expect(readOrderBody(parseXml(previewXml), 'PreviewOrderRequest')).toEqual(expected);
    expect(readOrderBody(previewJson, 'PreviewOrderRequest')).toEqual(expected);
  });

  it('may repeat its arguments inside Order, as a widely used client does', () => {
    const extra = '<Order><accountIdKey>k</accountIdKey><symbol>AAPL</symbol><previewId>5</previewId>';
    const body = readOrderBody(parseXml(previewXml.replace('<Order>', extra)), 'PreviewOrderRequest');
    expect(body).toMatchObject({ order: bought });
  });

  it.each([
    ['a bare previewId', '<Order>', '<previewId>5</previewId><Order>'],
    ['a client order id of 21 characters', 'ARB00000000000017E1', 'ARB000000000000000171'],
    ['a client order id with a hyphen', 'ARB00000000000017E1', 'ARB-17'],
    ['an unknown price type', 'LIMIT', 'GUESS'],
    ['a quantity that is no number', '<quantity>40', '<quantity>many'],
    ['an order type that is not the product', '<orderType>EQ', '<orderType>OPTN'],
  ])('is refused with %s', (_, from, to) => {
    expect(readOrderBody(parseXml(previewXml.replace(from, to)), 'PreviewOrderRequest')).toHaveProperty('problem');
  });

  it('is refused under another root', () => {
    expect(readOrderBody(previewJson, 'PlaceOrderRequest')).toHaveProperty('problem');
  });

  it('becomes a request of the matching engine', () => {
    expect(toOrderRequest(bought, 'id')).toEqual({
      ...{ clientOrderId: 'id', symbol: 'AAPL', assetClass: 'equity', side: 'buy', type: 'limit' },
      ...{ quantity: '40', limitPrice: '212.35', timeInForce: 'day', session: 'regular' },
    });
  });

  it.each([
    ['an option action on a stock', { orderAction: 'BUY_OPEN' as const }],
    ['a market order in extended hours', { priceType: 'MARKET' as const, marketSession: 'EXTENDED' as const }],
    [
      'a market order that is immediate or cancel',
      { priceType: 'MARKET' as const, orderTerm: 'FILL_OR_KILL' as const },
    ],
    ['a symbol that names nothing', { symbol: undefined }],
    ['a price type that is not simulated', { priceType: 'MARKET_ON_CLOSE' as const }],
  ])('is refused by the rules: %s', (_, change) => {
    expect(toOrderRequest({ ...bought, ...change }, 'id')).toHaveProperty('problem');
  });
});

describe('E*TRADE products', () => {
  const fields = { symbol: 'AAPL', callPut: 'CALL', expiryYear: '2026', expiryMonth: '6', expiryDay: '18' };

  it('name an option by fields, by colons and by a padded symbol', () => {
    expect(optionSymbol({ ...fields, strikePrice: '210' })).toBe('AAPL260618C00210000');
    expect(optionSymbol({ ...fields, strikePrice: '210.125' })).toBe('AAPL260618C00210125');
    expect(quotedSymbol('AAPL:2026:6:18:CALL:210')).toBe('AAPL260618C00210000');
    expect(productOf('AAPL260618C00210000')).toMatchObject({
      ...{ symbol: 'AAPL', securityType: 'OPTN', callPut: 'CALL', expiryMonth: 6, strikePrice: 210 },
      productId: { symbol: 'AAPL--260618C00210000', typeCode: 'OPTION' },
    });
  });

  it('name a stock by its symbol', () => {
    expect(quotedSymbol('BRK.B')).toBe('BRK.B');
    expect(productOf('AAPL')).toEqual({ symbol: 'AAPL', securityType: 'EQ' });
  });

  it.each(['', 'aapl', 'AAPL:2026:13:18:CALL:210', 'AAPL:2026:6:18:CALL', 'AAPL:2026:6:18:CALL:210:1', 'BTC-USD'])(
    'do not include %j',
    (name) => {
      expect(quotedSymbol(name)).toBeUndefined();
    },
  );

  it('refuse a strike finer than a thousandth', () => {
    expect(optionSymbol({ ...fields, strikePrice: '210.0001' })).toBeUndefined();
  });
});
