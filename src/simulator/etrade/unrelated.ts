/**
 * What people have beside the orders of a program: shown in every account, never matched, and counted in no balance. The forms:
 * spreads and the portfolio as in ssoper/Batil (src/test/resources/brokers/etrade), types and statuses as in CRAN's etrader
 * (etrd_order_history), accounts of a bank as in E*TRADE's accounts API v1.
 */
import { tradingDay } from '../../domain/calendar.js';
import type { Account } from '../exchange/accounts.js';
import { accountIdKey } from './callers.js';
import type { Listed } from './order-query.js';
import type { Tree } from './xml.js';

/** Below those of the account's own orders. */
const IDS = { spread: 101, conditional: 102, dollars: 103, fund: 104, ended: 105 };

const option = (strikePrice: number): Tree => ({
  ...{ symbol: 'XOM', securityType: 'OPTN', callPut: 'CALL', expiryYear: 2030, expiryMonth: 1, expiryDay: 18 },
  ...{ strikePrice, productId: { symbol: 'XOM', typeCode: 'EQUITY' } },
});
const share: Tree = { symbol: 'XOM', securityType: 'EQ' };

function leg(orderAction: string, Product: Tree, more: Tree = {}): Tree {
  const quantities = { quantityType: 'QUANTITY', orderedQuantity: 1, filledQuantity: 0 };
  return { symbolDescription: 'EXXON MOBIL', orderAction, ...quantities, Product, ...more };
}

interface UnrelatedOrder extends Listed {
  status: string;
}

/** The account's orders, newest first. They are as old as the account. */
export function unrelatedOrders({ openedAt }: Account): UnrelatedOrder[] {
  const detail = (more: Tree): Tree => ({
    ...{ placedTime: openedAt, orderValue: 0, status: 'OPEN', orderTerm: 'GOOD_UNTIL_CANCEL', priceType: 'LIMIT' },
    ...{ limitPrice: 1.25, stopPrice: 0, marketSession: 'REGULAR', allOrNone: false, netPrice: 0, ...more },
  });
  const order = (orderId: number, orderType: string, status: string, ...OrderDetail: Tree[]): UnrelatedOrder => {
    return { status, orderId: String(orderId), view: (details) => ({ orderId, details, orderType, OrderDetail }) };
  };
  const legs = [leg('SELL_OPEN', option(120)), leg('BUY_OPEN', option(125))];
  const dollars = { ...leg('BUY', share), quantityType: 'DOLLAR', quantity: 500 };
  const fund = leg('BUY', { symbol: 'VFINX', securityType: 'MF' });
  return [
    order(IDS.spread, 'SPREADS', 'OPEN', detail({ priceType: 'NET_CREDIT', Instrument: legs })),
    order(
      IDS.conditional,
      'ONE_CANCELS_ALL',
      'OPEN',
      detail({ Instrument: [leg('SELL', share)] }),
      detail({ priceType: 'STOP', Instrument: [leg('SELL', share)] }),
    ),
    order(IDS.dollars, 'EQ', 'OPEN', detail({ priceType: 'MARKET', Instrument: [withoutQuantity(dollars)] })),
    order(IDS.fund, 'MF', 'OPEN', detail({ Instrument: [fund] })),
    order(
      IDS.ended,
      'OPTION_ASSIGNMENT',
      'DONE_TRADE_EXECUTED',
      detail({ status: 'DONE_TRADE_EXECUTED', Instrument: [leg('SELL', option(120))] }),
    ),
  ];
}

function withoutQuantity({ orderedQuantity: _ordered, ...rest }: Tree): Tree {
  return rest;
}

/** Whether a list that is narrowed down shows it. Nobody asks for the days or the symbol of what is not a program's. */
export function isListed({ status }: UnrelatedOrder, { openedAt }: Account, query: URLSearchParams): boolean {
  const wanted = query.get('status');
  const symbols = query.get('symbol')?.split(',');
  const [from, to] = [query.get('fromDate'), query.get('toDate')].map((text) => text && isoDay(text));
  const day = tradingDay('equity', openedAt);
  return (
    (wanted === null || wanted === status) &&
    (symbols === undefined || symbols.includes('XOM')) &&
    (!from || !to || (day >= from && day <= to))
  );
}

/** `MMDDYYYY` as `YYYY-MM-DD`. */
function isoDay(text: string): string {
  return `${text.slice(4)}-${text.slice(0, 2)}-${text.slice(2, 4)}`;
}

export const unrelatedPositions: readonly Tree[] = [
  {
    ...{ positionId: 9_000_001, symbolDescription: 'US TREASURY 2.5%', quantity: 5_000, positionType: 'LONG' },
    ...{ Product: { symbol: '912828XX5', securityType: 'BOND' }, marketValue: 4_900, totalCost: 5_000 },
  },
  {
    ...{ positionId: 9_000_002, symbolDescription: 'VANGUARD 500', quantity: 12.5, positionType: 'LONG' },
    ...{ Product: { symbol: 'VFINX', securityType: 'MF' }, pricePaid: 401.2, marketValue: 5_100, totalCost: 5_015 },
  },
  {
    ...{ positionId: 9_000_003, symbolDescription: "XOM1 Jan 18 '30 $120 Call", quantity: -1, positionType: 'SHORT' },
    ...{ Product: option(120), osiKey: 'XOM1--300118C00120000', pricePaid: 3.1, marketValue: -290, totalCost: -310 },
  },
];

/** One of the bank that E*TRADE also is: nothing is traded in it. */
export function bankAccount({ account }: Account): Tree {
  const accountId = `7${account.slice(1)}`;
  return {
    ...{ accountId, accountIdKey: accountIdKey(`bank ${account}`), accountMode: 'CHECKING', accountDesc: 'Max-Rate' },
    ...{ accountName: '', accountType: 'MRCHK', institutionType: 'BANK', accountStatus: 'ACTIVE', closedDate: 0 },
  };
}
