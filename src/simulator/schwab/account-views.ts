/** Accounts, balances and positions as Schwab shows them (docs/brokers/schwab.md, section 4). */
import { createHash } from 'node:crypto';
import { Decimal, decimal } from '../../domain/decimal.js';
import { contractMultiplier } from '../../domain/instrument.js';
import type { BookPosition } from '../../matching/book.js';
import type { Account } from '../exchange/accounts.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Holdings } from '../exchange/holdings.js';
import { instrumentOf, wire } from './order-views.js';

/** The hash that names an account in paths; Schwab does not accept the plain number there. */
export function accountHash(accountNumber: string): string {
  return createHash('sha256').update(`schwab ${accountNumber}`).digest('hex').toUpperCase();
}

export interface AccountState {
  account: Account;
  holdings: Holdings;
  equity: Decimal;
  unsettled: Decimal;
  /** the last price of each position's symbol, where there is one */
  lastPrices: ReadonlyMap<string, Decimal>;
  withPositions: boolean;
  /** positions that are shown besides, and count nowhere */
  unrelated: readonly object[];
}

/** `positions` is absent when there are none. */
export function shownAccount(state: AccountState): object {
  const { account, holdings, equity, withPositions, unrelated } = state;
  const own = holdings.positions.map((position) => shownPosition(position, state));
  const positions = withPositions ? [...unrelated, ...own] : [];
  const value = wire(equity);
  return {
    securitiesAccount: {
      ...{ type: account.type === 'cash' ? 'CASH' : 'MARGIN', accountNumber: account.account, roundTrips: 0 },
      ...{ isDayTrader: false, isClosingOnlyRestricted: false, pfcbFlag: false },
      ...(positions.length > 0 && { positions }),
      ...(account.type === 'cash' ? cashBalances(state) : balances(state)),
    },
    aggregatedBalance: { currentLiquidationValue: value, liquidationValue: value },
  };
}

function balances({ holdings, equity }: AccountState): object {
  const [cash, power, value] = [holdings.cash, holdings.buyingPower, equity].map(wire);
  return {
    initialBalances: { cashBalance: cash, buyingPower: power, equity: value },
    currentBalances: {
      ...{ cashBalance: cash, availableFunds: power, availableFundsNonMarginableTrade: power, buyingPower: power },
      ...{ buyingPowerNonMarginableTrade: power, dayTradingBuyingPower: 0, equity: value, liquidationValue: value },
      ...{ longMarketValue: wire(equity.minus(holdings.cash).max(Decimal.zero)), maintenanceCall: 0, regTCall: 0 },
    },
    projectedBalances: { availableFunds: power, buyingPower: power },
  };
}

/** Of an account without margin: what may be traded with holds proceeds that have not settled. */
function cashBalances({ holdings, equity, unsettled }: AccountState): object {
  const [cash, power, value] = [holdings.cash, holdings.buyingPower, equity].map(wire);
  const settledCash = wire(holdings.buyingPower.minus(unsettled).max(Decimal.zero));
  return {
    initialBalances: { totalCash: cash, cashAvailableForTrading: power, accountValue: value },
    currentBalances: {
      ...{
        totalCash: cash,
        cashBalance: cash,
        cashAvailableForTrading: power,
        cashAvailableForWithdrawal: settledCash,
      },
      ...{ unsettledCash: wire(unsettled), cashCall: 0, cashDebitCallValue: 0 },
      longNonMarginableMarketValue: wire(equity.minus(holdings.cash).max(Decimal.zero)),
    },
    projectedBalances: { cashAvailableForTrading: power, cashAvailableForWithdrawal: settledCash },
  };
}

function shownPosition(position: BookPosition, { lastPrices }: AccountState): object {
  const { symbol, quantity, averagePrice, assetClass } = position;
  const [long, short] = [quantity.max(Decimal.zero), quantity.negated().max(Decimal.zero)].map(wire);
  const price = lastPrices.get(symbol) ?? averagePrice;
  const average = wire(averagePrice.roundedTo(6, 'half_even'));
  return {
    ...{ shortQuantity: short, averagePrice: average, longQuantity: long },
    ...{ settledLongQuantity: long, settledShortQuantity: short, instrument: instrumentOf(symbol) },
    marketValue: wire(quantity.times(price).times(contractMultiplier(assetClass)).roundedTo(2, 'half_even')),
    ...(quantity.isPositive() && { averageLongPrice: average, taxLotAverageLongPrice: average }),
    ...(quantity.isNegative() && { averageShortPrice: average, taxLotAverageShortPrice: average }),
    currentDayCost: 0,
  };
}

/** The last price of each position's symbol, where it is known. */
export async function lastPricesOf(exchange: Exchange, holdings: Holdings): Promise<ReadonlyMap<string, Decimal>> {
  const prices = new Map<string, Decimal>();
  for (const { symbol } of holdings.positions) {
    const quote = await exchange.quote(symbol);
    const price = quote?.last ?? quote?.bid;
    if (price !== undefined) prices.set(symbol, decimal(price));
  }
  return prices;
}
