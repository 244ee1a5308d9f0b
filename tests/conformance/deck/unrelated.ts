/** What other hands have in the account: passed over and counted where it is not ours, and it never hides what is. */
import { expect } from 'vitest';
import { AmbiguousOrder, BrokerUnavailable } from '../../../src/broker-port/broker.js';
import { type Bench, HELD } from '../bench.js';
import { type Card, from, group, NO_SUCH_FORM, type Remark } from '../card.js';
import type { OrderForm, PositionForm } from '../forms/wire-forms.js';
import { withRows } from '../rewritten.js';
import { ACCOUNT } from '../venues.js';

const SOURCE = 'W4, W5 (jwplatta/schwab_rb), W8 (alpacahq/alpaca-py), W14 (ssoper/Batil), W16 (CDP reference)';

const ORDERS: Readonly<Record<OrderForm, string>> = {
  money: 'an order for an amount of money',
  legs: 'an order of several legs',
  linked: 'a pair of linked orders',
  otherAsset: 'an order for what is never traded here',
  otherType: 'an order of another type',
  otherTerm: 'an order of another time in force',
  otherState: 'an order in an unlisted state',
  withoutTerms: 'an order without one of its terms',
  withoutId: 'an order without an id',
  nothing: 'a row of nothing',
};

const HOLDINGS: Readonly<Partial<Record<PositionForm, string>>> = {
  otherAsset: 'a holding of what is never traded here',
  withoutAverage: 'a holding without its average price',
  withoutSymbol: 'a holding without a symbol',
  zero: 'a holding of nought',
  short: 'a short position',
  fraction: 'a holding with a fraction',
  classShare: 'a holding of shares with a class',
  unreadable: 'a holding whose quantity cannot be read',
  nothing: 'a row of nothing',
};

/** How a holding that Arbion trades is shown. */
const SHOWN: Readonly<Partial<Record<PositionForm, object>>> = {
  withoutAverage: { quantity: HELD },
  short: { quantity: '-7' },
  fraction: { quantity: expect.stringMatching(/^12\.345/) },
  classShare: { symbol: 'BRK.B', quantity: HELD },
};

/** Above ours in every list: made of ours, with the same time and mostly the same terms. */
async function besideOurs(bench: Bench, kind: OrderForm): Promise<Remark> {
  const { forms } = bench.venue;
  const form = forms.orders[kind];
  if (!form) return NO_SUCH_FORM;
  const { orderId } = await bench.placed(bench.entry());
  const plain = await bench.broker.openOrders(ACCOUNT);
  const broker = await withRows(bench, 'lists', (rows) => {
    const ours = rows.find((row) => forms.idOf(row) === orderId);
    return ours ? [form(ours), ...rows] : rows;
  });
  const { rows, passedOver } = await broker.openOrders(ACCOUNT);
  expect(rows).toEqual(expect.arrayContaining(plain.rows));
  expect(rows.length + passedOver.length).toBeGreaterThan(plain.rows.length + plain.passedOver.length);
  const look = await broker.look(ACCOUNT, bench.symbol, bench.assetClass, [orderId], 0);
  expect(look).toMatchObject({ orders: [{ orderId, filledQuantity: '0' }], position: HELD });
  return undefined;
}

/** The position is shown as it is or passed over; a zero one is none at all. */
async function besideHeld(bench: Bench, kind: PositionForm): Promise<Remark> {
  const { forms } = bench.venue;
  const form = forms.positions[kind];
  if (!form) return NO_SUCH_FORM;
  const plain = await bench.broker.positions(ACCOUNT);
  const snapshot = await bench.broker.accountSnapshot(ACCOUNT);
  const broker = await withRows(bench, 'positions', (rows) => {
    const ours = rows.find(forms.isHeld);
    return ours ? [form(ours), ...rows] : rows;
  });
  const { rows, passedOver } = await broker.positions(ACCOUNT);
  expect(rows).toEqual(expect.arrayContaining(plain.rows));
  const more = rows.length + passedOver.length - plain.rows.length - plain.passedOver.length;
  expect(more).toBe(kind === 'zero' ? 0 : 1);
  if (SHOWN[kind]) expect(rows).toContainEqual(expect.objectContaining(SHOWN[kind]));
  expect(await broker.look(ACCOUNT, bench.symbol, bench.assetClass, [], 0)).toMatchObject({ position: HELD });
  expect(await broker.accountSnapshot(ACCOUNT)).toMatchObject({ cash: snapshot.cash });
  return undefined;
}

