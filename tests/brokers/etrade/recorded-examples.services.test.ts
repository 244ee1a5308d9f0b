/** The example bodies of E*TRADE's wire contract: ours are the same, and theirs are read without loss. */
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../src/brokers/etrade/answers.js';
import { brokerOrder, readOrder } from '../../../src/brokers/etrade/broker-order.js';
import { cancelDocument, clientOrderIdOf, orderDocument } from '../../../src/brokers/etrade/order-body.js';
import { preparationOf } from '../../../src/brokers/etrade/preview.js';
import {
  accountList,
  accountRow,
  balance,
  cancelTaken,
  orderList,
  placed,
  portfolio,
  position,
  quoteList,
  quoteRow,
} from '../../../src/brokers/etrade/schemas.js';
import type { OrderRequest } from '../../../src/domain/order.js';
import { checked } from '../../../src/wire/answers.js';
import { amount, CALL, limitBuy, stopSell } from './etrade-fixture.js';

const withoutSpace = (xml: string) => xml.replaceAll(/>\s+</g, '><').trim();
const parsed = (json: string) => {
  const answer = readAnswer({ status: 200, headers: new Headers(), text: json });
  if (answer.kind !== 'document') throw new Error(`it was read as ${answer.kind}`);
  return answer.document;
};

const LIMIT_PREVIEW = `<PreviewOrderRequest>
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

const STOP_PREVIEW = LIMIT_PREVIEW.replace('<priceType>LIMIT', '<priceType>STOP')
  .replace('GOOD_FOR_DAY', 'GOOD_UNTIL_CANCEL')
  .replace('<stopPrice></stopPrice>', '<stopPrice>198.40</stopPrice>')
  .replace('<limitPrice>212.35</limitPrice>', '<limitPrice></limitPrice>')
  .replace('<orderAction>BUY', '<orderAction>SELL');

const STOP_LIMIT_PREVIEW = STOP_PREVIEW.replace('<priceType>STOP', '<priceType>STOP_LIMIT').replace(
  '<limitPrice></limitPrice>',
  '<limitPrice>196.00</limitPrice>',
);

const OPTION = `<Instrument>
  <Product>
    <securityType>OPTN</securityType><symbol>AAPL</symbol><callPut>CALL</callPut>
    <expiryYear>2026</expiryYear><expiryMonth>6</expiryMonth><expiryDay>18</expiryDay><strikePrice>210</strikePrice>
  </Product>
  <orderAction>BUY_OPEN</orderAction><quantityType>QUANTITY</quantityType><quantity>2</quantity>
