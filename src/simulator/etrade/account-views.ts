/** Accounts, balances and positions as E*TRADE shows them (docs/brokers/etrade.md, section 4). */
import { createHash } from 'node:crypto';
import { Decimal, decimal } from '../../domain/decimal.js';
import { contractMultiplier } from '../../domain/instrument.js';
import type { Quote } from '../../domain/market.js';
import type { BookPosition } from '../../matching/book.js';
import type { Account } from '../exchange/accounts.js';
import type { Holdings } from '../exchange/holdings.js';
import { wireNumber } from './order-views.js';
import { productOf } from './symbols.js';
import type { Tree } from './xml.js';

export function listedAccount({ account, type }: Account, accountIdKey: string): Tree {
  return {
    ...{
      accountId: account,
      accountIdKey,
      accountMode: modeOf(type),
      accountDesc: 'INDIVIDUAL',
      accountName: 'Simulated',
    },
    ...{ accountType: 'INDIVIDUAL', institutionType: 'BROKERAGE', accountStatus: 'ACTIVE', closedDate: 0 },
  };
}

function modeOf(type: Account['type']): string {
  return type === 'cash' ? 'CASH' : 'MARGIN';
}

export interface Balance {
  account: Account;
  holdings: Holdings;
  equity: Decimal;
  unsettled: Decimal;
}

export function balanceResponse({ account, holdings, equity, unsettled }: Balance): Tree {
  const mode = modeOf(account.type);
  const cash = wireNumber(holdings.cash);
  const power = wireNumber(holdings.buyingPower);
  const market = wireNumber(equity.minus(holdings.cash));
  return {
    BalanceResponse: {
      ...{
        accountId: account.account,
        accountType: mode,
        optionLevel: 'LEVEL_3',
        accountDescription: 'INDIVIDUAL',
        quoteMode: 6,
      },
      ...{ dayTraderStatus: 'NO_PDT', accountMode: mode },
      Cash: {
        fundsForOpenOrdersCash: wireNumber(holdings.cash.minus(holdings.buyingPower)),
        moneyMktBalance: cash,
      },
      Computed: {
        ...{ cashAvailableForInvestment: power, cashAvailableForWithdrawal: power, netCash: cash, cashBalance: cash },
        ...settlement(account, holdings, unsettled),
        ...{ cashBuyingPower: power, dtMarginBuyingPower: 0, dtCashBuyingPower: 0, accountBalance: cash },
        RealTimeValues: { totalAccountValue: wireNumber(equity), netMv: market },
      },
    },
  };
}

/** Of an account with margin everything is settled cash. */
function settlement({ type }: Account, { buyingPower }: Holdings, proceeds: Decimal): Tree {
  const unsettled = type === 'cash' ? proceeds.min(buyingPower) : Decimal.zero;
  return {
    settledCashForInvestment: wireNumber(buyingPower.minus(unsettled)),
    unSettledCashForInvestment: wireNumber(unsettled),
    ...(type !== 'cash' && { marginBuyingPower: wireNumber(buyingPower) }),
  };
}

/** A short position has a negative quantity (unconfirmed sign). */
export function shownPosition(position: BookPosition, quote: Quote | undefined): Tree {
  const { symbol, quantity, averagePrice, assetClass } = position;
  const price = decimal(quote?.last ?? quote?.bid ?? averagePrice.toString());
  const multiplier = contractMultiplier(assetClass);
  const cost = quantity.times(averagePrice).times(multiplier).roundedTo(2, 'half_even');
  const value = quantity.times(price).times(multiplier).roundedTo(2, 'half_even');
  const paid = wireNumber(averagePrice.roundedTo(6, 'half_even'));
  return {
    ...{ positionId: positionId(symbol), ...heldProduct(symbol), symbolDescription: symbol },
    ...{ quantity: wireNumber(quantity), positionType: quantity.isNegative() ? 'SHORT' : 'LONG' },
    ...{ pricePaid: paid, costPerShare: paid, totalCost: wireNumber(cost), marketValue: wireNumber(value) },
    totalGain: wireNumber(value.minus(cost)),
    Quick: { lastTrade: wireNumber(price), ...(quote && { lastTradeTime: Math.floor(quote.at / 1_000) }) },
  };
}

/** In a portfolio the id of an option's product is that of its underlying; its own is beside it. */
function heldProduct(symbol: string): Tree {
  const { productId, ...product } = productOf(symbol);
  if (typeof productId !== 'object' || Array.isArray(productId)) return { Product: product };
  const { symbol: osiKey = '' } = productId as Tree;
  return { osiKey, Product: { ...product, productId: { symbol: product.symbol ?? '', typeCode: 'EQUITY' } } };
}

/** A number that stays the same for as long as the position is there. */
function positionId(symbol: string): number {
  return Number.parseInt(createHash('sha256').update(symbol).digest('hex').slice(0, 7), 16);
}
