/** Answers that the exchange simulator does not give: the wire contract's own examples, and what is not in the contract. */
import { describe, expect, it } from 'vitest';
import { AmbiguousOrder, BrokerUnavailable } from '../../../src/broker-port/broker.js';
import {
  BOOK,
  BTC,
  brokerAt,
  COST,
  FILL,
  FILLS,
  fills,
  ID,
  LIMIT,
  LIST,
  ONE,
  ORDER,
  orders,
  PRODUCT,
  PRODUCT_PATH,
  SECOND,
  sent,
  USD,
} from './canned-broker.js';
import { ACCOUNT, entry, resting, stop, text } from './coinbase-fixture.js';

describe('the contract’s examples', () => {
  it('an order with its fills', async () => {
    const broker = await brokerAt({ [ONE]: { order: ORDER }, [FILLS]: fills(FILL, SECOND) });
    const at = Date.parse(FILL.trade_time);
    expect(await broker.order(ACCOUNT, ID)).toEqual({
      ...{ orderId: ID, clientOrderId: ORDER.client_order_id, symbol: 'BTC-USD', side: 'buy', type: 'limit' },
      ...{ quantity: '0.01', filledQuantity: '0.004', limitPrice: '67900', timeInForce: 'gtc' },
      ...{ status: 'partially_filled', triggered: false, placedAt: Date.parse(ORDER.created_time) },
      executions: [
        { executionId: 'e-0001', quantity: '0.002', price: '67899', fee: '0.543192', at },
        { executionId: 'e-0002', quantity: '0.002', price: '67900', fee: '0.5432', at },
      ],
    });
  });

  it('wallets, their worth and their portfolio', async () => {
    const wallets = { accounts: [BTC, USD], has_next: false, cursor: '', size: 2 };
    const broker = await brokerAt({
      ...{ '/accounts': wallets, '/best_bid_ask': { pricebooks: [BOOK] } },
      ...{
        '/market/products': { products: [PRODUCT] },
        '/portfolios/pf-demo': { breakdown: { spot_positions: [COST] } },
      },
    });
    const held = { symbol: 'BTC-USD', quantity: '0.4623' };
    expect((await broker.positions(ACCOUNT)).rows).toEqual([{ ...held, averagePrice: '36000.123456789012345678' }]);
    expect(await broker.accountSnapshot(ACCOUNT)).toEqual({
      ...{ cash: '5120.55', buyingPower: '5120.55', equity: '36612.61092' },
    });
    expect(await broker.accounts(ACCOUNT)).toEqual([{ key: 'pf-demo', label: 'Coinbase' }]);
  });

  it.each([
    ['that may not be seen', undefined],
    ['in euros', { ...COST, average_entry_price: { value: '33000', currency: 'EUR' } }],
    ['of nothing', { ...COST, average_entry_price: { value: '0', currency: 'USD' } }],
    ['of staked coins', { ...COST, account_uuid: 'another' }],
  ])('a cost %s is no cost', async (_, cost) => {
    const wallets = { accounts: [BTC], has_next: false, cursor: '' };
    const portfolio = cost && { '/portfolios/pf-demo': { breakdown: { spot_positions: [cost] } } };
    const broker = await brokerAt({ '/accounts': wallets, ...portfolio });
    expect((await broker.positions(ACCOUNT)).rows).toEqual([{ symbol: 'BTC-USD', quantity: '0.4623' }]);
  });

  it('wallets of the older types, and what cannot be sold from here', async () => {
    const accounts = [
      { ...BTC, type: 'CRYPTO' },
      { ...BTC, currency: 'ETH', type: 'ACCOUNT_TYPE_VAULT' },
      { ...USD, type: 'FIAT' },
    ];
    const broker = await brokerAt({ '/accounts': { accounts, has_next: false, cursor: '' } });
    expect((await broker.positions(ACCOUNT)).rows).toMatchObject([{ symbol: 'BTC-USD' }]);
  });

  it('books, last trades and candles', async () => {
    const candle = {
      start: '1772547300',
      low: '68055.14',
      high: '68331.99',
      open: '68312.4',
      close: '68181.6',
      volume: '35.5',
    };
    const broker = await brokerAt({
      ...{ '/best_bid_ask': { pricebooks: [BOOK] }, '/market/products': { products: [PRODUCT] } },
      '/market/products/BTC-USD/candles': { candles: [candle] },
    });
    expect(await broker.quotes(['BTC-USD'], ACCOUNT)).toEqual([
      {
        ...{ symbol: 'BTC-USD', bid: '68120.4', bidSize: '0.17', ask: '68120.41', askSize: '0.16', last: '68120.41' },
        at: Date.parse('2026-03-03T14:31:07.662Z'),
      },
    ]);
    const span = { granularity: 'FIVE_MINUTE', from: 1_772_544_000_000, to: 1_772_547_600_000 } as const;
    expect(await broker.candles(ACCOUNT, 'BTC-USD', span)).toMatchObject([{ at: 1_772_547_300_000, close: '68181.6' }]);
    expect(sent.at(-1)?.path).toContain('start=1772544000&end=1772547600&granularity=FIVE_MINUTE');
  });

  it('a placement, sent and answered', async () => {
    const request = entry({
      ...{ type: 'limit', quantity: text('0.01'), limitPrice: text('67900') },
      timeInForce: 'gtc',
    });
    const broker = await brokerAt({
      [PRODUCT_PATH]: PRODUCT,
      '/orders': {
        ...{ success: true, failure_reason: 'UNKNOWN_FAILURE_REASON', order_id: ID },
        success_response: {
          ...{ order_id: ID, product_id: 'BTC-USD', side: 'BUY' },
          client_order_id: request.clientOrderId,
        },
        order_configuration: LIMIT,
      },
    });
    expect(await broker.place(ACCOUNT, request)).toMatchObject({ outcome: 'accepted', order: { orderId: ID } });
    const [body = ''] = sent.filter(({ path }) => path === '/orders').map(({ body }) => body);
    expect(JSON.parse(body)).toEqual({
      ...{ client_order_id: request.clientOrderId, product_id: 'BTC-USD', side: 'BUY' },
      order_configuration: { limit_limit_gtc: { base_size: '0.01', limit_price: '67900', post_only: false } },
    });
  });

  it('a stop and a cancel, as they are sent', async () => {
    const terms = { stopPrice: text('65000'), limitPrice: text('63700'), quantity: text('0.01') };
    const request = stop(terms);
    const broker = await brokerAt({ [PRODUCT_PATH]: PRODUCT });
    await broker.place(ACCOUNT, request);
    await broker.cancel(ACCOUNT, ID);
    expect(sent.slice(1).map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
      [
        '/orders',
        {
          ...{ client_order_id: request.clientOrderId, product_id: 'BTC-USD', side: 'SELL' },
          order_configuration: {
            stop_limit_stop_limit_gtc: {
              ...{ base_size: '0.01', stop_price: '65000', limit_price: '63700' },
              stop_direction: 'STOP_DIRECTION_STOP_DOWN',
            },
          },
        },
      ],
      ['/orders/batch_cancel', { order_ids: [ID] }],
    ]);
  });

  it('a refusal', async () => {
    const broker = await brokerAt({ [PRODUCT_PATH]: PRODUCT, '/orders': refusal('INSUFFICIENT_FUND') });
    expect(await broker.place(ACCOUNT, entry())).toEqual({
      outcome: 'rejected',
      refusal: { code: 'insufficient_funds', message: 'INSUFFICIENT_FUND: Insufficient balance in source account' },
    });
  });
});

