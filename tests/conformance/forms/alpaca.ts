/** Forms: tests/brokers/alpaca/public-forms.ts names their sources. */
import { having, type WireForms } from './wire-forms.js';

const THEIRS = { id: 'b3e7a6f0-0000-4000-8000-0000000000aa', client_order_id: '0c3c2d1e-0000-4000-8000-0000000000aa' };
const theirs = (members: object) => having({ ...THEIRS, ...members });
const ofKo = (members: object) => theirs({ symbol: 'KO', ...members });
const held = (members: object) =>
  having({ symbol: 'KO', asset_id: '904837e3-0000-4000-8000-0000000000aa', ...members });
const side = (price: string | null) => (price === null ? null : Number(price));

export const alpacaForms: WireForms = {
  places: {
    lists: [{ path: /\/v2\/orders$/, members: [] }],
    orders: [{ path: /\/v2\/orders(?::by_client_order_id|\/[^/]+)?$/, members: [] }],
    fills: [{ path: /\/activities\/FILL$/, members: [] }],
    positions: [{ path: /\/v2\/positions$/, members: [] }],
  },
  idOf: (row) => String(row?.id),
  withState: (row, status) => ({ ...row, status }),
  isHeld: ({ symbol }) => symbol === 'AAPL',
  holding: (row, qty) => ({ ...row, qty, qty_available: qty }),
  orders: {
    money: theirs({ qty: null, notional: '50', type: 'market', order_type: 'market', limit_price: null }),
    legs: (row) => {
      const legs = ['buy', 'sell'].map((name) => ({ ...row, ...THEIRS, side: name, asset_class: 'us_option' }));
      return { ...row, ...THEIRS, symbol: '', asset_class: '', side: '', type: '', order_class: 'mleg', legs };
    },
    linked: (row) => ({
      ...row,
      ...THEIRS,
      order_class: 'oco',
      legs: [{ ...row, ...THEIRS, type: 'stop', stop_price: '1' }],
    }),
    otherAsset: theirs({ symbol: 'BTC-PERP', asset_class: 'crypto_perp' }),
    otherType: ofKo({ type: 'iceberg', order_type: 'iceberg' }),
    otherTerm: ofKo({ time_in_force: 'gtd' }),
    otherState: ofKo({ status: 'pending_magic' }),
    withoutTerms: ofKo({ side: null }),
    withoutId: ofKo({ id: null, client_order_id: null }),
    nothing: () => null,
  },
  positions: {
    otherAsset: held({ symbol: 'BTC-PERP', asset_class: 'crypto_perp' }),
    withoutAverage: held({ avg_entry_price: null }),
    withoutSymbol: held({ symbol: null }),
    zero: held({ qty: '0' }),
    short: held({ qty: '-7', side: 'short' }),
    fraction: held({ qty: '12.345678912' }),
    classShare: held({ symbol: 'BRK.B' }),
    unreadable: held({ qty: null }),
    nothing: () => null,
  },
  states: {
    waiting: [
      'accepted',
      'pending_new',
      'accepted_for_bidding',
      'pending_review',
      'held',
      'stopped',
      'suspended',
      'calculated',
    ],
    cancelling: ['pending_cancel', 'pending_replace'],
    cancelled: ['canceled', 'replaced'],
    expired: ['expired'],
    rejected: ['rejected'],
  },
  amounts: ['qty', 'filled_qty', 'limit_price', 'stop_price', 'price', 'cum_qty'],
  quoted: (body, { bid, ask }) => {
    const entries = Object.entries(body.snapshots ?? body).map(([symbol, entry]) => {
      const { latestQuote, ...rest } = Object(entry);
      return [symbol, { ...rest, latestQuote: { ...latestQuote, bp: side(bid), ap: side(ask) } }];
    });
    const all = Object.fromEntries(entries);
    return body.snapshots ? { ...body, snapshots: all } : all;
  },
};
