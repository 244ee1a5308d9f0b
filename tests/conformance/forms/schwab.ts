/** Forms: tests/brokers/schwab/seen-in-public.unit.test.ts names their sources. */
import type { Body } from '../../simulator/simulator-fixture.js';
import { type Form, having, type WireForms } from './wire-forms.js';

const THEIR_ID = 990_001;

/** An order with a change of its own, of its leg, and of what the leg is for. */
const theirs =
  (members: object, leg: object = {}, instrument: object = {}): Form =>
  ({ orderLegCollection: [own], ...row }) => {
    const legs = [{ ...own, instrument: { ...own.instrument, ...instrument }, ...leg }];
    return { ...row, orderLegCollection: legs, orderId: THEIR_ID, ...members };
  };
const ofKo = (members: object, leg: object = {}) => theirs(members, leg, { symbol: 'KO' });
const held =
  (members: object, instrument: object = {}): Form =>
  (row) => ({ ...row, instrument: { ...row.instrument, symbol: 'KO', ...instrument }, ...members });
const side = (price: string | null) => (price === null ? null : Number(price));

const LIST = /\/accounts\/[^/]+\/orders$/;
const ONE = /\/accounts\/[^/]+\/orders\/\d+$/;

export const schwabForms: WireForms = {
  places: {
    lists: [{ path: LIST, members: [] }],
    orders: [
      { path: LIST, members: [] },
      { path: ONE, members: [] },
    ],
    fills: [
      { path: LIST, members: ['*', 'orderActivityCollection'] },
      { path: ONE, members: ['orderActivityCollection'] },
    ],
    positions: [{ path: /\/accounts\/[^/]+$/, members: ['securitiesAccount', 'positions'] }],
  },
  idOf: (row) => String(row?.orderId),
  withState: (row, status) => ({ ...row, status }),
  isHeld: ({ instrument }) => instrument?.symbol === 'AAPL',
  holding: (row, quantity) => ({ ...row, longQuantity: side(quantity) }),
  orders: {
    money: theirs({ orderType: 'MARKET', price: null }, { quantityType: 'DOLLARS' }),
    legs: (row) => {
      const [leg] = row.orderLegCollection;
      return having({ orderId: THEIR_ID, orderType: 'NET_DEBIT', orderLegCollection: [leg, leg] })(row);
    },
    linked: (row) => {
      const children = [THEIR_ID, THEIR_ID + 1].map((orderId) => ({ ...row, orderId, price: 1 }));
      const pair = { orderStrategyType: 'OCO', orderId: THEIR_ID + 2, status: 'WORKING', enteredTime: row.enteredTime };
      return { ...pair, childOrderStrategies: children };
    },
    otherAsset: theirs({}, {}, { assetType: 'FIXED_INCOME', symbol: '912810TM0' }),
    otherType: theirs({ orderType: 'MARKET_ON_CLOSE', price: null }),
    otherTerm: theirs({ duration: 'END_OF_WEEK' }),
    otherState: ofKo({ status: 'ON_HOLD' }),
    withoutTerms: ofKo({ price: null }),
    withoutId: ofKo({ orderId: null }),
    nothing: () => null,
  },
  positions: {
    otherAsset: held({}, { assetType: 'FIXED_INCOME', symbol: '912810TM0' }),
    withoutAverage: held({ averagePrice: null }),
    withoutSymbol: held({}, { symbol: null, assetType: null }),
    zero: held({ longQuantity: 0 }),
    short: held({ longQuantity: 0, shortQuantity: 7 }),
    fraction: held({ longQuantity: 12.345 }),
    classShare: held({}, { symbol: 'BRK/B' }),
    unreadable: held({ longQuantity: null }),
    nothing: () => null,
  },
  states: {
    waiting: [
      ...['NEW', 'PENDING_ACKNOWLEDGEMENT', 'ACCEPTED', 'QUEUED', 'PENDING_ACTIVATION', 'AWAITING_PARENT_ORDER'],
      ...['AWAITING_CONDITION', 'AWAITING_RELEASE_TIME', 'AWAITING_MANUAL_REVIEW', 'AWAITING_STOP_CONDITION'],
    ],
    cancelling: ['PENDING_CANCEL', 'PENDING_REPLACE', 'PENDING_RECALL', 'AWAITING_UR_OUT'],
    cancelled: ['CANCELED', 'REPLACED'],
    expired: ['EXPIRED'],
    rejected: ['REJECTED'],
  },
  amounts: ['quantity', 'filledQuantity', 'price', 'stopPrice'],
  quoted: (body, { bid, ask }) => {
    const entries = Object.entries<Body>(body).map(([symbol, entry]) => {
      const isQuote = entry !== null && typeof entry === 'object' && 'quote' in entry;
      const quote = isQuote && { ...entry.quote, bidPrice: side(bid), askPrice: side(ask) };
      return [symbol, isQuote ? { ...entry, quote } : entry];
    });
    return Object.fromEntries(entries);
  },
};