/** A refusal as live answers give it: the reason in `error`, the preview's beside it. */
function refusal(error: string, preview = `PREVIEW_${error}`) {
  return {
    ...{ success: false, failure_reason: 'UNKNOWN_FAILURE_REASON', order_id: '' },
    error_response: {
      ...{ error, message: 'Insufficient balance in source account', error_details: '' },
      ...{ preview_failure_reason: preview, new_order_failure_reason: 'UNKNOWN_FAILURE_REASON' },
    },
    order_configuration: LIMIT,
  };
}

describe('a placement’s answer', () => {
  it.each([
    ['INSUFFICIENT_FUNDS', 'insufficient_funds'],
    ['PREVIEW_INSUFFICIENT_LEDGER_BALANCE', 'insufficient_funds'],
    ['INVALID_LEDGER_BALANCE', 'refused'],
    ['PREVIEW_INVALID_STOP_PRICE', 'invalid_order'],
    ['PREVIEW_INVALID_STOP_PRICE_PRECISION', 'invalid_order'],
    ['PREVIEW_TRADING_DISABLED', 'halted'],
    ['PREVIEW_PRODUCT_TRADING_HALTED', 'halted'],
    ['PREVIEW_COMPLIANCE_PURCHASE_LIMIT_EXCEEDED', 'refused'],
    ['INVALID_PRODUCT_ID', 'invalid_symbol'],
    ['STOP_PRICE_ABOVE_LAST_TRADE_PRICE', 'stop_through_market'],
    ['PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE', 'stop_through_market'],
    ['PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE', 'invalid_order'],
    ['PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE', 'invalid_order'],
    ['INVALID_SIDE', 'invalid_order'],
    ['INVALID_REQUEST', 'invalid_order'],
    ['INVALID_SIZE_PRECISION', 'invalid_order'],
    ['INVALID_PRICE_PRECISION', 'invalid_order'],
    ['INVALID_LIMIT_PRICE', 'invalid_order'],
    ['INVALID_LIMIT_PRICE_POST_ONLY', 'invalid_order'],
    ['PREVIEW_INVALID_BASE_SIZE_TOO_SMALL', 'invalid_order'],
    ['PREVIEW_INVALID_BASE_SIZE_TOO_LARGE', 'invalid_order'],
    ['PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL', 'invalid_order'],
    ['PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE', 'invalid_order'],
    ['PREVIEW_INVALID_ORDER_CONFIG', 'invalid_order'],
    ['LIMIT_PRICE_TOO_FAR_FROM_MARKET', 'invalid_order'],
    ['UNSUPPORTED_ORDER_CONFIGURATION', 'not_offered'],
    ['BRACKET_ORDER_NOT_SUPPORTED', 'not_offered'],
    ['INELIGIBLE_PAIR', 'not_offered'],
    ['ORDER_ENTRY_DISABLED', 'halted'],
    ['UNTRADABLE_PRODUCT', 'halted'],
    ['INVALID_NO_LIQUIDITY', 'halted'],
    ['GEOFENCING_RESTRICTION', 'refused'],
    ['COMMANDER_REJECTED_NEW_ORDER', 'refused'],
  ])('%s means %s', async (reason, code) => {
    const broker = await brokerAt({ [PRODUCT_PATH]: PRODUCT, '/orders': refusal(reason) });
    expect(await broker.place(ACCOUNT, entry())).toMatchObject({ outcome: 'rejected', refusal: { code } });
  });

  it('is not asked for when the quantity is finer than the product’s, and prices go in its ticks', async () => {
    const coarse = { ...PRODUCT, base_increment: '0.001', price_increment: '0.5' };
    const broker = await brokerAt({ [PRODUCT_PATH]: coarse, '/orders': refusal('INSUFFICIENT_FUND') });
    const fine = entry({ quantity: text('0.0105') });
    expect(await broker.place(ACCOUNT, fine)).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'invalid_order' },
    });
    expect(sent.map(({ path }) => path)).toEqual([PRODUCT_PATH]);
    await broker.place(ACCOUNT, resting({ limitPrice: text('60000.74') }));
    expect(sent.at(-1)?.body).toContain('"limit_price":"60000.5"');
  });

  it('is read for the preview’s reason where the other is not known', async () => {
    const answer = refusal('SOMETHING_NEW', 'PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE');
    const broker = await brokerAt({ [PRODUCT_PATH]: PRODUCT, '/orders': answer });
    expect(await broker.place(ACCOUNT, entry())).toMatchObject({ refusal: { code: 'stop_through_market' } });
  });

  it.each<[what: string, answer: object]>([
    ['a reason that is not known', refusal('SOMETHING_NEW')],
    ['no reason', { success: false, failure_reason: 'UNKNOWN_FAILURE_REASON' }],
    ['a success without an order', { success: true, order_id: ID }],
    ['a success of another order', { success: true, success_response: { order_id: ID, client_order_id: 'other' } }],
    ['neither success nor failure', { order_id: ID }],
    ['a text for success', { success: 'true', success_response: { order_id: ID } }],
    ['nothing', {}],
    ['a list', []],
    ['not found', { status: 404, body: { error: 'NOT_FOUND', message: 'route not found' } }],
    [
      'a field that Coinbase does not know',
      { status: 400, body: { error: 'unknown', message: 'proto: unknown field' } },
    ],
    ['a 400 of another form', { status: 400, body: 'bad' }],
    ['a second factor', { status: 402, body: { errors: [{ id: 'two_factor_required' }] } }],
    ['a time-out', { status: 408, body: {} }],
    ['a conflict', { status: 409, body: { error: 'CONFLICT', message: '' } }],
    ['a gateway’s error', { status: 502, body: 'Bad Gateway' }],
    ['a 201', { status: 201, body: { success: true, success_response: { order_id: ID } } }],
  ])('says nothing certain: %s', async (_what, answer) => {
    const broker = await brokerAt({ [PRODUCT_PATH]: PRODUCT, '/orders': answer });
    expect(await broker.place(ACCOUNT, entry())).toMatchObject({ outcome: 'unknown' });
    expect(sent.filter(({ path }) => path === '/orders')).toHaveLength(1);
  });

  it.each([
    [400, 'INVALID_ARGUMENT', 'invalid_order'],
    [403, 'PERMISSION_DENIED', 'refused'],
  ])('of HTTP %s and %s means %s', async (status, error, code) => {
    const body = { error, error_details: '', message: 'Missing required scopes' };
    const broker = await brokerAt({ [PRODUCT_PATH]: PRODUCT, '/orders': { status, body } });
    expect(await broker.place(ACCOUNT, entry())).toEqual({
      outcome: 'rejected',
      refusal: { code, message: 'Missing required scopes' },
    });
  });
});

