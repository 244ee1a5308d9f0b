/**
 * The trades of an account; the simulator has no other transactions. The form is that of Schwab's specification ("Get all
 * transactions information for a specific account"), as an answer of it is shown in creacominc/ccSchwabManager.
 */
import { Hono } from 'hono';
import { type Decimal, decimal } from '../../domain/decimal.js';
import { contractMultiplier } from '../../domain/instrument.js';
import type { Execution } from '../../domain/order.js';
import type { Exchange } from '../exchange/exchange.js';
import { type ExchangeOrder, executionsOf } from '../exchange/orders.js';
import type { HandleCall } from '../faults/handle-call.js';
import type { Env } from '../faults/wire.js';
import { readQueryTime, schwabTime, traderError } from './answers.js';
import type { SchwabCallers } from './callers.js';
import { instrumentOf, numberOf, OPENING, wire } from './order-views.js';
import { toSchwabSymbol } from './symbols.js';

const TYPES = [
  ...['TRADE', 'RECEIVE_AND_DELIVER', 'DIVIDEND_OR_INTEREST', 'ACH_RECEIPT', 'ACH_DISBURSEMENT', 'CASH_RECEIPT'],
  ...['CASH_DISBURSEMENT', 'ELECTRONIC_FUND', 'WIRE_OUT', 'WIRE_IN', 'JOURNAL', 'MEMORANDUM', 'MARGIN_CALL'],
  ...['MONEY_MARKET', 'SMA_ADJUSTMENT'],
];
const DOLLARS = { assetType: 'CURRENCY', status: 'ACTIVE', symbol: 'CURRENCY_USD', instrumentId: 1, closingPrice: 0 };

export function transactionRoutes(exchange: Exchange, handleCall: HandleCall, callers: SchwabCallers): Hono<Env> {
  const trades = (account: string) =>
    exchange.orders(account, {}).flatMap((order) => executionsOf(order).map((fill) => ({ order, fill })));
  return new Hono<Env>()
    .get('/accounts/:hash/transactions', (context) =>
      callers.asAccount(context, ({ account }) =>
        handleCall(context, { operation: 'other', account }, () => {
          const query = readQuery(new URL(context.req.url).searchParams);
          if ('problem' in query) return traderError(400, query.problem);
          const { from, to, hasTrades, symbol } = query;
          const wanted = trades(account).filter(
            ({ order: { request }, fill: { at } }) =>
              hasTrades && at >= from && at <= to && [undefined, toSchwabSymbol(request.symbol)].includes(symbol),
          );
          return Response.json(wanted.map(({ order, fill }) => tradeView(order, fill)).reverse());
        }),
      ),
    )
    .get('/accounts/:hash/transactions/:id', (context) =>
      callers.asAccount(context, ({ account }) =>
        handleCall(context, { operation: 'other', account }, () => {
          const id = context.req.param('id');
          const found = trades(account).find(({ fill }) => String(numberOf(fill.executionId)) === id);
          return found ? Response.json(tradeView(found.order, found.fill)) : traderError(404, 'Transaction not found');
        }),
      ),
    );
}

interface TransactionQuery {
  from: number;
  to: number;
  hasTrades: boolean;
  symbol: string | undefined;
}

/** Both dates and the types are required. */
function readQuery(query: URLSearchParams): TransactionQuery | { problem: string } {
  const types = query.get('types')?.split(',') ?? [];
  const [from, to] = ['startDate', 'endDate'].map((name) => readQueryTime(query.get(name) ?? ''));
  if (from === undefined) return { problem: 'startDate is required' };
  if (to === undefined) return { problem: 'endDate is required' };
  if (types.length === 0 || types.some((type) => !TYPES.includes(type)))
    return { problem: `'${query.get('types') ?? ''}' is not a valid value for types` };
  return { from, to, hasTrades: types.includes('TRADE'), symbol: query.get('symbol') ?? undefined };
}

function tradeView({ account, orderId, request, state }: ExchangeOrder, { executionId, at, ...amounts }: Execution) {
  const isPurchase = request.side === 'buy' || request.side === 'buy_to_cover';
  const signed = (value: Decimal) => (isPurchase ? value : value.negated());
  const [quantity, price, fee] = [amounts.quantity, amounts.price, amounts.fee].map(decimal) as [
    Decimal,
    Decimal,
    Decimal,
  ];
  const cost = signed(quantity.times(price).times(contractMultiplier(state.assetClass))).negated();
  const time = schwabTime(at);
  return {
    ...{ activityId: numberOf(executionId), time, accountNumber: account, type: 'TRADE', status: 'VALID' },
    ...{ subAccount: 'MARGIN', tradeDate: time, positionId: numberOf(request.symbol), orderId: Number(orderId) },
    netAmount: wire(cost.minus(fee).roundedTo(2, 'half_even')),
    transferItems: [
      ...(fee.isZero()
        ? []
        : [{ instrument: DOLLARS, amount: wire(fee), cost: wire(fee.negated()), feeType: 'COMMISSION' }]),
      {
        instrument: { ...instrumentOf(request.symbol), status: 'ACTIVE', closingPrice: wire(price) },
        ...{ amount: wire(signed(quantity)), cost: wire(cost), price: wire(price) },
        positionEffect: OPENING.includes(request.side) ? 'OPENING' : 'CLOSING',
      },
    ],
  };
}