</Instrument>`;

const AAPL_STOP = { symbol: 'AAPL', quantity: amount('40') };

describe('what is sent is what is documented', () => {
  const documented = (body: string, request: OrderRequest) =>
    withoutSpace(body).replace('ARB00000000000017E1', clientOrderIdOf(request.clientOrderId));

  it.each([
    ['a limit order', limitBuy('212.35'), LIMIT_PREVIEW],
    ['a protective stop', stopSell('198.4', AAPL_STOP), STOP_PREVIEW],
    [
      'a stop-limit',
      stopSell('198.4', { ...AAPL_STOP, type: 'stop_limit', limitPrice: amount('196') }),
      STOP_LIMIT_PREVIEW,
    ],
  ])('%s, previewed and placed', (_name, request, body) => {
    expect(orderDocument(request)).toBe(documented(body, request));
    const place = documented(body, request)
      .replaceAll('PreviewOrderRequest', 'PlaceOrderRequest')
      .replace('<Order>', '<PreviewIds><previewId>168321663200</previewId></PreviewIds><Order>');
    expect(orderDocument(request, '168321663200')).toBe(place);
  });

  it('an option', () => {
    const request = limitBuy('6.45', { symbol: CALL, assetClass: 'option', quantity: amount('2') });
    expect(orderDocument(request)).toContain(withoutSpace(OPTION));
    expect(orderDocument(request)).toContain('<orderType>OPTN</orderType>');
  });

  it('a cancel', () => {
    expect(cancelDocument('527')).toBe('<CancelOrderRequest><orderId>527</orderId></CancelOrderRequest>');
  });

  it('what a symbol holds is escaped', () => {
    const xml = orderDocument(limitBuy('1.50', { symbol: 'A&B<C' }));
    const { PreviewOrderRequest } = new XMLParser().parse(xml);
    expect(PreviewOrderRequest.Order.Instrument.Product.symbol).toBe('A&B<C');
  });
});

describe('what is documented is read', () => {
  it('accounts', () => {
    const document = parsed(`{ "AccountListResponse": { "Accounts": { "Account": [
  { "accountId": "840104290", "accountIdKey": "acctKeyDemo1", "accountMode": "MARGIN", "accountDesc": "INDIVIDUAL", "accountName": "My account",
    "accountType": "INDIVIDUAL", "institutionType": "BROKERAGE", "accountStatus": "ACTIVE", "closedDate": 0 } ] } } }`);
    const [account] = checked(accountList, document, 'x').AccountListResponse.Accounts.Account ?? [];
    expect(checked(accountRow, account, 'x')).toMatchObject({ accountIdKey: 'acctKeyDemo1', accountStatus: 'ACTIVE' });
  });

  it('a balance', () => {
    const document = parsed(`{ "BalanceResponse": {
  "accountId": "840104290", "accountType": "MARGIN", "optionLevel": "LEVEL_3", "accountDescription": "INDIVIDUAL", "quoteMode": 6,
  "dayTraderStatus": "NO_PDT", "accountMode": "MARGIN",
  "Cash": { "fundsForOpenOrdersCash": 0, "moneyMktBalance": 18250.4 },
  "Computed": {
    "cashAvailableForInvestment": 18250.4, "cashAvailableForWithdrawal": 18250.4, "netCash": 18250.4, "cashBalance": 18250.4,
    "settledCashForInvestment": 18250.4, "unSettledCashForInvestment": 0, "marginBuyingPower": 36500.8, "cashBuyingPower": 18250.4,
    "dtMarginBuyingPower": 0, "dtCashBuyingPower": 0, "accountBalance": 18250.4,
    "RealTimeValues": { "totalAccountValue": 26731.0, "netMv": 8480.6, "netMvLong": 8480.6, "netMvShort": 0 } } } }`);
    expect(checked(balance, document, 'x').BalanceResponse.Computed).toMatchObject({
      ...{ cashBalance: '18250.4', marginBuyingPower: '36500.8', RealTimeValues: { totalAccountValue: '26731' } },
    });
  });

  it('a portfolio', () => {
    const document = parsed(`{ "PortfolioResponse": { "AccountPortfolio": [ {
  "accountId": "840104290", "totalPages": 1,
  "Position": [ {
    "positionId": 10087531, "Product": { "symbol": "AAPL", "securityType": "EQ" }, "symbolDescription": "AAPL",
    "quantity": 40, "positionType": "LONG", "dateAcquired": 1772514000000, "pricePaid": 211.105, "costPerShare": 211.105, "totalCost": 8444.2,
    "marketValue": 8480.6, "totalGain": 36.4, "totalGainPct": 0.43, "daysGain": 36.4, "daysGainPct": 0.43, "pctOfPortfolio": 31.7,
    "Quick": { "lastTrade": 212.015, "lastTradeTime": 1772548267, "change": 0.91, "changePct": 0.43, "volume": 31420577 } } ] } ] } }`);
    const [shown] = checked(portfolio, document, 'x').PortfolioResponse.AccountPortfolio;
    expect(shown?.totalPages).toBe(1);
    expect(checked(position, shown?.Position?.[0], 'x')).toMatchObject({ quantity: '40', pricePaid: '211.105' });
  });

  it('a preview', () => {
    const document = parsed(`{ "PreviewOrderResponse": {
  "orderType": "EQ", "totalOrderValue": 8494.0, "previewTime": 1772548260123, "dstFlag": false, "accountId": "840104290", "optionLevelCd": 3, "marginLevelCd": "MARGIN_TRADING_ALLOWED",
  "Order": [ { "orderTerm": "GOOD_FOR_DAY", "priceType": "LIMIT", "limitPrice": 212.35, "stopPrice": 0, "marketSession": "REGULAR", "allOrNone": false,
    "egQual": "EG_QUAL_NOT_IN_FORCE", "estimatedCommission": 0, "estimatedTotalAmount": 8494.0, "netPrice": 0, "netBid": 0, "netAsk": 0, "gcd": 0, "ratio": "",
    "messages": { "Message": [ { "code": 1042, "description": "example warning text", "type": "WARNING" } ] },
    "Instrument": [ { "symbolDescription": "DEMO COMMON STOCK", "orderAction": "BUY", "quantityType": "QUANTITY", "quantity": 40, "cancelQuantity": 0, "reserveOrder": true, "reserveQuantity": 0,
                      "Product": { "symbol": "AAPL", "securityType": "EQ" } } ] } ],
  "PreviewIds": [ { "previewId": 168321663200 } ],
  "Disclosure": { "aoDisclosureFlag": false, "conditionalDisclosureFlag": true } } }`);
    expect(preparationOf({ kind: 'document', document })).toEqual({ outcome: 'ready', token: '168321663200' });
  });

  it('the answer to a place', () => {
    const document = parsed(`{ "PlaceOrderResponse": {
  "orderType": "EQ", "dstFlag": false, "optionLevelCd": 3, "marginLevelCd": "MARGIN_TRADING_ALLOWED", "placedTime": 1772548263987, "accountId": "840104290",
  "Order": [ { "orderTerm": "GOOD_FOR_DAY", "priceType": "LIMIT", "limitPrice": 212.35, "stopPrice": 0, "marketSession": "REGULAR", "allOrNone": false,
    "estimatedCommission": 0, "estimatedTotalAmount": 8494.0,
    "messages": { "Message": [ { "code": 1026, "description": "200|Your order was successfully entered during market hours.", "type": "WARNING" } ] },
    "Instrument": [ { "symbolDescription": "DEMO COMMON STOCK", "orderAction": "BUY", "quantityType": "QUANTITY", "quantity": 40, "Product": { "symbol": "AAPL", "securityType": "EQ" } } ] } ],
  "OrderIds": [ { "orderId": 527 } ] } }`);
    expect(checked(placed, document, 'x')).toEqual({
      PlaceOrderResponse: { placedTime: 1772548263987, OrderIds: { orderId: '527' } },
    });
  });

  it('the answer to a cancel', () => {
    const document =
      parsed(`{ "CancelOrderResponse": { "accountId": "840104290", "orderId": 527, "cancelTime": 1772548301000,
  "Messages": { "Message": [ { "code": 5011, "description": "200|Your request to cancel your order is being processed.", "type": "WARNING" } ] } } }`);
    expect(checked(cancelTaken, document, 'x').CancelOrderResponse.orderId).toBe('527');
  });

  it('a list of orders', () => {
    const { OrdersResponse } = checked(orderList, parsed(ORDERS), 'x');
    expect(OrdersResponse.marker).toBe('m-0002');
    expect(OrdersResponse.Order.map((order) => brokerOrder(readOrder(order), 0))).toEqual([
      {
        ...{ orderId: '527', symbol: 'AAPL', side: 'buy', type: 'limit', quantity: '40', filledQuantity: '15' },
        ...{ limitPrice: '212.35', timeInForce: 'day', status: 'partially_filled', triggered: false, executions: [] },
        placedAt: 1772548263987,
        fillsInTotal: { executionId: '527-15', quantity: '15', price: '212.34', fee: '0', at: 1772548265120 },
      },
    ]);
  });

  it('quotes, with an unknown symbol beside them', () => {
    const document = parsed(`{ "QuoteResponse": {
  "QuoteData": [ {
    "dateTime": "14:31:07 EST 03-03-2026", "dateTimeUTC": 1772566267, "quoteStatus": "REALTIME", "ahFlag": "false", "hasMiniOptions": false,
    "All": { "ask": 212.4, "askSize": 300, "askTime": "14:31:07 EST 03-03-2026", "bid": 212.3, "bidSize": 500, "bidTime": "14:31:07 EST 03-03-2026",
      "changeClose": 1.25, "changeClosePercentage": 0.59, "companyName": "DEMO", "high": 213.9, "low": 210.75, "open": 211.5, "previousClose": 211.1,
      "lastTrade": 212.35, "totalVolume": 31420577, "high52": 260.1, "low52": 164.08, "symbolDescription": "DEMO COMMON STOCK" },
    "Product": { "symbol": "AAPL", "securityType": "EQ" } } ],
  "Messages": { "Message": [ { "description": "ZZZZZ is an invalid symbol", "code": 1002, "type": "WARNING" } ] } } }`);
    const [quote] = checked(quoteList, document, 'x').QuoteResponse.QuoteData ?? [];
    expect(checked(quoteRow, quote, 'x')).toMatchObject({
      ...{ dateTimeUTC: 1772566267, All: { bid: '212.3', ask: '212.4', bidSize: '500', lastTrade: '212.35' } },
    });
  });

  it('errors, with a code or without', () => {
    const read = (text: string, status = 400) => readAnswer({ status, headers: new Headers(), text });
    expect(read('{"Error":{"code":1021,"message":"funds"}}')).toEqual({
      kind: 'error',
      code: '1021',
      message: 'funds',
    });
    expect(read('{"Error":{"code":"1021","message":"funds"}}', 200)).toMatchObject({ kind: 'error', code: '1021' });
    expect(read('{"Error":{"message":"oauth_problem=token_expired"}}')).toMatchObject({ kind: 'error', code: '' });
  });
});

const ORDERS = `{ "OrdersResponse": { "marker": "m-0002", "next": "https://api.etrade.com/v1/accounts/acctKeyDemo1/orders?marker=m-0002", "Order": [ {
  "orderId": 527, "details": "https://api.etrade.com/v1/accounts/acctKeyDemo1/orders/527.json", "orderType": "EQ",
  "OrderDetail": [ {
    "placedTime": 1772548263987, "executedTime": 1772548265120, "orderValue": 8494.0, "status": "OPEN", "orderTerm": "GOOD_FOR_DAY", "priceType": "LIMIT",
    "limitPrice": 212.35, "stopPrice": 0, "marketSession": "REGULAR", "allOrNone": false, "netPrice": 0, "netBid": 0, "netAsk": 0, "gcd": 0, "ratio": "",
    "Instrument": [ { "symbolDescription": "DEMO COMMON STOCK", "orderAction": "BUY", "quantityType": "QUANTITY", "orderedQuantity": 40, "filledQuantity": 15,
      "averageExecutionPrice": 212.34, "estimatedCommission": 0, "estimatedFees": 0, "Product": { "symbol": "AAPL", "securityType": "EQ" } } ] } ] } ] } }`;