describe('a cancel’s answer', () => {
  const results = (failure_reason: string, more: object = {}) => ({
    results: [{ success: false, failure_reason, order_id: ID, ...more }],
  });

  it.each<[what: string, answer: object, outcome: object]>([
    ['asked', results('UNKNOWN_CANCEL_FAILURE_REASON', { success: true }), { outcome: 'accepted' }],
    ['asked before', results('DUPLICATE_CANCEL_REQUEST'), { outcome: 'accepted' }],
    ['over', results('UNKNOWN_CANCEL_ORDER'), { outcome: 'rejected', refusal: { code: 'too_late' } }],
    ['filled', results('ORDER_IS_FULLY_FILLED'), { outcome: 'rejected', refusal: { code: 'too_late' } }],
    ['not allowed', results('NOT_ALLOWED_TO_CANCEL'), { outcome: 'rejected', refusal: { code: 'refused' } }],
    ['turned down', results('COMMANDER_REJECTED_CANCEL_ORDER'), { outcome: 'rejected', refusal: { code: 'refused' } }],
    ['misunderstood', results('INVALID_CANCEL_REQUEST'), { outcome: 'rejected', refusal: { code: 'refused' } }],
    ['without a reason', results('UNKNOWN_CANCEL_FAILURE_REASON'), { outcome: 'unknown' }],
    ['a reason that is not known', results('SOMETHING_NEW'), { outcome: 'unknown' }],
    ['about another order', results('', { success: true, order_id: 'other' }), { outcome: 'unknown' }],
    ['about none', { results: [] }, { outcome: 'unknown' }],
    [
      'no permission',
      { status: 403, body: { error: 'PERMISSION_DENIED', message: 'Missing required scopes' } },
      { outcome: 'rejected', refusal: { code: 'refused' } },
    ],
  ])('%s', async (_what, answer, outcome) => {
    const broker = await brokerAt({ '/orders/batch_cancel': answer });
    expect(await broker.cancel(ACCOUNT, ID)).toMatchObject(outcome);
  });
});

