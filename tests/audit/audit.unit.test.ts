import { describe, expect, it } from 'vitest';
import { ofAccountsShown } from '../../src/audit/attribution.js';
import { audit, uncovered } from '../../src/audit/audit.js';
import { decimal } from '../../src/domain/decimal.js';
import { event, fill, soundBooks, TRADE, type Written } from './books.js';

/** What is falsified, what becomes of the books, and which invariants find it. */
type Falsification = [title: string, invariants: string[], falsify: (books: Written) => void];

it('takes what a fee took out of a purchase for gone', () => {
  const { facts, entry, stop, exit, trade, intents } = soundBooks();
  entry.events[1] = { ...fill(0, '10', '100', 'e1'), feeInKind: '0.025' };
  stop.quantity = '9.975';
  exit.quantity = '9.975';
  exit.events[1] = fill(61, '9.975', '101', 'x1');
  const [sold] = intents.exit.executions;
  if (sold) sold.quantity = decimal('9.975');
  trade.realizedPnl = decimal('7.475');
  expect(audit(facts)).toEqual([]);
});

const FALSIFICATIONS: Falsification[] = [
  [
    'an order of ours without an intent',
    ['I-U1'],
    ({ facts, stop, intents }) => {
      facts.ledger.orders.push({ ...stop, orderId: 'other', clientOrderId: `${intents.stop.clientOrderId}9` });
    },
  ],
  [
    'an unrelated order in the account',
    ['I-U1'],
    ({ facts, stop }) => {
      const { clientOrderId: _ours, ...unrelated } = stop;
      facts.ledger.orders.push({ ...unrelated, orderId: 'other' });
    },
  ],
  ['an order that the broker does not have', ['I-U2'], ({ facts }) => void facts.ledger.orders.splice(1, 1)],
  [
    'an order that was refused, they say',
    ['I-U2'],
    ({ intents }) => void Object.assign(intents.stop, { intent: 'REFUSED' }),
  ],
  [
    'an order that was never sent, they say',
    ['I-U2'],
    ({ intents }) => void Object.assign(intents.stop, { intent: 'PREPARED' }),
  ],
  [
    'an order that was never found again',
    ['I-U2'],
    ({ intents }) => void Object.assign(intents.stop, { intent: 'UNKNOWN' }),
  ],
  [
    'an order that was sent twice',
    ['I-U3'],
    ({ facts, stop }) => void facts.ledger.orders.push({ ...stop, orderId: 'other', status: 'rejected', events: [] }),
  ],
  ['a fill that was not recorded', ['I-U8'], ({ intents }) => void intents.exit.executions.pop()],
  [
    'a fill recorded at another price',
    ['I-U8'],
    ({ intents }) => {
      intents.exit.executions = [{ executionId: 'x1', quantity: decimal('10'), price: decimal('101.01') }];
    },
  ],
  [
    'a fill recorded with another quantity',
    ['I-U8'],
    ({ intents }) => {
      intents.exit.executions = [{ executionId: 'x1', quantity: decimal('9'), price: decimal('101') }];
    },
  ],
  [
    'a fill that only the database has',
    ['I-U8'],
    ({ intents }) => {
      intents.stop.executions = [{ executionId: 's1', quantity: decimal('1'), price: decimal('99') }];
    },
  ],
  [
    'more filled than the record says',
    ['I-Q1'],
    ({ trade }) => void Object.assign(trade, { filledQuantity: decimal('9') }),
  ],
  [
    'more sold than was bought',
    ['I-Q2', 'I-Q3', 'I-P3', 'I-U8'],
    ({ exit }) => {
      exit.quantity = '11';
      exit.events.push(fill(62, '1', '101', 'x2'));
    },
  ],
  [
    'sold before it was bought',
    ['I-Q2', 'I-P3'],
    ({ entry }) => {
      entry.events = [event(0, 'accepted'), fill(70, '10', '100', 'e1')];
    },
  ],
  [
    'closed with a share left',
    ['I-Q3', 'I-U8'],
    ({ exit }) => void Object.assign(exit, { events: [event(61, 'accepted'), fill(61, '9', '101', 'x1')] }),
  ],
  [
    'a remainder that is not reported',
    ['I-Q3'],
    ({ trade, facts }) => {
      Object.assign(trade, { status: 'needs_attention', isFinal: false, alerts: 1, openQuantity: decimal('4') });
      facts.ledger.positions.push({ account: 'account-1', symbol: 'AAPL', quantity: '4' });
    },
  ],
  [
    'a position that no trade holds',
    ['I-Q4'],
    ({ facts }) => {
      facts.ledger.positions.push({ account: 'account-1', symbol: 'AAPL', quantity: '1' });
    },
  ],
  ['a stop for more than is held', ['I-P3'], ({ stop }) => void Object.assign(stop, { quantity: '11' })],
  [
    'two stops at once',
    ['I-P3', 'I-U3'],
    ({ facts, stop }) => void facts.ledger.orders.push({ ...stop, orderId: 'second' }),
  ],
  [
    'an exit beside a stop',
    ['I-P5', 'I-P3'],
    ({ stop }) => void Object.assign(stop, { events: [event(1, 'accepted'), event(62, 'cancelled')] }),
  ],
  ['rejected with fills', ['I-E1'], ({ trade }) => void Object.assign(trade, { status: 'rejected' })],
  ['cancelled with fills', ['I-E2'], ({ trade }) => void Object.assign(trade, { status: 'cancelled' })],
  [
    'closed with a working stop',
    ['I-E3', 'I-P5', 'I-P3'],
    ({ stop }) => {
      stop.status = 'working';
      stop.events = [event(1, 'accepted')];
    },
  ],
  [
    'needs attention, and there is no alert',
    ['I-E4'],
    ({ trade }) => Object.assign(trade, { status: 'needs_attention', isFinal: false }),
  ],
  ['a cent too much made', ['I-E5'], ({ trade }) => void Object.assign(trade, { realizedPnl: decimal('10.01') })],
  ['something still reserved', ['I-R3'], ({ trade }) => void Object.assign(trade, { reserved: decimal('1000') })],
];

