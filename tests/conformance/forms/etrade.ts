/** Forms: tests/brokers/etrade/unrelated.unit.test.ts names their sources. */
import type { Body } from '../../simulator/simulator-fixture.js';
import { type Form, having, type WireForms } from './wire-forms.js';

const THEIR_ID = 990_001;
const KO = { symbol: 'KO', securityType: 'EQ' };

/** An order with a change of its detail and of its leg. */
const theirs =
  (detail: object, leg: object = {}, members: object = {}): Form =>
  ({ OrderDetail: [own], ...row }) => {
    const [ownLeg] = own.Instrument;
    const OrderDetail = [{ ...own, Instrument: [{ ...ownLeg, ...leg }], ...detail }];
    return { ...row, OrderDetail, orderId: THEIR_ID, ...members };
  };
const ofKo = (detail: object, leg: object = {}, members: object = {}) =>
  theirs(detail, { Product: KO, ...leg }, members);
const held = (members: object) => having({ Product: KO, ...members });
const legsOf = (row: Body) => row.OrderDetail[0].Instrument;
const side = (price: string | null) => (price === null ? null : Number(price));

export const etradeForms: WireForms = {
  places: {
    lists: [{ path: /\/orders\.json$/, members: ['OrdersResponse', 'Order'] }],
    orders: [{ path: /\/orders(?:\/\d+)?\.json$/, members: ['OrdersResponse', 'Order'] }],
    fills: [],
    positions: [{ path: /\/portfolio\.json$/, members: ['PortfolioResponse', 'AccountPortfolio', '*', 'Position'] }],
  },
  idOf: (row) => String(row?.orderId),
  withState: (row, status) => ({ ...row, OrderDetail: [{ ...row.OrderDetail[0], status }] }),
  isHeld: ({ Product }) => Product?.symbol === 'AAPL' && Product.securityType === 'EQ',
  holding: (row, quantity) => ({ ...row, quantity: side(quantity) }),
  orders: {
    money: theirs({ priceType: 'MARKET' }, { quantityType: 'DOLLAR', orderedQuantity: null }),
    legs: (row) => {
      const Instrument = [legsOf(row)[0], { ...legsOf(row)[0], orderAction: 'SELL' }];
      return theirs({ priceType: 'NET_CREDIT', Instrument }, {}, { orderType: 'SPREADS' })(row);
    },
    linked: (row) => {
      const OrderDetail = [row.OrderDetail[0], { ...row.OrderDetail[0], priceType: 'STOP' }];
      return { ...row, orderId: THEIR_ID, orderType: 'ONE_CANCELS_ALL', OrderDetail };
    },
    otherAsset: theirs({}, { Product: { symbol: 'VFINX', securityType: 'MF' } }, { orderType: 'MF' }),
    otherType: theirs({ priceType: 'MARKET_ON_CLOSE' }),
    otherTerm: theirs({ orderTerm: 'IMMEDIATE_OR_CANCEL' }),
    otherState: ofKo({ status: 'DONE_TRADE_EXECUTED' }),
    withoutTerms: ofKo({}, { orderedQuantity: null }),
    withoutId: ofKo({}, {}, { orderId: null }),
    nothing: () => null,
  },
  positions: {
    otherAsset: held({ Product: { symbol: '912828XX5', securityType: 'BOND' } }),
    withoutAverage: held({ pricePaid: null }),
    withoutSymbol: held({ Product: { securityType: 'EQ' } }),
    zero: held({ quantity: 0 }),
    short: held({ quantity: -7, positionType: 'SHORT' }),
    fraction: held({ quantity: 12.345 }),
    classShare: held({ Product: { symbol: 'BRK.B', securityType: 'EQ' } }),
    unreadable: held({ quantity: null }),
    nothing: () => null,
  },
  states: {
    waiting: ['OPEN'],
    cancelling: ['CANCEL_REQUESTED'],
    cancelled: ['CANCELLED'],
    expired: ['EXPIRED'],
    rejected: ['REJECTED'],
  },
  amounts: ['orderedQuantity', 'filledQuantity', 'limitPrice', 'stopPrice', 'averageExecutionPrice'],
  quoted: (body, { bid, ask }) => {
    if (!body.QuoteResponse?.QuoteData) return body;
    const quote = (row: Body) => ({ ...row, All: { ...row.All, bid: side(bid), ask: side(ask) } });
    return { ...body, QuoteResponse: { ...body.QuoteResponse, QuoteData: body.QuoteResponse.QuoteData.map(quote) } };
  },
};