describe('what is not in the contract', () => {
  it.each<[what: string, change: object]>([
    ['a status', { status: 'UNKNOWN_ORDER_STATUS' }],
    ['a new status', { status: 'PARKED' }],
    ['no status', { status: undefined }],
    ['a side', { side: 'UNKNOWN_ORDER_SIDE' }],
    ['a trigger', { trigger_status: 'STOP_MAYBE' }],
    ['a kind', { order_configuration: { trigger_bracket_gtc: { base_size: '1', limit_price: '1' } } }],
    ['no kind', { order_configuration: {} }],
    ['two kinds', { order_configuration: { ...LIMIT, market_market_ioc: { base_size: '1' } } }],
    ['a quantity', { order_configuration: { limit_limit_gtc: { base_size: 'much', limit_price: '1' } } }],
    ['a time', { created_time: 'yesterday' }],
    ['a filled quantity', { filled_size: 'some' }],
  ])('of an order is raised, not guessed: %s', async (_what, change) => {
    const broker = await brokerAt({ [ONE]: { order: { ...ORDER, ...change } }, [FILLS]: fills(FILL, SECOND) });
    await expect(broker.order(ACCOUNT, ID)).rejects.toThrow(BrokerUnavailable);
  });

  it.each<[what: string, change: object]>([
    ['a correction', { trade_type: 'CORRECTION' }],
    ['no id', { entry_id: '' }],
    ['a price finer than any', { price: `1.${'0'.repeat(18)}1` }],
    ['no size', { size: '' }],
  ])('of a fill is raised, not guessed: %s', async (_what, change) => {
    const broker = await brokerAt({ [ONE]: { order: ORDER }, [FILLS]: fills({ ...FILL, ...change }) });
    await expect(broker.order(ACCOUNT, ID)).rejects.toThrow(BrokerUnavailable);
  });

  it('a wallet of another type is reported', async () => {
    const accounts = [{ ...BTC, type: 'ACCOUNT_TYPE_UNSPECIFIED' }];
    const broker = await brokerAt({ '/accounts': { accounts, has_next: false, cursor: '' } });
    expect((await broker.positions(ACCOUNT)).passedOver).toMatchObject([{ symbol: 'BTC-USD' }]);
  });

  it('an empty wallet is nobody’s concern', async () => {
    const nothing = { value: '0', currency: 'ETH' };
    const unused = {
      ...BTC,
      type: 'ACCOUNT_TYPE_UNSPECIFIED',
      currency: 'ETH',
      available_balance: nothing,
      hold: nothing,
    };
    const broker = await brokerAt({ '/accounts': { accounts: [unused, BTC], has_next: false, cursor: '' } });
    expect((await broker.positions(ACCOUNT)).rows).toMatchObject([{ symbol: 'BTC-USD' }]);
  });

  it('a list that goes in a circle is raised', async () => {
    const broker = await brokerAt({ [LIST]: { orders: [], has_next: true, cursor: 'again' } });
    await expect(broker.find(ACCOUNT, entry(), Date.now())).rejects.toThrow(BrokerUnavailable);
  });

  it('two orders of one id are a person’s matter', async () => {
    const request = resting();
    const row = { ...ORDER, client_order_id: request.clientOrderId };
    const broker = await brokerAt({ [LIST]: orders(row, { ...row, order_id: 'another' }) });
    await expect(broker.find(ACCOUNT, request, Date.now())).rejects.toThrow(AmbiguousOrder);
  });

  it('orders of other hands are no concern of ours', async () => {
    const request = resting();
    const bracket = { ...ORDER, order_id: 'bracket', order_configuration: { trigger_bracket_gtc: {} } };
    const parked = { ...ORDER, order_id: 'parked', status: 'PARKED' };
    const ours = { ...ORDER, client_order_id: request.clientOrderId, filled_size: '0' };
    const broker = await brokerAt({
      ...{ [LIST]: orders(bracket, parked, ours), '/best_bid_ask': { pricebooks: [BOOK] } },
      ...{ '/market/products': { products: [PRODUCT] }, '/accounts': { accounts: [BTC], has_next: false, cursor: '' } },
    });
    expect(await broker.find(ACCOUNT, request, Date.now())).toMatchObject({ orderId: ID });
    expect(await broker.look(ACCOUNT, 'BTC-USD', 'crypto', [ID])).toMatchObject({ orders: [{ orderId: ID }] });
    expect((await broker.openOrders(ACCOUNT)).passedOver).toMatchObject([
      { orderId: 'bracket' },
      { orderId: 'parked' },
    ]);
  });

  it('open orders leave out the kinds of other hands', async () => {
    const bracket = { ...ORDER, order_id: 'bracket', order_configuration: { trigger_bracket_gtc: {} } };
    const broker = await brokerAt({ [LIST]: orders(bracket, { ...ORDER, filled_size: '' }) });
    expect((await broker.openOrders(ACCOUNT)).rows).toMatchObject([{ orderId: ID, status: 'working' }]);
  });
});

