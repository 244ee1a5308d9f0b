/** The account, its positions and its executions (docs/brokers/alpaca.md, section 3). */
import type { Context } from 'hono';
import { type Decimal, decimal } from '../../domain/decimal.js';
import type { BookPosition } from '../../matching/book.js';
import { notional } from '../../matching/funds.js';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Holdings } from '../exchange/holdings.js';
import type { Call } from '../exchange/new-order.js';
import type { Env } from '../faults/wire.js';
import { badInput, failure, problems } from './answers.js';
import { feeActivities } from './fee-activities.js';
import { fillActivities } from './order-views.js';
import { assetId, classOf, findSymbol, toPositionSymbol } from './symbols.js';

const MONEY_DECIMALS = 2;
const RATIO_DECIMALS = 4;
const PRICE_DECIMALS = 9;
const ZERO = decimal('0');

export async function accountView(exchange: Exchange, { account, openedAt }: Account) {
  const { cash, buyingPower, positions } = exchange.holdings(account);
  const equity = money(await exchange.equity(account));
  const [long, short] = [true, false].map((isLong) =>
    positions
      .filter(({ quantity }) => quantity.isPositive() === isLong)
      .reduce((sum, position) => sum.plus(notional(position, position.quantity, position.averagePrice)), ZERO),
  );
  const power = money(buyingPower);
  return {
    ...{ id: account, account_number: `PA${account.slice(0, 8).toUpperCase()}`, status: 'ACTIVE', currency: 'USD' },
    ...{ cash: money(cash), portfolio_value: equity, equity, last_equity: equity },
    ...{
      buying_power: power,
      regt_buying_power: power,
      non_marginable_buying_power: power,
      options_buying_power: power,
    },
    // Long positions are paid for in full here.
    ...{
      multiplier: '1',
      initial_margin: '0',
      maintenance_margin: '0',
      last_maintenance_margin: '0',
      accrued_fees: '0',
    },
    ...{ long_market_value: money(long ?? ZERO), short_market_value: money(short ?? ZERO), sma: '0' },
    position_market_value: money((long ?? ZERO).plus(short ?? ZERO)),
    ...{ shorting_enabled: true, trading_blocked: false, transfers_blocked: false, account_blocked: false },
    ...{ trade_suspended_by_user: false, options_approved_level: 2, options_trading_level: 2 },
    created_at: new Date(openedAt).toISOString(),
  };
}

export async function positionViews(exchange: Exchange, account: string, call: Call) {
  const holdings = exchange.holdings(account, call);
  return await Promise.all(holdings.positions.map((position) => positionView(exchange, holdings, position)));
}

export async function positionAnswer(exchange: Exchange, account: string, name: string, call: Call): Promise<Response> {
  const holdings = exchange.holdings(account, call);
  const symbol = findSymbol(
    name,
    holdings.positions.map((held) => held.symbol),
  );
  const position = holdings.positions.find((held) => held.symbol === symbol);
  if (position === undefined) return failure(problems.noPosition);
  return Response.json(await positionView(exchange, holdings, position));
}

async function positionView(exchange: Exchange, holdings: Holdings, position: BookPosition) {
  const { symbol, quantity, averagePrice } = position;
  const quote = await exchange.quote(symbol);
  const price = decimal(quote?.last ?? quote?.bid ?? averagePrice.toString());
  const [value, cost] = [notional(position, quantity, price), notional(position, quantity, averagePrice)];
  const gain = value.minus(cost);
  const ratio = cost.isZero() ? ZERO : gain.dividedBy(cost.absolute(), RATIO_DECIMALS);
  const available = quantity.absolute().minus(holdings.held(symbol));
  const assetClass = classOf(symbol);
  const exchanges = { us_equity: 'NASDAQ', us_option: '', crypto: 'CRYPTO' };
  return {
    ...{ asset_id: assetId(symbol), symbol: toPositionSymbol(symbol), exchange: exchanges[assetClass] },
    ...{ asset_class: assetClass, asset_marginable: assetClass === 'us_equity', qty: quantity.toString() },
    ...{ qty_available: (quantity.isNegative() ? available.negated() : available).toString() },
    ...{
      side: quantity.isNegative() ? 'short' : 'long',
      avg_entry_price: averagePrice.roundedTo(PRICE_DECIMALS, 'half_even').toString(),
    },
    ...{ market_value: value.toString(), cost_basis: cost.roundedTo(PRICE_DECIMALS, 'half_even').toString() },
    ...{ unrealized_pl: gain.roundedTo(PRICE_DECIMALS, 'half_even').toString(), unrealized_plpc: ratio.toString() },
    ...{
      unrealized_intraday_pl: gain.roundedTo(PRICE_DECIMALS, 'half_even').toString(),
      unrealized_intraday_plpc: ratio.toString(),
    },
    ...{ current_price: price.toString(), lastday_price: price.toString(), change_today: '0' },
  };
}

/** Executions, and fees of coins, in order of time. The next page starts after the id of the last row. */
export function activities(context: Context<Env>, exchange: Exchange, account: string, call: Call): Response {
  const {
    activity_types: types,
    direction = 'desc',
    after,
    until,
    page_size: size = '100',
    page_token: token,
  } = context.req.query();
  const type = context.req.param('type') ?? types ?? 'FILL';
  const limit = Number(size);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    return failure(badInput('page_size must be between 1 and 100'));
  const rows = activityRows(exchange, account, call, type.split(',')).filter(({ at }) => {
    return (after === undefined || at > Date.parse(after)) && (until === undefined || at < Date.parse(until));
  });
  rows.sort((a, b) => a.at - b.at);
  if (direction !== 'asc') rows.reverse();
  const start = token === undefined ? 0 : rows.findIndex(({ view }) => view.id === token) + 1;
  return Response.json(rows.slice(start, start + limit).map(({ view }) => view));
}

function activityRows(exchange: Exchange, account: string, call: Call, types: readonly string[]) {
  const orders = exchange.orders(account, call);
  const until = exchange.fillsListedUntil(call);
  const fills = types.includes('FILL') ? orders.flatMap((order) => fillActivities(order, until)) : [];
  const fees = types.includes('CFEE') ? feeActivities(exchange, orders) : [];
  return [
    ...fills.map((view) => ({ view, at: Date.parse(view.transaction_time) })),
    ...fees.map((view) => ({ view, at: Date.parse(view.date) })),
  ];
}

function money(amount: Decimal): string {
  const text = amount.roundedTo(MONEY_DECIMALS, 'half_even').toString();
  const [whole = '0', cents = ''] = text.split('.');
  return `${whole}.${cents.padEnd(MONEY_DECIMALS, '0')}`;
}
