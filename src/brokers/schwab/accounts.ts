import { decimal } from '../../domain/decimal.js';
import type { AccountSnapshot, Position } from '../../domain/market.js';
import type { NamedAccount } from '../../wire/live-adapter.js';
import type { AccountAnswer, AccountNumber } from './schemas.js';
import { fromSchwabSymbol } from './symbols.js';

/** What Arbion can trade of what the account holds. */
export function positionsOf({ securitiesAccount }: AccountAnswer): Position[] {
  return securitiesAccount.positions.flatMap(({ instrument, longQuantity, shortQuantity, averagePrice }) => {
    const symbol = fromSchwabSymbol(instrument.symbol);
    const quantity = decimal(longQuantity).minus(decimal(shortQuantity));
    return symbol === undefined || quantity.isZero() ? [] : [{ symbol, quantity: quantity.toString(), averagePrice }];
  });
}

/** Dollars. Buying power is that for stocks; options of a margin account may have less. */
export function snapshotOf({ securitiesAccount, aggregatedBalance }: AccountAnswer): AccountSnapshot {
  if (securitiesAccount.type === 'MARGIN') {
    const { equity, cashBalance, buyingPower } = securitiesAccount.currentBalances;
    return { equity, cash: cashBalance, buyingPower };
  }
  const { totalCash, cashAvailableForTrading } = securitiesAccount.currentBalances;
  return { equity: aggregatedBalance.liquidationValue, cash: totalCash, buyingPower: cashAvailableForTrading };
}

/** `key`: the account's name in Schwab's paths. */
export function accountName({ accountNumber, hashValue }: AccountNumber): NamedAccount {
  return { key: hashValue, label: `…${accountNumber.slice(-4)}` };
}