describe('fills that lag behind their order', () => {
  it('are what is filled, while the order works', async () => {
    const broker = await brokerAt({ [ONE]: { order: ORDER }, [FILLS]: fills(FILL) });
    expect(await broker.order(ACCOUNT, ID)).toMatchObject({ filledQuantity: '0.002', status: 'partially_filled' });
  });

  it.each(['FILLED', 'CANCELLED', 'EXPIRED'])('keep an order that is over from being believed: %s', async (status) => {
    const broker = await brokerAt({ [ONE]: { order: { ...ORDER, status } }, [FILLS]: fills(FILL) });
    await expect(broker.order(ACCOUNT, ID)).rejects.toThrow(BrokerUnavailable);
  });

  it('count once, however often they are listed', async () => {
    const broker = await brokerAt({ [ONE]: { order: ORDER }, [FILLS]: fills(FILL, FILL, SECOND) });
    expect((await broker.order(ACCOUNT, ID))?.executions).toHaveLength(2);
  });

  it('keep fees to 18 decimals, and zeros beyond them', async () => {
    const fill = { ...FILL, size: `0.002${'0'.repeat(30)}`, commission: '0.1234567890123456789999' };
    const broker = await brokerAt({ [ONE]: { order: { ...ORDER, filled_size: '0.002' } }, [FILLS]: fills(fill) });
    expect((await broker.order(ACCOUNT, ID))?.executions).toMatchObject([
      { quantity: '0.002', fee: '0.123456789012345678' },
    ]);
  });

  it('in money are so many coins', async () => {
    const money = { ...FILL, size: '135.798', size_in_quote: true };
    const bought = {
      ...ORDER,
      status: 'FILLED',
      filled_size: '0.002',
      order_configuration: { market_market_ioc: { quote_size: '135.798' } },
    };
    const broker = await brokerAt({ [ONE]: { order: bought }, [FILLS]: fills(money) });
    expect(await broker.order(ACCOUNT, ID)).toMatchObject({
      type: 'market',
      quantity: '0.002',
      filledQuantity: '0.002',
    });
  });
});

describe('quotes', () => {
  it('are asked for one by one when Coinbase cannot answer for all', async () => {
    const broker = await brokerAt({
      '/best_bid_ask': { status: 400, body: { error: 'INVALID_ARGUMENT', message: 'valid product_id is required' } },
      '/market/products': { products: [PRODUCT] },
      '/market/product_book?product_id=BTC-USD&limit=1': { pricebook: BOOK, last: '68120.41' },
      '/market/product_book?product_id=NONE-USD&limit=1': {
        status: 400,
        body: { error: 'INVALID_ARGUMENT', message: '' },
      },
    });
    expect(await broker.quotes(['BTC-USD', 'NONE-USD'], ACCOUNT)).toMatchObject([
      { symbol: 'BTC-USD', last: '68120.41' },
    ]);
  });

  it('keep the name that was asked for, where two names share a book', async () => {
    const broker = await brokerAt({
      ...{ '/best_bid_ask': { pricebooks: [BOOK] }, '/market/products': { products: [PRODUCT] } },
      '/market/product_book': { pricebook: BOOK, last: '68120.41' },
    });
    expect(await broker.quotes(['BTC-USDC'], ACCOUNT)).toMatchObject([{ symbol: 'BTC-USDC', bid: '68120.4' }]);
  });
});
