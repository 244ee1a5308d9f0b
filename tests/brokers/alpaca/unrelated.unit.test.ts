/** What is not Arbion's and cannot be read is passed over and reported, and hides nothing that is. */
import { describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { ACCOUNT } from './alpaca-fixture.js';
import { notionalOrder, orderRow, ours, perpetualOrder, positionRow, spread } from './public-forms.js';
import { type Answers, alpacaAnswering } from './wire-server.js';

const OUR_ID = 'b3e7a6f0-0000-4000-8000-0000000000ff';
const FILLS = '/v2/account/activities/FILL';
const withOrders = (orders: unknown[], more: Answers = {}) =>
  alpacaAnswering({ '/v2/orders': orders, [FILLS]: [], ...more });

describe('open orders (W8)', () => {
  it.each<[string, object, string]>([
    ['an order for an amount of money', notionalOrder, 'an order for an amount of money'],
    ['a spread', spread, 'an order with 2 legs'],
    ['a perpetual', perpetualOrder, 'an order for crypto_perp'],
    ['an unlisted status', orderRow({ status: 'pending_magic' }), 'status'],
    ['an unlisted time in force', orderRow({ time_in_force: 'gtd' }), 'time_in_force'],
    ['an unlisted type', orderRow({ type: 'iceberg' }), 'type'],
    ['a null side', orderRow({ side: null }), 'side'],
    ['no client order id', orderRow({ client_order_id: null }), 'client_order_id'],
    ['no id', orderRow({ id: null, client_order_id: 'x' }), 'id'],
  ])('beside ours: %s', async (_name, unrelated, reason) => {
    const broker = await withOrders([unrelated, ours]);
    const { rows, passedOver } = await broker.openOrders(ACCOUNT);
    expect(rows.map(({ orderId }) => orderId)).toEqual([OUR_ID]);
    expect(passedOver).toEqual([expect.objectContaining({ what: 'order', reason: expect.stringContaining(reason) })]);
  });

  it('rows that are nothing at all', async () => {
    const broker = await withOrders([null, 'text', {}, ours]);
    const { rows, passedOver } = await broker.openOrders(ACCOUNT);
    expect([rows.length, passedOver.length]).toEqual([1, 3]);
  });

  it('are shown by the ids and the symbol that they show', async () => {
    const coin = orderRow({ symbol: 'BTC/USD', asset_class: 'crypto', status: 'pending_magic' });
    const { passedOver } = await (await withOrders([coin])).openOrders(ACCOUNT);
    expect(passedOver).toMatchObject([
      {
        ...{ orderId: 'b3e7a6f0-0000-4000-8000-000000000001', symbol: 'BTC-USD' },
        clientOrderId: '0c3c2d1e-0000-4000-8000-000000000001',
      },
    ]);
  });

  // Optional in the official model: alpacahq/alpaca-py, alpaca/trading/models.py.
  it('one that was not submitted yet is read, and counts by when it was made', async () => {
    const broker = await withOrders([orderRow({ submitted_at: null })]);
    const { rows } = await broker.openOrders(ACCOUNT);
    expect(rows).toMatchObject([{ placedAt: Date.parse('2026-03-03T14:31:07.120Z') }]);
  });

  it('are read page by page past one that was not submitted yet', async () => {
    const made = Array.from({ length: 700 }, (_, index) =>
      orderRow({
        ...{ id: `order-${index}`, client_order_id: `person-${index}` },
        submitted_at: new Date(Date.parse('2026-03-03T14:00:00Z') + index * 1_000).toISOString(),
      }),
    );
    const pending = orderRow({ id: 'pending', submitted_at: null });
    const page = (query: URLSearchParams) => {
      const after = Date.parse(query.get('after') ?? '2000-01-01');
      const later = made.filter((row) => Date.parse(Reflect.get(row, 'submitted_at')) > after);
      return [...later.slice(0, 499), pending];
    };
    const { rows } = await (await alpacaAnswering({ '/v2/orders': page })).openOrders(ACCOUNT);
    expect(rows).toHaveLength(701);
  });

  it('one whose fills are not listed yet is passed over, and ours beside it is read', async () => {
    const filling = orderRow({ filled_qty: '15', status: 'partially_filled' });
    const { rows, passedOver } = await (await withOrders([filling, ours])).openOrders(ACCOUNT);
    expect(rows.map(({ orderId }) => orderId)).toEqual([OUR_ID]);
    expect(passedOver).toMatchObject([{ orderId: 'b3e7a6f0-0000-4000-8000-000000000001' }]);
  });

  it('of ours are no error of their own: whoever knows the ids decides', async () => {
    const filling = { ...ours, filled_qty: '15', status: 'partially_filled' };
    const broker = await withOrders([filling], { [`/v2/orders/${OUR_ID}`]: filling });
    const { passedOver } = await broker.openOrders(ACCOUNT);
    expect(passedOver).toMatchObject([{ orderId: OUR_ID, clientOrderId: 'arb-01J8ZK3M7Q-entry-1' }]);
    await expect(broker.order(ACCOUNT, OUR_ID)).rejects.toThrow(BrokerUnavailable);
  });

  it('keep their fills beside rows of fills that are not as documented', async () => {
    const fill = {
      ...{ id: '20260303143107123::8a7f0000-0000-4000-8000-000000000009', activity_type: 'FILL', type: 'partial_fill' },
      ...{ transaction_time: '2026-03-03T14:36:09.12Z', price: '212.34', qty: '15', side: 'buy', symbol: 'AAPL' },
      ...{ leaves_qty: '25', order_id: OUR_ID, cum_qty: '15', order_status: 'partially_filled' },
    };
    const ofAnother = { ...fill, id: '20260303143107124::x', order_id: 'other', price: null, qty: null };
    const filling = { ...ours, filled_qty: '15', status: 'partially_filled' };
    const broker = await withOrders([filling], { [FILLS]: [null, ofAnother, fill] });
    expect((await broker.openOrders(ACCOUNT)).rows).toMatchObject([{ executions: [{ quantity: '15' }] }]);
  });

  it('a look finds ours beside unrelated ones', async () => {
    const broker = await withOrders([null, spread, orderRow({ client_order_id: null }), ours], { '/v2/positions': [] });
    const { orders } = await broker.look(ACCOUNT, 'AAPL', 'equity', [OUR_ID]);
    expect(orders.map(({ orderId }) => orderId)).toEqual([OUR_ID]);
  });
});

describe('positions (W8)', () => {
  const withPositions = (...rows: unknown[]) => alpacaAnswering({ '/v2/positions': rows });

  it('of a class that Arbion does not trade, and rows that are nothing, are passed over', async () => {
    const perpetual = positionRow({ symbol: 'BTC-PERP', asset_class: 'crypto_perp' });
    const { rows, passedOver } = await (await withPositions(perpetual, null, positionRow({}))).positions(ACCOUNT);
    expect(rows).toEqual([{ symbol: 'AAPL', quantity: '40', averagePrice: '211.105' }]);
    expect(passedOver).toEqual([
      { what: 'position', symbol: 'BTC-PERP', reason: 'a position in crypto_perp' },
      { what: 'position', reason: expect.any(String) },
    ]);
  });

  // A renamed share is listed with 0 under its old name (docs/brokers/wire-forms.md, W13).
  it.each(['0', '0.00'])('of %s are none', async (qty) => {
    const broker = await withPositions(positionRow({ symbol: 'KO', qty }), positionRow({}));
    expect(await broker.positions(ACCOUNT)).toMatchObject({ rows: [{ symbol: 'AAPL' }], passedOver: [] });
    expect((await broker.look(ACCOUNT, 'KO', 'equity', [])).position).toBe('0');
  });

  it('without an average price are held all the same', async () => {
    const { rows } = await (await withPositions(positionRow({ avg_entry_price: null }))).positions(ACCOUNT);
    expect(rows).toEqual([{ symbol: 'AAPL', quantity: '40' }]);
  });

  it.each([
    ['crypto', 'BTCUSD'],
    [null, 'BTCUSD'],
    ['crypto', 'BTC/USD'],
  ])(
    'of a coin that cannot be read has the name of its pair (%s %s): no look takes it for none',
    async (kind, symbol) => {
      const unreadable = positionRow({ symbol, asset_class: kind, qty: null });
      const broker = await withPositions(unreadable, positionRow({}));
      expect((await broker.positions(ACCOUNT)).passedOver).toMatchObject([{ symbol: 'BTC-USD' }]);
      await expect(broker.look(ACCOUNT, 'BTC-USD', 'crypto', [])).rejects.toThrow(BrokerUnavailable);
      expect((await broker.look(ACCOUNT, 'AAPL', 'equity', [])).position).toBe('40');
    },
  );
});

describe('the account', () => {
  const ACCOUNT_BODY = {
    ...{ id: '0a1b2c3d-0000-4000-8000-000000000001', account_number: 'PA3DEMO00001', status: 'ACTIVE' },
    ...{ currency: 'USD', cash: '25000', equity: '33480.6', buying_power: '58480.6' },
    ...{ trading_blocked: false, account_blocked: false, trade_suspended_by_user: false },
  };

  // Optional in the official model: alpacahq/alpaca-py, alpaca/trading/models.py.
  it('is not blocked by a block that is not mentioned, and cannot be read without its money', async () => {
    const open = await alpacaAnswering({ '/v2/account': { ...ACCOUNT_BODY, trade_suspended_by_user: null } });
    expect((await open.accountSnapshot(ACCOUNT)).buyingPower).toBe('58480.6');
    const without = await alpacaAnswering({ '/v2/account': { ...ACCOUNT_BODY, cash: null } });
    await expect(without.accountSnapshot(ACCOUNT)).rejects.toThrow(BrokerUnavailable);
  });
});
