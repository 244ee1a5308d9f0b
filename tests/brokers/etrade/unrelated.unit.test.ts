/** What people have at E*TRADE beside the orders of Arbion (docs/brokers/wire-forms.md, W14). */
import { describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { AT, brokerThatHears, listOf, order } from './canned-broker.js';
import { ACCOUNT, limitBuy } from './etrade-fixture.js';

const EARLIER = AT - 3_600_000;
const CALL = {
  ...{ symbol: 'AAPL', securityType: 'OPTN', callPut: 'CALL', strikePrice: 210 },
  ...{ expiryYear: 2026, expiryMonth: 6, expiryDay: 18, productId: { symbol: 'AAPL', typeCode: 'EQUITY' } },
};

/**
 * The forms: two legs and NET_CREDIT in ssoper/Batil (src/test/resources/brokers/etrade/orders/spreads); order types, statuses,
 * price types and DOLLAR in its OrdersApi.kt and in CRAN's etrader (etrd_order_history). Values are invented.
 */
const leg = (orderAction: string, strikePrice: number) => ({
  ...{ orderAction, quantityType: 'QUANTITY', orderedQuantity: 1, filledQuantity: 0 },
  Product: { ...CALL, strikePrice },
});
const detail = { placedTime: AT, status: 'OPEN', orderTerm: 'GOOD_FOR_DAY', marketSession: 'REGULAR' };
const spread = {
  ...{ orderId: 21, orderType: 'SPREADS' },
  OrderDetail: [
    { ...detail, priceType: 'NET_CREDIT', limitPrice: 1.25, Instrument: [leg('SELL_OPEN', 210), leg('BUY_OPEN', 215)] },
  ],
};
const bareSpread = { ...spread, orderId: 22, orderType: 'OPTN' };
const conditional = { ...order(23), OrderDetail: [...order(23).OrderDetail, ...order(23).OrderDetail] };
const dollars = order(24, {}, { quantityType: 'DOLLAR', orderedQuantity: undefined });
const onClose = order(25, { priceType: 'MARKET_ON_CLOSE' });
const allOrNone = order(26, { allOrNone: true });
const assigned = order(27, { status: 'DONE_TRADE_EXECUTED' });
const fund = order(28, {}, { Product: { symbol: 'VFINX', securityType: 'MF' } });
const nameless = { ...order(29), orderType: 'OPTN' };
nameless.OrderDetail = order(29, {}, { Product: { symbol: 'AAPL', securityType: 'OPTN' } }).OrderDetail;
const idOfText = { ...order(1), orderId: 'B-17' };
const OTHERS = [spread, bareSpread, conditional, dollars, onClose, allOrNone, assigned, fund, nameless, idOfText, null];

describe('orders', () => {
  it('of people are passed over and reported, and hide none of ours', async () => {
    const broker = await brokerThatHears({ '/orders.json': { OrdersResponse: { Order: [...OTHERS, order(1)] } } });
    const { rows, passedOver } = await broker.openOrders(ACCOUNT);
    expect(rows).toMatchObject([{ orderId: '1' }]);
    expect(passedOver).toMatchObject([
      { what: 'order', orderId: '21', reason: 'an order of type SPREADS' },
      { orderId: '22', reason: 'an order with 2 legs' },
      { orderId: '23', symbol: 'AAPL', reason: 'an order with 2 parts' },
      { orderId: '24', symbol: 'AAPL', reason: 'an order by DOLLAR' },
      { orderId: '25', reason: 'an order of price type MARKET_ON_CLOSE' },
      { orderId: '26', reason: 'an all-or-none order' },
      { orderId: '27', reason: expect.stringMatching(/DONE_TRADE_EXECUTED/) },
      { orderId: '28', symbol: 'VFINX', reason: 'an order for a security of type MF' },
      { orderId: '29', reason: expect.stringMatching(/cannot be read/) },
      { orderId: 'B-17', symbol: 'AAPL' },
      { what: 'order' },
    ]);
    expect((await broker.look(ACCOUNT, 'AAPL', 'equity', ['1'])).orders).toMatchObject([{ orderId: '1' }]);
  });

  it('that are surely of another kind are no answer to a search for a lost one', async () => {
    const surely = OTHERS.filter((row) => row !== assigned && row !== idOfText && row !== null);
    const broker = await brokerThatHears({ '/orders.json': { OrdersResponse: { Order: [...surely, order(1)] } } });
    expect(await broker.find(ACCOUNT, limitBuy('200'), AT, new Set())).toMatchObject({ orderId: '1' });
  });

  it.each<[what: string, row: object]>([
    ['without its time', order(3, { placedTime: null })],
    ['without its quantity', order(3, {}, { orderedQuantity: null })],
    ['without its price', order(3, { limitPrice: null })],
    ['without its details', { orderId: 3, orderType: 'EQ', OrderDetail: [{ status: 'OPEN' }] }],
    ['with an id of another form', { ...order(3), orderId: 'B-17' }],
    ['without anything', {}],
  ])('that could be the lost one keep it from being called absent: %s', async (_what, row) => {
    const broker = await brokerThatHears({ '/orders.json': listOf(row) });
    await expect(broker.find(ACCOUNT, limitBuy('200'), AT, new Set())).rejects.toThrow(BrokerUnavailable);
  });

  it.each<[what: string, row: object]>([
    ['of another intent', order(2, { status: undefined })],
    ['of an earlier hour', order(3, { placedTime: EARLIER, status: undefined })],
    ['for an option', { orderId: 3, orderType: 'OPTN', OrderDetail: [{ status: 'OPEN' }] }],
  ])('that cannot be read and cannot be the lost one do not hide it: %s', async (_what, row) => {
    const broker = await brokerThatHears({ '/orders.json': listOf(row, order(1)) });
    expect(await broker.find(ACCOUNT, limitBuy('200'), AT, new Set(['2']))).toMatchObject({ orderId: '1' });
  });

  it('are found in an answer of null members', async () => {
    const wire = order(1, { stopPrice: null, executedTime: null }, { averageExecutionPrice: null });
    const broker = await brokerThatHears({ '/orders/1.json': listOf(wire) });
    expect(await broker.order(ACCOUNT, '1')).toMatchObject({ orderId: '1', limitPrice: '200', status: 'working' });
  });

  it('are not called absent because another one is answered', async () => {
    const broker = await brokerThatHears({ '/orders/1.json': listOf(order(2)) });
    await expect(broker.order(ACCOUNT, '1')).rejects.toThrow(BrokerUnavailable);
  });
});

describe('pages of orders', () => {
  const page = (marker: unknown, ...orders: object[]) => ({ OrdersResponse: { marker, Order: orders } });

  // Markers as jerryryle/etrade-cli follows them (etrade/cmd/fn_list_orders_test.go); empty ones are our own variation.
  it.each([[''], [null]])('end with the marker %j', async (marker) => {
    const broker = await brokerThatHears({ '/orders.json': page(marker, order(1)) });
    expect((await broker.openOrders(ACCOUNT)).rows).toMatchObject([{ orderId: '1' }]);
  });

  it('that go in a circle are reported', async () => {
    const broker = await brokerThatHears({
      ...{ '/orders.json': page('b'), '/orders.json?count=100&status=OPEN&marker=a': page('b') },
      '/orders.json?count=100&status=OPEN&marker=b': page('a'),
    });
    await expect(broker.openOrders(ACCOUNT)).rejects.toThrow(/repeats a page/);
  });

  it('may show one order twice, which is one order', async () => {
    const broker = await brokerThatHears({ '/orders.json': listOf(order(1), order(1)) });
    expect(await broker.find(ACCOUNT, limitBuy('200'), AT, new Set())).toMatchObject({ orderId: '1' });
  });
});

/** As in ssoper/Batil (src/test/resources/brokers/etrade/accounts/view_portfolio.json): an option's id is its underlying's. */
const share = {
  ...{ quantity: 100, positionType: 'LONG', pricePaid: 180.5 },
  Product: { symbol: 'AAPL', securityType: 'EQ' },
};
const call = { ...share, quantity: -2, positionType: 'SHORT', osiKey: 'AAPL--260618C00210000', Product: CALL };
const held = (...Position: unknown[]) => ({ PortfolioResponse: { AccountPortfolio: [{ totalPages: 1, Position }] } });
const OPTION = 'AAPL260618C00210000';

describe('positions', () => {
  it('in options are named by their key, or their fields', async () => {
    const broker = await brokerThatHears({ '/portfolio.json': held(share, call, { ...call, osiKey: undefined }) });
    const option = { symbol: OPTION, quantity: '-2', averagePrice: '180.5' };
    expect(await broker.positions(ACCOUNT)).toEqual({
      rows: [{ symbol: 'AAPL', quantity: '100', averagePrice: '180.5' }, option, option],
      passedOver: [],
    });
  });

  it('without a price, in bonds and funds, or without a name hide no other', async () => {
    const bond = { quantity: 5000, positionType: 'LONG', Product: { symbol: '912828XX5', securityType: 'BOND' } };
    const money = { ...share, Product: { symbol: 'VMFXX', securityType: 'MMF' } };
    const adjusted = { ...call, osiKey: 'AAPL1-260618C00210000' };
    const bare = { ...call, osiKey: null, Product: { symbol: 'AAPL', securityType: 'OPTN' } };
    const odd = [bond, money, adjusted, bare, {}, null];
    const broker = await brokerThatHears({ '/portfolio.json': held({ ...share, pricePaid: null }, ...odd) });
    const { rows, passedOver } = await broker.positions(ACCOUNT);
    expect(rows).toEqual([{ symbol: 'AAPL', quantity: '100' }]);
    expect(passedOver).toMatchObject([
      { what: 'position', symbol: '912828XX5', reason: 'a position of type BOND' },
      { symbol: 'VMFXX', reason: 'a position of type MMF' },
      { symbol: 'AAPL1-260618C00210000' },
      { optionOn: 'AAPL' },
      { what: 'position' },
      { what: 'position' },
    ]);
    expect(await broker.look(ACCOUNT, 'AAPL', 'equity', [])).toMatchObject({ position: '100' });
    // it may be the one that is held
    await expect(broker.look(ACCOUNT, OPTION, 'option', [])).rejects.toThrow(BrokerUnavailable);
  });

  it('of ours that cannot be read are an error for their symbol only', async () => {
    const unreadable = { ...share, positionType: 'PENDING' };
    const other = { ...share, Product: { symbol: 'MSFT', securityType: 'EQ' } };
    const broker = await brokerThatHears({ '/portfolio.json': held(unreadable, other) });
    await expect(broker.look(ACCOUNT, 'AAPL', 'equity', [])).rejects.toThrow(BrokerUnavailable);
    expect(await broker.look(ACCOUNT, 'MSFT', 'equity', [])).toMatchObject({ position: '100' });
  });

  // The documents say totalNoOfPages where answers say totalPages (E*TRADE's accounts API v1, "View Portfolio").
  it.each<[what: string, first: object]>([
    ['by the documented name', { totalNoOfPages: 2 }],
    ['by the recorded name', { totalPages: 2 }],
    ['by none', {}],
  ])('are read from all pages, counted %s', async (_what, count) => {
    const full = Array.from({ length: 50 }, () => ({ ...share, Product: { symbol: 'MSFT', securityType: 'EQ' } }));
    const pageOf = (more: object, Position: object[]) => ({
      PortfolioResponse: { AccountPortfolio: [{ ...more, Position }] },
    });
    const broker = await brokerThatHears({
      '/portfolio.json?count=50&view=QUICK&pageNumber=1': pageOf(count, full),
      '/portfolio.json?count=50&view=QUICK&pageNumber=2': pageOf(count, [share]),
    });
    expect((await broker.positions(ACCOUNT)).rows).toHaveLength(51);
  });
});

describe('accounts', () => {
  // Modes, types and institutions: E*TRADE's accounts API v1; the rows as in ssoper/Batil (apiResponses/accounts/list.json).
  const own = {
    accountId: '840104290',
    accountIdKey: 'key-1',
    accountMode: 'MARGIN',
    accountName: 'Mine',
    accountStatus: 'ACTIVE',
  };
  const list = (...Account: unknown[]) => ({
    '/v1/accounts/list.json': { AccountListResponse: { Accounts: { Account } } },
  });

  it('of banks are not offered, those of other modes and states are', async () => {
    const broker = await brokerThatHears(
      list(
        { ...own, institutionType: 'BROKERAGE' },
        {
          ...own,
          accountIdKey: 'key-2',
          accountMode: 'IRA',
          accountName: '',
          accountDesc: 'Rollover',
          accountStatus: null,
        },
        {
          ...own,
          accountIdKey: 'key-3',
          accountMode: 'PORTFOLIO_MARGIN',
          accountStatus: 'RESTRICTED',
          accountId: null,
        },
        { ...own, accountIdKey: 'key-4', institutionType: 'BANK', accountMode: 'CHECKING' },
        { ...own, accountIdKey: 'key-5', accountMode: 'SAVINGS' },
        { ...own, accountIdKey: 'key-6', accountStatus: 'CLOSED' },
        { ...own, accountIdKey: null },
        null,
      ),
    );
    expect(await broker.accounts(ACCOUNT)).toEqual([
      { key: 'key-1', label: 'Mine …4290' },
      { key: 'key-2', label: 'Rollover …4290' },
      { key: 'key-3', label: 'Mine' },
    ]);
  });

  it.each<[mode: string, shown: object, buyingPower: string]>([
    ['MARGIN', { marginBuyingPower: 15371.04, cashBuyingPower: 7685.52 }, '15371.04'],
    ['CASH', { cashBuyingPower: 7685.52 }, '7685.52'],
    ['IRA', { cashBuyingPower: 7685.52, marginBuyingPower: null }, '7685.52'],
    ['IRA', { cashBuyingPower: 7685.52, marginBuyingPower: 15371.04 }, '7685.52'],
    ['PORTFOLIO_MARGIN', { marginBuyingPower: 15371.04 }, '15371.04'],
  ])('of mode %s have the buying power that they show', async (accountMode, shown, buyingPower) => {
    // ssoper/Batil (accounts/balance.json): what is swept into a money market fund is no cash balance, but net cash
    const Computed = { netCash: 7685.52, cashBalance: 0, ...shown, RealTimeValues: { totalAccountValue: 37645.27 } };
    const broker = await brokerThatHears({ '/balance.json': { BalanceResponse: { accountMode, Computed } } });
    expect(await broker.accountSnapshot(ACCOUNT)).toEqual({ equity: '37645.27', cash: '7685.52', buyingPower });
  });

  // ssoper/Batil (accounts/balance.json): the fields; the documented sample of E*TRADE in a public PHP client: PDT_MIN_EQUITY_RES_1XK
  it.each<[mode: string, status: string | null, shown: object]>([
    ['CASH', 'NO_PDT', { settledCash: '1000.25' }],
    ['IRA', null, { settledCash: '1000.25' }],
    ['MARGIN', 'NO_PDT', {}],
    ['PDT ACCOUNT', 'PDT_MIN_EQUITY_RES_1XK', { isDayTrader: true }],
  ])('of mode %s and day trader status %s', async (accountMode, dayTraderStatus, shown) => {
    const cash = { netCash: 7685.52, cashBuyingPower: 7685.52, settledCashForInvestment: 1000.25 };
    const Computed = { ...cash, RealTimeValues: { totalAccountValue: 37645.27 } };
    const BalanceResponse = { accountMode, dayTraderStatus, Computed };
    const broker = await brokerThatHears({ '/balance.json': { BalanceResponse } });
    const money = { equity: '37645.27', cash: '7685.52', buyingPower: '7685.52' };
    expect(await broker.accountSnapshot(ACCOUNT)).toEqual({ ...money, ...shown });
  });

  it('without a value or a buying power have no snapshot', async () => {
    for (const shown of [{ cashBuyingPower: 1 }, { RealTimeValues: { totalAccountValue: 1 } }]) {
      const BalanceResponse = { accountMode: 'IRA', Computed: { netCash: 1, ...shown } };
      const broker = await brokerThatHears({ '/balance.json': { BalanceResponse } });
      await expect(broker.accountSnapshot(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
    }
  });
});

it('quotes of other kinds and states hide no other', async () => {
  const good = {
    ...{ dateTimeUTC: 1_772_566_267, quoteStatus: 'REALTIME', Product: { symbol: 'AAPL', securityType: 'EQ' } },
    All: { bid: 212.3, ask: 212.4, lastTrade: null, bidSize: null, ExtendedHourQuoteDetail: null },
  };
  const fundOf = (more: object) => ({ ...good, Product: { symbol: 'VFINX', securityType: 'MF' }, ...more });
  const odd = [
    fundOf({ All: undefined, MutualFund: {} }),
    { ...good, quoteStatus: 'INDICATIVE_REALTIME' },
    { ...good, dateTimeUTC: null },
  ];
  const broker = await brokerThatHears({
    '/v1/market/quote/AAPL.json': { QuoteResponse: { QuoteData: [...odd, null, good] } },
  });
  expect(await broker.quotes(['AAPL'], ACCOUNT)).toEqual([
    { symbol: 'AAPL', bid: '212.3', ask: '212.4', at: 1_772_566_267_000 },
  ]);
});
