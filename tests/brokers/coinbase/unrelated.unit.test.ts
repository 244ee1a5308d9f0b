/** What people have at Coinbase beside the orders of Arbion (docs/brokers/wire-forms.md, W16 to W18). */
import { describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import {
  BOOK,
  BTC,
  brokerAt,
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
import { ACCOUNT, entry, exit, resting, stop, text } from './coinbase-fixture.js';

const NONE = { '/accounts': { accounts: [], has_next: false, cursor: '' } };
const MARKET = { '/best_bid_ask': { pricebooks: [BOOK] }, '/market/products': { products: [PRODUCT] } };

/**
 * The kinds: "Create Order" of the CDP documentation, and its example answer, which shows a twap_limit_gtd (values invented).
 * A configuration that is null: ccxt/ccxt, ts/src/coinbase.ts (createOrder). A type without orders of ours: FUTURE products in
 * nautechsystems/nautilus_trader, crates/adapters/coinbase/test_data/http_products_future.json.
 */
const others = [
  {
    ...ORDER,
    order_id: 's1',
    order_configuration: { trigger_bracket_gtc: { base_size: '1', stop_trigger_price: '2' } },
  },
  { ...ORDER, order_id: 's2', order_configuration: { twap_limit_gtd: { quote_size: '10.00', number_buckets: '5' } } },
  { ...ORDER, order_id: 's3', order_configuration: { scaled_limit_gtc: { orders: [], num_orders: 3 } } },
  { ...ORDER, order_id: 's4', order_configuration: null },
  { ...ORDER, order_id: 's5', status: 'UNKNOWN_ORDER_STATUS' },
  { ...ORDER, order_id: 's6', side: 'UNKNOWN_ORDER_SIDE' },
  { ...ORDER, order_id: 's7', created_time: null },
  { ...ORDER, order_id: 's8', product_id: 'BIP-20DEC30-CDE', product_type: 'FUTURE' },
  { ...ORDER, order_id: 's9', product_id: 'ETH-BTC' },
  { client_order_id: 's10' },
  null,
];

describe('orders', () => {
  it('of people are passed over and reported, and hide none of ours', async () => {
    const request = resting();
    const ours = { ...ORDER, client_order_id: request.clientOrderId };
    const broker = await brokerAt({
      ...{ ...NONE, ...MARKET, [LIST]: { ...orders(), orders: [...others, ours] } },
      [FILLS]: fills(FILL, SECOND),
    });
    const { rows, passedOver } = await broker.openOrders(ACCOUNT);
    expect(rows).toMatchObject([{ orderId: ID, filledQuantity: '0.004' }]);
    expect(passedOver).toMatchObject([
      { what: 'order', orderId: 's1', symbol: 'BTC-USD', reason: 'an order of kind trigger_bracket_gtc' },
      { orderId: 's2', clientOrderId: ORDER.client_order_id, reason: 'an order of kind twap_limit_gtd' },
      { orderId: 's3', reason: 'an order of kind scaled_limit_gtc' },
      { orderId: 's4', reason: expect.stringMatching(/order_configuration/) },
      { orderId: 's5', reason: expect.stringMatching(/status/) },
      { orderId: 's6', reason: expect.stringMatching(/side/) },
      { orderId: 's7', reason: expect.stringMatching(/created_time/) },
      { orderId: 's8', symbol: 'BIP-20DEC30-CDE', reason: 'an order for a product of type FUTURE' },
      { orderId: 's9', symbol: 'ETH-BTC', reason: 'an order for a product that Arbion does not trade' },
      { clientOrderId: 's10' },
      { what: 'order' },
    ]);
    expect(await broker.find(ACCOUNT, request, Date.now())).toMatchObject({ orderId: ID });
    expect(await broker.look(ACCOUNT, 'BTC-USD', 'crypto', [ID])).toMatchObject({ orders: [{ orderId: ID }] });
  });

  it('of ours that cannot be read are errors when they are looked for, and passed over with their id', async () => {
    const request = stop();
    const ours = { ...ORDER, client_order_id: request.clientOrderId, order_configuration: null };
    const broker = await brokerAt({ [LIST]: orders(ours), [ONE]: { order: ours } });
    await expect(broker.find(ACCOUNT, request, Date.now())).rejects.toThrow(BrokerUnavailable);
    await expect(broker.order(ACCOUNT, ID)).rejects.toThrow(BrokerUnavailable);
    const { passedOver } = await broker.openOrders(ACCOUNT);
    expect(passedOver).toMatchObject([{ orderId: ID, clientOrderId: request.clientOrderId }]);
  });

  it('hide no other one of ours in a look', async () => {
    const [one, other] = [resting(), stop()];
    const broken = {
      ...ORDER,
      order_id: 'broken',
      client_order_id: other.clientOrderId,
      status: 'FILLED',
      filled_size: '1',
    };
    const broker = await brokerAt({
      ...{ ...NONE, ...MARKET, [FILLS]: fills(FILL, SECOND) },
      [LIST]: orders(broken, { ...ORDER, client_order_id: one.clientOrderId }),
      '/orders/historical/broken': { order: broken },
    });
    expect((await broker.look(ACCOUNT, 'BTC-USD', 'crypto', [ID])).orders).toMatchObject([{ orderId: ID }]);
    await expect(broker.look(ACCOUNT, 'BTC-USD', 'crypto', [ID, 'broken'])).rejects.toThrow(BrokerUnavailable);
  });
});

// The types of trades: "List Fills" of the CDP documentation, and docs.rs/coinbase-v3 (orders::TradeType).
describe('fills', () => {
  const foreign = { ...FILL, entry_id: 'e-9', order_id: 'another' };

  it.each(['REVERSAL', 'CORRECTION', 'SYNTHETIC'])(
    'of a person that are a %s concern no order of ours',
    async (type) => {
      const broker = await brokerAt({
        ...{ [ONE]: { order: ORDER }, [LIST]: orders({ ...ORDER, order_id: 'another' }, ORDER) },
        [FILLS]: { fills: [{ ...foreign, trade_type: type, price: '' }, null, FILL, SECOND], cursor: '' },
      });
      expect(await broker.order(ACCOUNT, ID)).toMatchObject({ filledQuantity: '0.004' });
      const { rows, passedOver } = await broker.openOrders(ACCOUNT);
      expect(rows).toMatchObject([{ orderId: ID, filledQuantity: '0.004' }]);
      expect(passedOver).toMatchObject([{ orderId: 'another' }]);
    },
  );

  it.each(['REVERSAL', 'CORRECTION', 'SYNTHETIC'])('of ours that are a %s are errors', async (trade_type) => {
    const broker = await brokerAt({
      [ONE]: { order: ORDER },
      [FILLS]: fills(FILL, SECOND, { ...FILL, entry_id: 'e-3', trade_type }),
    });
    await expect(broker.order(ACCOUNT, ID)).rejects.toThrow(BrokerUnavailable);
  });
});

/** An amount that is null or empty, and a wallet without a type: our own variations; the platforms: "List Accounts". */
const wallets = (...accounts: unknown[]) => ({ '/accounts': { accounts, has_next: false, cursor: '' } });
const coin = (currency: string, more: object = {}) => ({ ...BTC, uuid: `wallet-${currency}`, currency, ...more });

describe('wallets', () => {
  it('of other types are passed over, and hide no other', async () => {
    const staked = coin('BTC', { uuid: 'staked', type: 'ACCOUNT_TYPE_STAKED_FUNDS' });
    const bare = { ...coin('BTC'), uuid: undefined, type: undefined };
    const broker = await brokerAt({ ...wallets(staked, bare, null, BTC, USD), ...MARKET });
    const { rows, passedOver } = await broker.positions(ACCOUNT);
    expect(rows).toEqual([{ symbol: 'BTC-USD', quantity: '0.4623' }]);
    expect(passedOver).toMatchObject([
      { what: 'position', symbol: 'BTC', reason: 'a wallet of type ACCOUNT_TYPE_STAKED_FUNDS' },
      { what: 'position', symbol: 'BTC' },
      { what: 'position' },
    ]);
    expect(await broker.look(ACCOUNT, 'BTC-USD', 'crypto', [])).toMatchObject({ position: '0.4623' });
    expect(await broker.accountSnapshot(ACCOUNT)).toMatchObject({ cash: '5120.55' });
  });

  it('of another type may be those that we trade in, where there are no others of the coin', async () => {
    const renamed = coin('SOL', { type: 'ACCOUNT_TYPE_SPOT' });
    const broker = await brokerAt({ ...wallets(renamed, BTC), ...MARKET });
    expect((await broker.positions(ACCOUNT)).passedOver).toMatchObject([{ symbol: 'SOL-USD' }]);
    await expect(broker.look(ACCOUNT, 'SOL-USD', 'crypto', [])).rejects.toThrow(BrokerUnavailable);
    await expect(broker.look(ACCOUNT, 'SOL-USDC', 'crypto', [])).rejects.toThrow(BrokerUnavailable);
    expect(await broker.look(ACCOUNT, 'BTC-USD', 'crypto', [])).toMatchObject({ position: '0.4623' });
  });

  it.each<[what: string, more: object]>([
    ['hold', { hold: null }],
    ['balance', { available_balance: null }],
    ['hold’s amount', { hold: { value: '', currency: 'SOL' } }],
  ])('without their %s are an error for their coin only', async (_what, more) => {
    const broker = await brokerAt({ ...wallets(coin('SOL', more), BTC, USD), ...MARKET });
    expect((await broker.positions(ACCOUNT)).rows).toMatchObject([{ symbol: 'BTC-USD' }]);
    await expect(broker.look(ACCOUNT, 'SOL-USD', 'crypto', [])).rejects.toThrow(BrokerUnavailable);
    expect(await broker.look(ACCOUNT, 'BTC-USD', 'crypto', [])).toMatchObject({ position: '0.4623' });
    expect(await broker.accountSnapshot(ACCOUNT)).toMatchObject({ cash: '5120.55' });
  });

  it('of derivatives are no coins to sell, and no cash', async () => {
    const futures = { ...USD, uuid: 'cfm', platform: 'ACCOUNT_PLATFORM_CFM_CONSUMER' };
    const perpetual = coin('SOL', { platform: 'ACCOUNT_PLATFORM_INTX' });
    const broker = await brokerAt({
      ...wallets(futures, perpetual, { ...USD, platform: 'ACCOUNT_PLATFORM_CONSUMER' }),
      ...MARKET,
    });
    expect((await broker.positions(ACCOUNT)).rows).toEqual([]);
    expect(await broker.accountSnapshot(ACCOUNT)).toMatchObject({ cash: '5120.55' });
  });

  it('of dollar-like coins are cash, those of other currencies are not', async () => {
    const usdc = coin('USDC', {
      available_balance: { value: '200', currency: 'USDC' },
      hold: { value: '50', currency: 'USDC' },
    });
    const euros = { ...USD, uuid: 'eur', currency: 'EUR' };
    const broker = await brokerAt({ ...wallets(usdc, euros, USD), ...MARKET });
    expect(await broker.positions(ACCOUNT)).toEqual({ rows: [], passedOver: [] });
    expect(await broker.accountSnapshot(ACCOUNT)).toEqual({
      cash: '5370.55',
      buyingPower: '5320.55',
      equity: '5370.55',
    });
  });

  it('of dollars that cannot be read make no snapshot', async () => {
    const broker = await brokerAt({ ...wallets({ ...USD, hold: null }, BTC), ...MARKET });
    await expect(broker.accountSnapshot(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
  });

  it('keep their prices when one of the portfolio’s rows is odd', async () => {
    const cost = { asset: 'BTC', account_uuid: BTC.uuid, average_entry_price: { value: '36000', currency: 'USD' } };
    const odd = [{ asset: 'USD', account_uuid: null }, { ...cost, average_entry_price: { value: null } }, null];
    const breakdown = { spot_positions: [...odd, cost] };
    const broker = await brokerAt({ ...wallets(BTC), '/portfolios/pf-demo': { breakdown } });
    expect((await broker.positions(ACCOUNT)).rows).toMatchObject([{ averagePrice: '36000' }]);
  });
});

/**
 * Delisted products come with empty increments and prices, futures without a name, best bids and asks without a time: the
 * forms as other clients keep them in their tests ("XYZ-USD", status delisted; a pricebook without time).
 */
const DELISTED = {
  product_id: 'XYZ-USD',
  price: '',
  base_increment: '',
  price_increment: '',
  status: 'delisted',
  trading_disabled: true,
};

describe('products', () => {
  const one = (symbol: string) => `/market/product_book?product_id=${symbol}&limit=1`;

  it('that are odd lose no other of a batch', async () => {
    const books = [{ product_id: 'XYZ-USD', bids: null, asks: [], time: null }, null, { ...BOOK, asks: [] }];
    const products = [DELISTED, { product_id: 'BIT-31OCT26-CDE', product_type: 'FUTURE' }, null, PRODUCT];
    const broker = await brokerAt({
      ...{ '/best_bid_ask': { pricebooks: books }, '/market/products': { products } },
      [one('XYZ-USD')]: { pricebook: { product_id: 'XYZ-USD', bids: [], asks: [] }, last: '' },
      [one('ABC-USD')]: { pricebook: null },
    });
    expect(await broker.quotes(['XYZ-USD', 'ABC-USD', 'BTC-USD'], ACCOUNT)).toEqual([
      {
        symbol: 'BTC-USD',
        bid: '68120.4',
        bidSize: '0.17',
        last: '68120.41',
        at: Date.parse('2026-03-03T14:31:07.662Z'),
      },
    ]);
  });

  it('with a side that is empty or nought have no such side', async () => {
    const bare = { ...BOOK, bids: [{ price: '0', size: '0' }], asks: [{ price: '68120.41', size: '' }] };
    const broker = await brokerAt({
      '/best_bid_ask': { pricebooks: [bare] },
      '/market/products': { products: [{ ...PRODUCT, price: null }] },
    });
    expect(await broker.quotes(['BTC-USD'], ACCOUNT)).toEqual([
      { symbol: 'BTC-USD', ask: '68120.41', at: Date.parse('2026-03-03T14:31:07.662Z') },
    ]);
  });

  it.each<[what: string, change: object]>([
    ['an empty size', { base_increment: '' }],
    ['a size of nought', { base_increment: '0' }],
    ['an empty price', { price_increment: '' }],
    ['no price', { price_increment: undefined }],
  ])('that show %s as increment take no entry, but what closes is sent as it is', async (_what, change) => {
    const broker = await brokerAt({ [PRODUCT_PATH]: { ...PRODUCT, ...change } });
    expect(await broker.place(ACCOUNT, entry())).toMatchObject({ outcome: 'rejected', refusal: { code: 'halted' } });
    expect(sent.map(({ path }) => path)).toEqual([PRODUCT_PATH]);
    await broker.place(ACCOUNT, exit());
    await broker.place(ACCOUNT, stop());
    expect(sent.filter(({ path }) => path === '/orders')).toHaveLength(2);
  });

  it('have the sizes and prices of their own increments', async () => {
    // DOGE-USD trades in tenths and hundred-thousandths of a dollar
    const doge = { ...PRODUCT, product_id: 'DOGE-USD', base_increment: '0.1', price_increment: '0.00001' };
    const broker = await brokerAt({ '/market/products/DOGE-USD': doge });
    const prices = { stopPrice: text('0.123456'), limitPrice: text('0.117283') };
    await broker.place(ACCOUNT, stop({ symbol: 'DOGE-USD', quantity: text('250.1'), ...prices }));
    expect(sent.at(-1)?.body).toContain('"base_size":"250.1","limit_price":"0.11728","stop_price":"0.12345"');
    const fine = stop({ symbol: 'DOGE-USD', quantity: text('250.15'), ...prices });
    expect(await broker.place(ACCOUNT, fine)).toMatchObject({
      outcome: 'rejected',
      refusal: { code: 'invalid_order' },
    });
  });

  it.each(['BTC-EUR', 'BTC-GBP'])('that are not quoted in dollars are not bought: %s', async (symbol) => {
    const broker = await brokerAt({ [`/market/products/${symbol}`]: { ...PRODUCT, product_id: symbol } });
    expect(await broker.place(ACCOUNT, entry({ symbol }))).toMatchObject({
      ...{ outcome: 'rejected', refusal: { code: 'unsupported_currency' } },
    });
    expect(sent).toEqual([]);
    // what was bought before must be sold all the same
    await broker.place(ACCOUNT, exit({ symbol }));
    expect(sent.some(({ path }) => path === '/orders')).toBe(true);
  });

  it.each(['BTC-USD', 'BTC-USDC', 'BTC-USDT'])(
    'that are quoted in dollars or their coins are bought: %s',
    async (symbol) => {
      const broker = await brokerAt({ [`/market/products/${symbol}`]: { ...PRODUCT, product_id: symbol } });
      await broker.place(ACCOUNT, entry({ symbol }));
      expect(sent.some(({ path }) => path === '/orders')).toBe(true);
    },
  );
});

describe('absence', () => {
  // "Get Order" answers 404 for an order just created (CDP documentation); the account's coins may come 10 s later.
  it('of an order that was just taken says nothing against it', async () => {
    const request = resting();
    const success_response = { order_id: ID, client_order_id: request.clientOrderId };
    const broker = await brokerAt({
      [PRODUCT_PATH]: PRODUCT,
      '/orders': { success: true, success_response, order_configuration: LIMIT },
    });
    expect(await broker.place(ACCOUNT, request)).toMatchObject({
      outcome: 'accepted',
      order: { orderId: ID, status: 'submitted' },
    });
    expect(await broker.order(ACCOUNT, ID)).toBeUndefined();
  });

  it('is not concluded from an address that Coinbase does not know', async () => {
    const unknown = { status: 404, body: { error: 'unknown', error_details: 'Not Found', message: 'Not Found' } };
    const broker = await brokerAt({ [ONE]: unknown, [LIST]: unknown });
    await expect(broker.order(ACCOUNT, ID)).rejects.toThrow(BrokerUnavailable);
    await expect(broker.find(ACCOUNT, entry(), Date.now())).rejects.toThrow(BrokerUnavailable);
  });
});
