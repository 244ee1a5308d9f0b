/**
 * Answers that are changed on their way: fills that lag behind, and orders beside ours that cannot be read. The forms are those of
 * jwplatta/schwab_rb, spec/fixtures/orders_with_iron_condor.json, and hn4002/schwab-api-scripts, docs/README.md.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import { BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { readActivity } from '../../../src/brokers/schwab/order-events.js';
import type { SchwabBroker } from '../../../src/brokers/schwab/schwab-broker.js';
import { RewritingProxy } from '../../conformance/rewriting-proxy.js';
import { ACCOUNT, type AtSchwab, atSchwab, held, limitBuy, orderRequest, stopSell } from './schwab-fixture.js';

type Row = Record<string, unknown>;
const nobodys: ReadonlySet<string> = new Set();

/** The account's adapter behind a proxy that changes every order, wherever it is shown. */
async function changing({ simulator, brokerWith }: AtSchwab, change: (order: Row) => Row): Promise<SchwabBroker> {
  const changed = (json: unknown): unknown => {
    if (Array.isArray(json)) return json.map(changed);
    return json !== null && typeof json === 'object' && 'orderLegCollection' in json ? change({ ...json }) : json;
  };
  const proxy = await RewritingProxy.start(simulator.url, (answer) => {
    if (!/^[[{]/.test(answer.text)) return answer;
    return { ...answer, text: JSON.stringify(changed(JSON.parse(answer.text))) };
  });
  onTestFinished(() => proxy.close());
  return brokerWith({ baseUrl: `${proxy.url}/schwab` });
}

const withoutActivity = ({ orderActivityCollection: _, ...order }: Row): Row => order;

describe('an order at Schwab whose fills lag behind', () => {
  it('is accepted under its id, and read only when they are there', async () => {
    const at = await atSchwab();
    const behind = await changing(at, withoutActivity);
    const placed = await behind.place(ACCOUNT, orderRequest());
    expect(placed).toMatchObject({ outcome: 'accepted', order: { status: 'submitted', filledQuantity: '0' } });
    if (placed.outcome !== 'accepted') throw new Error(placed.outcome);
    const { orderId, placedAt } = placed.order;
    await expect(behind.order(ACCOUNT, orderId)).rejects.toThrow(BrokerUnavailable);
    await expect(behind.look(ACCOUNT, 'AAPL', 'equity', [orderId])).rejects.toThrow(BrokerUnavailable);
    await expect(behind.find(ACCOUNT, orderRequest(), placedAt, nobodys)).rejects.toThrow(BrokerUnavailable);
    expect(await at.order(orderId)).toMatchObject({ status: 'filled', executions: [{ quantity: '40' }] });
  });

  it('is named among the open orders, and is too late to cancel all the same', async () => {
    const at = await atSchwab();
    const behind = await changing(at, withoutActivity);
    const { orderId } = await at.accepted(limitBuy());
    await at.simulator.control('fills', { broker: 'schwab', orderId, quantity: '15', price: '140' });
    const { rows, passedOver } = await behind.openOrders(ACCOUNT);
    expect(rows.map((order) => order.orderId)).not.toContain(orderId);
    expect(passedOver).toContainEqual({ what: 'order', orderId, symbol: 'AAPL', reason: expect.any(String) });
    await at.simulator.control('fills', { broker: 'schwab', orderId, quantity: '25', price: '140' });
    expect(await behind.cancel(ACCOUNT, orderId)).toMatchObject({ outcome: 'rejected', refusal: { code: 'too_late' } });
  });
});

describe('an order at Schwab that is cancelled', () => {
  it('is read with its fills, beside the end that Schwab shows as an execution at 0', async () => {
    const { accepted, broker, simulator, order } = await atSchwab();
    const { orderId } = await accepted(limitBuy());
    await simulator.control('fills', { broker: 'schwab', orderId, quantity: '15', price: '139.5' });
    await broker.cancel(ACCOUNT, orderId);
    expect(await order(orderId)).toMatchObject({
      ...{ status: 'cancelled', filledQuantity: '15' },
      executions: [{ quantity: '15', price: '139.5' }],
    });
  });
});

describe('a send at Schwab that is looked for by its terms', () => {
  const found = async (change: (order: Row) => Row) => {
    const at = await atSchwab([held('AAPL', '40')]);
    const { orderId, placedAt } = await at.accepted(stopSell());
    const broker = await changing(at, (order) => (String(order.orderId) === orderId ? change(order) : order));
    return broker.find(ACCOUNT, stopSell(), placedAt, nobodys);
  };
  const legs = (order: Row) => order.orderLegCollection as { instrument: Row }[];

  it.each<[string, (order: Row) => Row]>([
    ['a null stop price', (order) => ({ ...order, stopPrice: null })],
    ['an unknown type', (order) => ({ ...order, orderType: 'UNKNOWN' })],
    ['no time', (order) => ({ ...order, enteredTime: null })],
    ['an unknown status', (order) => ({ ...order, status: 'SOMETHING_NEW' })],
    [
      'no symbol',
      (order) => ({ ...order, orderLegCollection: [{ ...legs(order)[0], instrument: { assetType: 'EQUITY' } }] }),
    ],
  ])('is not concluded to be absent where its row has %s', async (_, change) => {
    await expect(found(change)).rejects.toThrow(BrokerUnavailable);
  });

  it.each<[string, (order: Row) => Row]>([
    ['with two legs', (order) => ({ ...order, orderLegCollection: [...legs(order), ...legs(order)] })],
    ['at the close', (order) => ({ ...order, orderType: 'MARKET_ON_CLOSE', stopPrice: null })],
  ])('is absent where there is only an order %s', async (_, change) => {
    expect(await found(change)).toBeUndefined();
  });

  it('is found beside an unreadable order of another trade', async () => {
    const at = await atSchwab([held('AAPL', '80')]);
    const first = await at.accepted(stopSell());
    const second = await at.accepted(stopSell());
    const broker = await changing(at, (order) =>
      String(order.orderId) === first.orderId ? { ...order, price: 'x' } : order,
    );
    const taken = new Set([first.orderId]);
    expect(await broker.find(ACCOUNT, stopSell(), second.placedAt, taken)).toMatchObject({ orderId: second.orderId });
  });
});

describe('what the account shows beside our orders at Schwab', () => {
  it('is passed over with its kind, and hides nothing', async () => {
    const { broker, accepted, order } = await atSchwab([held('AAPL', '40')]);
    const stop = await accepted(stopSell());
    const { rows, passedOver } = await broker.openOrders(ACCOUNT);
    expect(rows.filter(({ symbol }) => symbol === 'AAPL')).toEqual([await order(stop.orderId)]);
    expect(rows.filter(({ symbol }) => symbol === 'KO').length).toBeGreaterThan(0);
    expect(passedOver.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([
        ...[
          'an order with 2 legs',
          'an order with VALUE',
          'an order with MARKET_ON_CLOSE',
          'an order with END_OF_WEEK',
        ],
        ...['an order with ALL_OR_NONE', 'an order with DOLLARS', 'an order for FIXED_INCOME'],
      ]),
    );
    for (const row of passedOver) expect(row).toMatchObject({ what: 'order', orderId: expect.stringMatching(/^\d+$/) });
  });

  it('is passed over among positions, too', async () => {
    const { broker } = await atSchwab([held('AAPL', '40')]);
    const { rows, passedOver } = await broker.positions(ACCOUNT);
    expect(rows).toMatchObject([{ symbol: 'AAPL', quantity: '40' }]);
    expect(passedOver.map(({ symbol }) => symbol)).toEqual(['MMDA1', '912810TM0', 'VFIAX', undefined]);
    expect(await broker.look(ACCOUNT, 'AAPL', 'equity', [])).toMatchObject({ position: '40' });
    expect(await broker.accountSnapshot(ACCOUNT)).toMatchObject({ cash: '100000' });
  });

  it('raises no alarm on the stream, where it is one more order that changed', () => {
    const data = {
      SchwabOrderID: '1004012345678',
      AccountNumber: '41230987',
      BaseEvent: { EventType: 'OrderCreated' },
    };
    expect(readActivity({ '1': '41230987', '2': 'OrderCreated', '3': JSON.stringify(data) })).toEqual({
      orderId: '1004012345678',
    });
  });
});