/** Our order's answer is lost, and the lists show the other row only. */
async function notAdopted(bench: Bench, kind: OrderForm, limitPrice: string): Promise<void> {
  const { forms } = bench.venue;
  const form = forms.orders[kind];
  const { orderId } = await bench.placed(bench.entry({ limitPrice }));
  const broker = await withRows(bench, 'lists', (rows) => {
    return rows.map((row) => (form && forms.idOf(row) === orderId ? form(row) : row));
  });
  expect(await broker.find(ACCOUNT, bench.entry({ limitPrice }), bench.now, new Set()), kind).toBeUndefined();
}

const SURELY_OTHERS: readonly OrderForm[] = ['legs', 'otherAsset', 'otherType', 'otherTerm', 'money'];

const orderCards = Object.entries(ORDERS).map(([kind, what]): [string, Card['play']] => {
  return [`${what} beside ours is counted, and hides none of ours`, (bench) => besideOurs(bench, kind as OrderForm)];
});
const holdingCards = Object.entries(HOLDINGS).map(([kind, what]): [string, Card['play']] => {
  const play: Card['play'] = (bench) => besideHeld(bench, kind as PositionForm);
  return [`${what} beside ours is shown or counted, and changes nothing of ours`, play];
});

export const unrelated = group('unrelated rows', SOURCE, {
  ...Object.fromEntries(orderCards),
  ...Object.fromEntries(holdingCards),
  'an order that is surely of another kind is never adopted for a lost one': async (bench) => {
    for (const [index, kind] of SURELY_OTHERS.entries()) await notAdopted(bench, kind, `${130 + index}`);
    return undefined;
  },
  'a row of nothing never makes a lost order absent': async (bench) => {
    const ours = await bench.send(bench.entry());
    const request = bench.entry();
    const broker = await withRows(bench, 'lists', (rows) => [null, ...rows]);
    const found = broker.find(ACCOUNT, request, bench.now, bench.sender.taken);
    expect(ours.end).toBe('at_broker');
    if (bench.capabilities.findsById) {
      expect(await found).toBeUndefined();
      return 'found by our id alone';
    }
    await expect(found).rejects.toThrow(BrokerUnavailable);
    return undefined;
  },
  'two orders that both could be the lost one are never chosen between': async (bench) => {
    await bench.placed(bench.entry());
    await bench.placed(bench.entry());
    const found = bench.another().find(ACCOUNT, bench.entry(), bench.now, new Set());
    if (bench.capabilities.findsById) {
      expect(await found).toBeUndefined();
      return 'found by our id alone';
    }
    await expect(found).rejects.toThrow(AmbiguousOrder);
    return undefined;
  },
  'a holding of ours whose quantity cannot be read is an alarm, never none': async (bench) => {
    const { isHeld, holding } = bench.venue.forms;
    const broker = await withRows(bench, 'positions', (rows) => {
      return rows.map((row) => (row && isHeld(row) ? holding(row, null) : row));
    });
    const { rows, passedOver } = await broker.positions(ACCOUNT);
    expect(rows.map(({ symbol }) => symbol)).not.toContain(bench.symbol);
    expect(passedOver).toContainEqual(expect.objectContaining({ what: 'position', symbol: bench.symbol }));
    const look = broker.look(ACCOUNT, bench.symbol, bench.assetClass, [], 0);
    await expect(look).rejects.toThrow(BrokerUnavailable);
    return undefined;
  },
  'what is left of a split, with its fraction, is shown to the last digit': from(
    'F56; fractional quantities (alpacahq/alpaca-docs)',
    async (bench) => {
      const { isHeld, holding } = bench.venue.forms;
      const broker = await withRows(bench, 'positions', (rows) => {
        return rows.map((row) => (row && isHeld(row) ? holding(row, '33.333333') : row));
      });
      expect((await broker.positions(ACCOUNT)).rows).toContainEqual(
        expect.objectContaining({ symbol: bench.symbol, quantity: '33.333333' }),
      );
      const look = await broker.look(ACCOUNT, bench.symbol, bench.assetClass, [], 0);
      expect(look.position).toBe('33.333333');
      return undefined;
    },
  ),
});
