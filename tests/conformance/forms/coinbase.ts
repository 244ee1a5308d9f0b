/** Forms: tests/brokers/coinbase/unrelated.unit.test.ts names their sources. */
import type { Body } from '../../simulator/simulator-fixture.js';
import { having, type WireForms } from './wire-forms.js';

const THEIRS = {
  order_id: '9b2f2f0c-0d55-4e0e-9d70-6a1d7c1c00aa',
  client_order_id: '5d1c1a0e-6e0b-5a57-9a51-3c7b2f0f00aa',
};
const theirs = (members: object) => having({ ...THEIRS, ...members });
const ofSol = (members: object) => theirs({ product_id: 'SOL-USD', ...members });

const amountOf = (value: string | null, currency: string) => ({ value, currency });
const wallet = (value: string | null, members: object = {}) => {
  const amounts = { available_balance: amountOf(value, 'SOL'), hold: amountOf('0', 'SOL') };
  return having({ uuid: '6a5b0c1d-0001-4a00-9000-0000000000aa', currency: 'SOL', ...amounts, ...members });
};
const side = (price: string | null) => (price === null ? [] : [{ price, size: '1' }]);

export const coinbaseForms: WireForms = {
  places: {
    lists: [{ path: /\/orders\/historical\/batch$/, members: ['orders'] }],
    orders: [
      { path: /\/orders\/historical\/batch$/, members: ['orders'] },
      { path: /\/orders\/historical\/(?!batch$|fills$)[^/]+$/, members: ['order'] },
    ],
    fills: [{ path: /\/orders\/historical\/fills$/, members: ['fills'] }],
    positions: [{ path: /\/brokerage\/accounts$/, members: ['accounts'] }],
  },
  idOf: (row) => String(row?.order_id),
  withState: (row, status) => ({ ...row, status }),
  isHeld: ({ currency, type }) => currency === 'BTC' && type === 'ACCOUNT_TYPE_CRYPTO',
  holding: (row, value) => ({ ...row, available_balance: amountOf(value, 'BTC'), hold: amountOf('0', 'BTC') }),
  orders: {
    money: theirs({ order_configuration: { market_market_ioc: { quote_size: '50' } } }),
    linked: theirs({ order_configuration: { trigger_bracket_gtc: { base_size: '1', stop_trigger_price: '2' } } }),
    otherAsset: theirs({ product_id: 'BIP-20DEC30-CDE', product_type: 'FUTURE' }),
    otherType: theirs({ order_configuration: { scaled_limit_gtc: { orders: [], num_orders: 3 } } }),
    otherTerm: theirs({ order_configuration: { twap_limit_gtd: { quote_size: '10.00', number_buckets: '5' } } }),
    otherState: ofSol({ status: 'UNKNOWN_ORDER_STATUS' }),
    withoutTerms: ofSol({ order_configuration: null }),
    withoutId: ofSol({ order_id: null, client_order_id: null }),
    nothing: () => null,
  },
  positions: {
    otherAsset: wallet('3', { type: 'ACCOUNT_TYPE_STAKED_FUNDS' }),
    withoutSymbol: wallet('3', { currency: null }),
    zero: wallet('0'),
    fraction: wallet('12.34567891'),
    unreadable: wallet('3', { hold: null }),
    nothing: () => null,
  },
  states: {
    waiting: ['PENDING', 'QUEUED'],
    cancelling: ['CANCEL_QUEUED', 'EDIT_QUEUED'],
    cancelled: ['CANCELLED'],
    expired: ['EXPIRED'],
    rejected: ['FAILED'],
  },
  amounts: ['base_size', 'filled_size', 'limit_price', 'stop_price', 'price', 'size'],
  quoted: (body, { bid, ask }) => {
    const book = (row: Body) => ({ ...row, bids: side(bid), asks: side(ask) });
    if (body.pricebooks) return { ...body, pricebooks: body.pricebooks.map(book) };
    return body.pricebook ? { ...body, pricebook: book(body.pricebook) } : body;
  },
};