describe('the audit', () => {
  it('finds nothing in sound books', () => {
    expect(audit(soundBooks().facts)).toEqual([]);
  });

  it.each(FALSIFICATIONS)('finds %s', (_title, invariants, falsify) => {
    const books = soundBooks();
    falsify(books);
    const found = audit(books.facts).map(({ invariant }) => invariant);
    expect([...new Set(found)].sort()).toEqual([...invariants].sort());
  });

  it('takes a fill that the broker took back for none', () => {
    const { facts, exit } = soundBooks();
    exit.events.push(fill(62, '3', '101', 'x2'), { ...event(63, 'bust'), executionId: 'x2' });
    expect(audit(facts)).toEqual([]);
  });

  it('compares totals where the broker reports no single fills', () => {
    const { facts, intents } = soundBooks();
    intents.exit.executions = [{ executionId: 'total', quantity: decimal('10'), price: decimal('101') }];
    expect(audit(facts)).toEqual([]);
  });
});

describe('a ledger without our ids, whose accounts have other names', () => {
  const foreign = () => {
    const books = soundBooks();
    for (const order of books.facts.ledger.orders) Object.assign(order, { account: '7700', clientOrderId: 'its own' });
    return books;
  };

  it('is attributed by the broker’s ids', () => {
    expect(audit(foreign().facts)).toEqual([]);
  });

  it('is not confused by the same ids in an account of somebody else', () => {
    const { facts, entry } = foreign();
    facts.ledger.orders.push({ ...entry, account: '8800', symbol: 'MSFT' });
    expect(audit(facts)).toEqual([]);
  });

  it('shows a second order as an unrelated one', () => {
    const { facts, entry } = foreign();
    facts.ledger.orders.push({ ...entry, orderId: 'again', status: 'rejected', events: [] });
    expect(audit(facts)).toMatchObject([{ invariant: 'I-U1' }]);
  });
});

describe('a ledger of some accounts', () => {
  it('says nothing of the others', () => {
    const { facts } = soundBooks();
    facts.ledger.orders = [];
    expect(audit(ofAccountsShown(facts))).toEqual([]);
  });
});

describe('the time without cover', () => {
  it('is what lies between a fill and its stop, and between the stop and the exit', () => {
    const gaps = uncovered(soundBooks().facts);
    expect(gaps.map(({ tradeId, ms }) => [tradeId, ms])).toEqual([
      [TRADE, 1_000],
      [TRADE, 1_000],
    ]);
  });

  it('has no end where no stop came', () => {
    const { facts } = soundBooks();
    facts.ledger.orders.splice(1, 2);
    expect(uncovered(facts)).toEqual([{ tradeId: TRADE, from: Date.UTC(2026, 2, 3, 16) }]);
  });

  it('counts a stop for a part as none for the rest', () => {
    const { facts, stop } = soundBooks();
    stop.quantity = '4';
    expect(uncovered(facts).map(({ ms }) => ms)).toEqual([61_000]);
  });
});
